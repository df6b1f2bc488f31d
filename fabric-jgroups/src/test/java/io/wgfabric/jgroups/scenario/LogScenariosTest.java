package io.wgfabric.jgroups.scenario;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.wgfabric.jgroups.scenario.Post.Kind;
import org.junit.jupiter.api.Test;

/** How logs become equal again. Sections are those of Ongaro's dissertation. */
class LogScenariosTest extends Scenarios {

    /** A has a suffix that nobody else has; B leads and does not know. */
    private void leaveATail(String... tail) {
        e().found("A", "B", "C");
        e().hold("A", ANYONE, Kind.APPEND);
        for (String command : tail) {
            e().propose("A", command);
        }
        e().deliver();
        e().isolate("A");
        e().letPass();
        e().lose(ANYONE, ANYONE);
        assertEquals("B", e().elect("B", "C"));
        e().heal();
    }

    /** An answer and a commit index go as far as a request has verified, never to the log's end: section 3.5. */
    @Test
    void s07_anOldLeadersSuffix_isNotCommittedByAMessageWithoutEntries() {
        leaveATail("tail");
        e().pass(3000);
        e().hold("B", "A", Kind.APPEND);
        Request written = e().propose("B", "written");
        e().deliver();
        assertTrue(written.isAcknowledged());
        e().letPass();
        e().pass(3000);
        e().release("B", "A");
        e().crash("B");
        e().verify();
    }

    /** Every entry of a batch is compared, not the first one alone: section 3.5. */
    @Test
    void s08_aResentBatchWithAMatchingHead_replacesAConflictingTail() {
        e().found("A", "B", "C");
        e().hold(ANYONE, "A", Kind.ANSWER);
        e().propose("A", "head");
        e().deliver();
        e().hold("A", ANYONE, Kind.APPEND);
        e().propose("A", "tail");
        e().deliver();
        e().isolate("A");
        e().letPass();
        e().lose(ANYONE, ANYONE);
        assertEquals("B", e().elect("B", "C"));
        e().heal();
        e().hold("B", "C", Kind.APPEND);
        e().pass(3000);
        e().hold("B", "A", Kind.APPEND);
        Request written = e().propose("B", "written");
        e().deliver();
        e().letPass();
        e().lose("B", "A");
        e().hold("B", "C", Kind.APPEND);
        e().pass(3000);
        assertTrue(written.isAcknowledged());
        e().crash("B");
        e().letPass();
        e().lose(ANYONE, ANYONE);
        e().elect("A", "C");
        e().verify();
    }

    /** What a commit index covers is verified before it counts: section 3.5. */
    @Test
    void s09_aCommitIndexAboveAStaleSuffix_commitsNothingOfIt() {
        leaveATail("tail");
        e().hold("B", "A", Kind.APPEND);
        e().pass(100);
        Request written = e().propose("B", "written");
        e().deliver();
        assertTrue(written.isAcknowledged());
        e().letPass();
        e().lose("B", "A");
        e().read("B");
        e().deliver();
        e().verify();
    }

    /** A mismatch deletes nothing, and an answer is about its own request: section 3.5. */
    @Test
    void s10_aLeaderThatDiesBeforeItsOwnAppend_leavesAMismatchThatLosesNothing() {
        e().found("A", "B", "C");
        e().hold("A", "C", Kind.APPEND);
        e().member("A").crashAt(0);
        e().propose("A", "stale");
        e().deliver();
        e().restart("A");
        e().letPass();
        e().lose(ANYONE, ANYONE);
        assertEquals("A", e().elect("A", "C"));
        e().hold("B", "A", Kind.ANSWER);
        e().pass(1200);
        e().hold("A", ANYONE, Kind.APPEND);
        e().propose("A", "written");
        e().deliver();
        e().release("B", "A", Kind.ANSWER);
        e().letPass();
        e().lose("A", ANYONE);
        e().hold("A", "C", Kind.APPEND);
        e().propose("A", "next");
        e().deliver();
        e().crash("A");
        e().letPass();
        e().lose(ANYONE, ANYONE);
        e().elect("B", "C");
        e().verify();
    }

    /** An answer to a heartbeat proves nothing beyond the entry before it: section 3.5. */
    @Test
    void t24_anAnswerWithoutEntries_isNoAcknowledgementOfTheLogsEnd() {
        leaveATail("tail 1", "tail 2", "tail 3");
        e().hold("B", "A", Kind.ENTRIES);
        e().hold("B", "C", Kind.APPEND);
        e().pass(1000);
        Request written = e().propose("B", "written");
        e().pass(400);
        assertFalse(written.isAcknowledged());
        e().verify();
    }
}
