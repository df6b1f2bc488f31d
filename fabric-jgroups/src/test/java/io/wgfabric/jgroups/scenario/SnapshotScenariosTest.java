package io.wgfabric.jgroups.scenario;

import static org.junit.jupiter.api.Assertions.assertTrue;

import io.wgfabric.jgroups.scenario.Post.Kind;
import org.junit.jupiter.api.Test;

/** Snapshots and what is left of the log after them. Sections are those of Ongaro's dissertation. */
class SnapshotScenariosTest extends Scenarios {

    /** A leader that does not know the term before its first entry sends the snapshot, and guesses nothing: 5.1. */
    @Test
    void s11_aLogThatBeginsWhereAFollowerGoesOn_deletesNothingOfTheFollowers() {
        e().found("A", "B", "C");
        e().hold(ANYONE, "A", Kind.ANSWER);
        Request one = e().propose("A", "one");
        Request two = e().propose("A", "two");
        e().deliver();
        e().release(ANYONE, "A", Kind.ANSWER);
        e().letPass();
        e().hold("A", "B", Kind.APPEND);
        Request three = e().propose("A", "three");
        e().deliver();
        assertTrue(one.isAcknowledged() && two.isAcknowledged() && three.isAcknowledged());
        e().letPass();
        e().lose("A", "B");
        e().member("A").snapshot();
        e().hold("A", "B", Kind.SNAPSHOT);
        e().pass(2500);
        e().mustHold("B", one, two);
        e().crash("A");
        e().letPass();
        e().lose(ANYONE, ANYONE);
        e().elect("B", "C");
        e().verify();
    }

    /** A snapshot at or below the commit index is ignored, however late it comes: section 5.1. */
    @Test
    void s12_aSecondSnapshotInFlight_takesNothingBack() {
        e().found("A", "B", "C");
        e().isolate("B");
        e().pass(100);
        e().write("one");
        e().member("A").snapshot();
        e().pass(100);
        e().heal();
        e().isolate("C");
        e().hold("A", "B", Kind.SNAPSHOT);
        e().pass(3500);
        e().releaseFirst("A", "B", Kind.SNAPSHOT);
        e().letPass();
        e().deliver();
        Request two = e().propose("A", "two");
        e().pass(200);
        assertTrue(two.isAcknowledged());
        e().release("A", "B", Kind.SNAPSHOT);
        e().crash("A");
        e().heal();
        e().elect("B", "C");
        e().verify();
    }

    /** State and log fit together whatever change of the disk a kill interrupts; the snapshot wins: section 5.1. */
    @Test
    void s13_aKillAtAnyStepOfAnInstallation_leavesOneStateOrTheOther() {
        int operation = 0;
        boolean crashed = true;
        for (; crashed && operation < 40; operation++) {
            again(operation);
            e().found("A", "B", "C");
            e().write("one");
            e().pass(2200);
            e().isolate("C");
            e().write("two");
            e().write("three");
            e().member("A").snapshot();
            e().heal();
            e().member("C").crashAt(operation);
            e().pass(2500);
            crashed = !e().isUp("C");
            if (crashed) {
                e().restart("C");
            }
            e().verify();
        }
        assertTrue(operation > 3 && !crashed, operation + " operations");
    }

    /** A member that was filled by a snapshot has it, and what came after it, when it starts again: section 5.1. */
    @Test
    void t02_membersThatWereFilledByASnapshot_haveTheirLogAfterARestart() {
        e().found("A");
        e().write("one");
        e().write("two");
        e().write("three");
        e().member("A").snapshot();
        e().join("B");
        e().join("C");
        e().write("four");
        e().pass(2200);
        e().crash("A");
        e().crash("B");
        e().crash("C");
        e().restart("B");
        e().restart("C");
        e().elect("B", "C");
        e().verify();
    }
}
