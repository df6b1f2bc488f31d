package io.wgfabric.jgroups.scenario;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.wgfabric.jgroups.scenario.Post.Kind;
import org.junit.jupiter.api.Test;

/** Changes of the voters. Sections are those of Ongaro's dissertation. */
class MembershipScenariosTest extends Scenarios {

    /** Whoever is removed counts for nothing after its removal, whatever it has acknowledged: section 4.1. */
    @Test
    void s14_aRemovedMembersAcknowledgement_doesNotCount() {
        e().found("A", "B", "C", "D", "E");
        e().hold(ANYONE, "A", Kind.ANSWER);
        e().change("A", "E", false);
        e().deliver();
        e().hold("A", "B", Kind.APPEND);
        e().hold("A", "C", Kind.APPEND);
        Request later = e().propose("A", "later");
        e().deliver();
        e().release("E", "A", Kind.ANSWER);
        e().release("B", "A", Kind.ANSWER);
        e().release("D", "A", Kind.ANSWER);
        e().crash("E");
        assertFalse(e().member("A").voters().contains("E"));
        e().verify();
        assertTrue(later.isAcknowledged());
    }

    /** One change at a time: a leader waits until the last one, and an entry of its term, are committed: section 4.1. */
    @Test
    void s15_aNewLeaderFinishesAnAdditionBeforeItRemoves() {
        e().found("A", "B", "C");
        e().start("D");
        e().write("for D");
        e().pass(2200);
        e().hold("A", "D", Kind.APPEND);
        e().hold(ANYONE, "A", Kind.ANSWER);
        e().change("A", "D", true);
        e().deliver();
        e().crash("A");
        e().letPass();
        e().lose(ANYONE, ANYONE);
        assertEquals("B", e().elect("B", "C", "D"));
        e().change("B", "A", false);
        e().deliver();
        e().hold("B", "C", Kind.APPEND);
        e().within(() -> !e().member("B").voters().contains("A")
                || e().change("B", "A", false).isAcknowledged());
        Request one = e().propose("B", "one");
        e().pass(2200);
        assertTrue(one.isAcknowledged());
        e().isolate("B", "D");
        e().restart("A");
        String other = e().elect("A", "C");
        if (other != null) {
            e().propose(other, "two");
        }
        e().pass(2200);
        e().verify();
    }

    /** Who leads and is to go hands over first, and stops when the rest know that it is gone: sections 3.10, 4.2.2. */
    @Test
    void s16_aLeaderThatRemovesItselfAndStops_leavesAClusterThatGoesOn() {
        e().found("A", "B", "C");
        leaveAndStop("A");
        e().elect("B", "C");
        e().mustProgress("by two");
        e().pass(2200);
        String leader = e().leader();
        assertTrue(leader != null);
        leaveAndStop(leader);
        e().mustProgress("by one");
        e().verify();
    }

    private void leaveAndStop(String id) {
        Request left = e().leave(id);
        assertTrue(left.isAcknowledged(), left.toString());
        e().crash(id);
    }

    /** A learner is filled while the leader is busy, not only when it is idle: section 4.2.1. */
    @Test
    void t06_aLearnerCatchesUpUnderLoad() {
        e().found("A");
        e().write("one");
        e().write("two");
        e().start("B");
        for (int i = 0; i < 100; i++) {
            e().propose("A", "load " + i);
            e().pass(100);
        }
        e().mustFollow("B");
        e().verify();
    }
}
