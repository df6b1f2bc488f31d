package io.wgfabric.jgroups.scenario;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.wgfabric.jgroups.scenario.Post.Kind;
import org.junit.jupiter.api.Test;

/** Who may lead. Sections are those of Ongaro's dissertation. */
class ElectionScenariosTest extends Scenarios {

    /** The quorum is counted from the voters, whatever they come from: section 4.1. */
    @Test
    void s01_afterASnapshotAndARestart_theFirstMemberAloneIsNoQuorum() {
        e().found("A", "B", "C");
        e().write("before");
        e().member("A").snapshot();
        e().crash("A");
        e().isolate("A");
        e().elect("B", "C");
        e().restart("A");
        e().elect("A");
        Request alone = e().propose("A", "alone");
        Request both = e().propose("B", "both");
        e().pass(1000);
        e().verify();
        assertFalse(alone.isAcknowledged());
        assertTrue(both.isAcknowledged());
    }

    /** An entry that is on no majority is not applied, and the configuration comes from the log: section 4.1. */
    @Test
    void s02_afterARestart_anUnreplicatedTailIsNeverApplied() {
        e().found("A", "B", "C");
        e().write("before");
        e().hold("A", ANYONE, Kind.APPEND);
        Request tail = e().propose("A", "tail");
        e().deliver();
        e().crash("A");
        e().isolate("A");
        e().restart("A");
        e().elect("A");
        e().pass(1000);
        assertFalse(e().member("A").applied().contains("tail"));
        e().lose("A", ANYONE);
        e().elect("B", "C");
        assertTrue(e().write("both").isAcknowledged());
        e().verify();
        assertFalse(e().member("A").applied().contains("tail"));
        assertFalse(tail.isAcknowledged());
    }

    /** A vote counts in the round in which it was asked for, and in no other: section 3.4. */
    @Test
    void s03_aLateVoteOfAnEarlierRoundDoesNotCount() {
        e().found("A", "B", "C");
        e().crash("A");
        e().restart("A");
        e().hold("A", "B", Kind.VOTE);
        e().hold("B", "A", Kind.VOTE_REQUEST);
        Runnable firstRound = () -> {
            e().release("B", "A", Kind.VOTE_REQUEST);
            e().deliver();
        };
        Runnable meanwhile = () -> {
            assertEquals("C", e().elect("C", "A"));
            e().release("A", "B", Kind.VOTE);
        };
        e().campaign(firstRound, "B", "A");
        e().campaign(meanwhile, "B", "A");
        e().verify();
    }

    /** One thread decides on term, vote and log: a vote takes back no entry that is acknowledged after it (3.6.1). */
    @Test
    void s04_aVoteBetweenTheTermCheckAndTheAppend_losesNoAcknowledgedEntry() {
        e().found("A", "B", "C");
        e().write("before");
        e().hold("A", ANYONE, Kind.APPEND);
        e().hold("C", "B", Kind.VOTE_REQUEST);
        e().propose("A", "raced");
        Runnable race = () -> {
            e().member("B").beforeAppend(() -> e().release("C", "B", Kind.VOTE_REQUEST));
            e().release("A", "B", Kind.APPEND);
            e().deliver();
            e().crash("A");
        };
        e().elect(race, "C", "B");
        e().letPass();
        e().lose(ANYONE, ANYONE);
        e().write("after");
        e().verify();
    }

    /** Term and vote are on disk before an answer leaves, and the term never goes back: sections 3.4 and 3.8. */
    @Test
    void s05_whateverChangeOfTheDiskAKillInterrupts_aMemberVotesOncePerTerm() {
        for (int operation = 0; operation < 6; operation++) {
            again(operation);
            votesOnceWhileItCatchesUp(operation);
        }
        for (int operation = 0; operation < 3; operation++) {
            again(10 + operation);
            votesOnceWhenTwoAsk(operation);
        }
    }

    private void votesOnceWhenTwoAsk(int operation) {
        e().found("A", "B", "C");
        e().crash("A");
        e().restart("A");
        e().hold(ANYONE, "B", Kind.VOTE_REQUEST);
        e().campaign(() -> {}, "C", "B");
        e().campaign(() -> {}, "A", "B");
        e().letPass();
        e().member("B").crashAt(operation);
        e().release("C", "B", Kind.VOTE_REQUEST);
        if (e().isUp("B")) {
            e().crash("B");
        }
        e().restart("B");
        e().release("A", "B", Kind.VOTE_REQUEST);
        e().deliver();
        e().verify();
    }

    private void votesOnceWhileItCatchesUp(int operation) {
        e().found("A", "B", "C");
        e().isolate("B");
        e().write("older");
        e().crash("A");
        e().heal();
        e().member("B").crashAt(operation);
        e().elect("C", "B");
        e().pass(1200);
        if (e().isUp("B")) {
            e().crash("B");
        }
        e().restart("A");
        e().restart("B");
        e().elect("A", "B");
        e().verify();
    }

    /** A quorum is one of the candidate's own latest configuration, not of a view nor of an old one: section 4.1. */
    @Test
    void s06_aMemberThatMissedTheGrowth_makesNoLeaderOfAMinority() {
        e().found("A", "B", "C");
        e().isolate("B");
        e().pass(1000);
        e().join("D");
        e().join("E");
        e().start("F");
        e().write("before");
        e().heal();
        e().isolate("B", "C", "F");
        Request majority = e().propose("A", "majority");
        e().deliver();
        assertTrue(majority.isAcknowledged());
        String leader = e().elect("B", "C", "F");
        if (leader != null) {
            e().propose(leader, "minority");
        }
        e().verify();
    }

    /** Whoever speaks in an old term is answered with the new one, and elections need no view: sections 3.3 and 9.6. */
    @Test
    void s17_aMemberThatComesBackWithAHigherTerm_isNotDeafForEver() {
        e().found("A", "B", "C");
        e().hold("C", "B", Kind.VOTE_REQUEST);
        e().elect("C", "B");
        e().letPass();
        e().lose(ANYONE, ANYONE);
        e().isolate("C");
        e().pass(1500);
        assertTrue(e().member("C").term() > e().member("A").term());
        e().heal();
        e().eldest("A");
        e().pass(1500);
        e().crash("B");
        e().mustProgress("without B");
        e().verify();
    }
}
