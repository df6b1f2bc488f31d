package io.wgfabric.jgroups.stack;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.wgfabric.core.log.LogException;
import io.wgfabric.core.log.LogException.Outcome;
import io.wgfabric.core.log.LogStatus;
import io.wgfabric.jgroups.raft.Configuration;
import io.wgfabric.jgroups.raft.Effects;
import io.wgfabric.jgroups.raft.Effects.Refusal;
import io.wgfabric.jgroups.raft.Entry;
import io.wgfabric.jgroups.raft.Event;
import io.wgfabric.jgroups.raft.SnapshotMeta;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** A follower's requests, with the network and the applying thread played by hand. */
class RequestsTest {
    private static final long ORIGIN = 77;
    private static final byte[] COMMAND = "command".getBytes(UTF_8);
    private static final Duration LONG = Duration.ofMinutes(1);

    private final List<Frame> sent = new ArrayList<>();
    private final Mailbox mailbox = new Mailbox();
    private final Network network = (member, frame) -> {
        sent.add(frame);
        return true;
    };
    private long nanos;
    private final Requests requests =
            new Requests("b", ORIGIN, 10, network, mailbox, Runnable::run, () -> nanos, () -> "nobody answers");

    private void pass(long millis) {
        nanos += TimeUnit.MILLISECONDS.toNanos(millis);
        requests.tick();
    }

    private void leader(long term, @Nullable String id) {
        requests.leadership(new Requests.Leadership(term, id));
    }

    private Frame.Forward forward(int number) {
        assertTrue(sent.size() > number, sent.toString());
        return assertInstanceOf(Frame.Forward.class, sent.get(number));
    }

    private static Entry entry(long index, long term, Frame.Forward forward) {
        return new Entry(index, term, Entry.Kind.COMMAND, forward.origin(), forward.request(), forward.command());
    }

    private static LogException failure(CompletableFuture<?> future) {
        assertTrue(future.isDone());
        CompletionException thrown = assertThrows(CompletionException.class, future::join);
        return assertInstanceOf(LogException.class, thrown.getCause());
    }

    @Test
    void anAnswerToAnEarlierRun_settlesNothing() {
        leader(1, "a");
        CompletableFuture<Void> lost = requests.ask(Question.Kind.READ, "", LONG);
        Frame.Ask before = assertInstanceOf(Frame.Ask.class, sent.get(0));
        Requests restarted = new Requests(
                "b", ORIGIN << 32, 10, network, mailbox, Runnable::run, System::nanoTime, () -> "nobody answers");
        restarted.leadership(new Requests.Leadership(1, "a"));
        CompletableFuture<Void> read = restarted.ask(Question.Kind.READ, "", LONG);
        restarted.received("a", new Frame.Told(before.request(), null, 0));
        assertFalse(read.isDone());
        assertFalse(lost.isDone());
    }

    @Test
    void commandWaitsForALeader_andIsAnsweredWhenItIsAppliedHere() {
        CompletableFuture<byte[]> answer = requests.append(COMMAND, LONG);
        assertTrue(sent.isEmpty());
        leader(3, "a");
        Frame.Forward forward = forward(0);
        assertEquals(3, forward.term());
        requests.applied(new Entry(8, 3, Entry.Kind.COMMAND, ORIGIN + 1, forward.request(), COMMAND), new byte[] {9});
        assertFalse(answer.isDone(), "another member's request of the same number");
        requests.applied(entry(9, 3, forward), new byte[] {1});
        assertArrayEquals(new byte[] {1}, answer.join());
    }

    @Test
    void whenTheLeaderIsGone_thenACommandIsSentAgainOnlyOnceItsTermHasPassed() {
        CompletableFuture<byte[]> answer = requests.append(COMMAND, LONG);
        leader(3, "a");
        leader(4, "c");
        requests.tick();
        assertEquals(1, sent.size(), "it may be in the new leader's log");
        requests.termPassed(4);
        Frame.Forward again = forward(1);
        assertEquals(4, again.term());
        requests.applied(entry(12, 4, again), new byte[] {2});
        assertArrayEquals(new byte[] {2}, answer.join());
    }

    @Test
    void whenTheNewLeaderHasTheCommand_thenItIsNotSentAgain() {
        CompletableFuture<byte[]> answer = requests.append(COMMAND, LONG);
        leader(3, "a");
        leader(4, "c");
        requests.applied(entry(9, 3, forward(0)), new byte[] {1});
        requests.termPassed(4);
        assertArrayEquals(new byte[] {1}, answer.join());
        assertEquals(1, sent.size());
    }

    @Test
    void refusedCommand_isSentAgain_andALateRefusalOfTheFirstAttemptIsIgnored() {
        CompletableFuture<byte[]> answer = requests.append(COMMAND, LONG);
        leader(3, "a");
        Frame.Refused refused = new Frame.Refused(3, forward(0).request());
        requests.received("a", refused);
        requests.tick();
        assertEquals(2, sent.size());
        requests.received("a", refused);
        requests.tick();
        assertEquals(2, sent.size(), "the second attempt was not refused");
        assertFalse(answer.isDone());
    }

    @Test
    void commandThatIsRefusedAgainAndAgain_neverTakesTheNumberOfAnother() {
        leader(3, "a");
        CompletableFuture<byte[]> refused = requests.append(COMMAND, LONG);
        CompletableFuture<byte[]> other = requests.append(COMMAND, LONG);
        Frame.Forward others = forward(1);
        Frame.Forward last = forward(0);
        for (int i = 0; i < 10_000; i++) {
            requests.received("a", new Frame.Refused(3, last.request()));
            requests.tick();
            last = assertInstanceOf(Frame.Forward.class, sent.get(sent.size() - 1));
            assertTrue(last.request() <= others.request(), "attempt " + i);
        }
        assertTrue(sent.size() < 5_000, "it is not tried for ever");
        requests.applied(entry(9, 3, others), new byte[] {1});
        assertArrayEquals(new byte[] {1}, other.join());
        assertFalse(refused.isDone());
        pass(LONG.toMillis());
        assertSame(Outcome.NOT_APPLIED, failure(refused).outcome());
    }

    @Test
    void commandThatMayBeLost_isSentToTheSameLeaderAgain_underTheSameNumber() {
        CompletableFuture<byte[]> answer = requests.append(COMMAND, LONG);
        leader(3, "a");
        pass(900);
        assertEquals(1, sent.size(), "it is on its way");
        pass(200);
        assertEquals(2, sent.size());
        assertEquals(forward(0).request(), forward(1).request());
        assertEquals(3, forward(1).term());
        requests.applied(entry(9, 3, forward(1)), new byte[] {1});
        assertArrayEquals(new byte[] {1}, answer.join());
        pass(2000);
        assertEquals(2, sent.size());
    }

    @Test
    void commandThatArrivesTwice_isProposedOnce() {
        Frame.Forward first = new Frame.Forward(3, 5, 7 << 12, COMMAND);
        requests.received("c", first);
        requests.received("c", first);
        requests.received("d", new Frame.Forward(3, 6, 7 << 12, COMMAND));
        assertEquals(List.of("c", "d"), proposed());

        requests.refused(new Effects.Refused(new Event.Propose(3, "c", 5, 7 << 12, COMMAND), Refusal.NOT_LEADER));
        requests.received("c", first);
        assertEquals(
                List.of(new Frame.Refused(3, 7 << 12), new Frame.Refused(3, 7 << 12)),
                sent,
                "the first refusal may have been lost");
        requests.received("c", new Frame.Forward(4, 5, (7 << 12) + 1, COMMAND));
        requests.received("c", first);
        assertEquals(List.of("c"), proposed(), "an attempt that was given up comes late");
    }

    private List<String> proposed() {
        List<Event> events = new ArrayList<>();
        mailbox.drainTo(events);
        return events.stream().map(event -> ((Event.Propose) event).from()).toList();
    }

    @Test
    void outcomeOfATimeout_saysWhetherItWasSent() {
        CompletableFuture<byte[]> never = requests.append(COMMAND, Duration.ZERO);
        requests.tick();
        assertSame(Outcome.NOT_APPLIED, failure(never).outcome());
        leader(3, "a");
        CompletableFuture<byte[]> sentOnce = requests.append(COMMAND, Duration.ZERO);
        requests.tick();
        assertSame(Outcome.UNKNOWN, failure(sentOnce).outcome());
    }

    @Test
    void whileNobodyLeads_requestsWaitAsLongAsAnElectionTakes_andAreRefusedThen() {
        pass(0);
        CompletableFuture<byte[]> command = requests.append(COMMAND, LONG);
        CompletableFuture<Void> read = requests.ask(Question.Kind.READ, "", LONG);
        CompletableFuture<Void> change = requests.ask(Question.Kind.ADD_VOTER, "d", LONG);
        pass(1999);
        assertFalse(command.isDone() || read.isDone() || change.isDone());
        pass(1);
        for (CompletableFuture<?> refused : List.of(command, read, change)) {
            assertTrue(failure(refused).isWithoutMajority());
            assertSame(Outcome.NOT_APPLIED, failure(refused).outcome());
        }
        assertEquals("nobody answers", failure(requests.append(COMMAND, LONG)).getMessage());
        assertTrue(failure(requests.ask(Question.Kind.READ, "", LONG)).isWithoutMajority());
        leader(3, "a");
        assertFalse(requests.append(COMMAND, LONG).isDone(), "somebody leads again");
        assertEquals(1, sent.size(), "what was refused is not sent later");
    }

    @Test
    void electionThatSucceeds_letsWhatWaitsThrough() {
        leader(3, "a");
        pass(10);
        leader(4, null);
        pass(10);
        CompletableFuture<byte[]> answer = requests.append(COMMAND, LONG);
        pass(1500);
        leader(4, "c");
        pass(5000);
        assertFalse(answer.isDone());
        requests.applied(entry(9, 4, forward(0)), new byte[] {1});
        assertArrayEquals(new byte[] {1}, answer.join());
    }

    @Test
    void whatALeaderMayHave_staysInDoubtUntilItsTimeout() {
        leader(3, "a");
        CompletableFuture<byte[]> command = requests.append(COMMAND, Duration.ofSeconds(8));
        CompletableFuture<Void> change = requests.ask(Question.Kind.REMOVE_VOTER, "d", Duration.ofSeconds(8));
        CompletableFuture<Void> read = requests.ask(Question.Kind.READ, "", Duration.ofSeconds(8));
        leader(4, null);
        pass(0);
        pass(7999);
        assertTrue(failure(read).isWithoutMajority());
        assertFalse(command.isDone() || change.isDone());
        pass(1);
        assertSame(Outcome.UNKNOWN, failure(command).outcome());
        assertSame(Outcome.UNKNOWN, failure(change).outcome());
    }

    @Test
    void refusalForWantOfAMajority_namesWhoIsMissing() {
        assertEquals(
                "no majority of the managers answers (2 of 3 unreachable: m-b, m-c); writes are refused until one is"
                        + " back",
                Absence.of(status(Set.of("m-a", "m-b", "m-c"), Set.of("m-a", "m-x"))));
        assertTrue(Absence.of(status(Set.of("a", "b", "c", "d"), Set.of("a"))).contains("until 2 are back"));
        assertTrue(Absence.of(status(Set.of("a", "b", "c"), Set.of("a", "b"))).contains("2 of 3 are connected"));
        assertTrue(Absence.of(status(Set.of(), Set.of("a"))).contains("not got the log"));
    }

    private static LogStatus status(Set<String> voters, Set<String> connected) {
        return new LogStatus("m-a", LogStatus.Role.FOLLOWER, null, 1, 0, 0, new TreeSet<>(voters), connected);
    }

    @Test
    void snapshotThatMayContainACommand_leavesItsOutcomeUnknown() {
        leader(3, "a");
        CompletableFuture<byte[]> answer = requests.append(COMMAND, LONG);
        requests.installed(new SnapshotMeta(100, 3, Configuration.of(Set.of("a", "b", "c"))));
        assertSame(Outcome.UNKNOWN, failure(answer).outcome());
    }

    @Test
    void readIsAskedAgain_andWaitsUntilTheIndexIsApplied() {
        leader(3, "a");
        CompletableFuture<Void> read = requests.ask(Question.Kind.READ, "", LONG);
        Frame.Ask ask = assertInstanceOf(Frame.Ask.class, sent.get(0));
        requests.received("a", new Frame.Told(ask.request(), Refusal.NOT_LEADER, 0));
        leader(4, "c");
        assertEquals(ask, sent.get(1));
        requests.received("c", new Frame.Told(ask.request(), null, 20));
        assertFalse(read.isDone());
        requests.appliedTo(19);
        assertFalse(read.isDone());
        requests.appliedTo(20);
        assertTrue(read.isDone() && !read.isCompletedExceptionally());
    }

    @Test
    void commandForAFollower_goesToTheCore_underTheAskersName() throws InterruptedException {
        requests.received("c", new Frame.Forward(5, 1, 2, COMMAND));
        List<Event> events = new ArrayList<>();
        mailbox.take(events, 0);
        Event.Propose propose = assertInstanceOf(Event.Propose.class, events.get(0));
        assertEquals("c", propose.from());
        assertEquals(5, propose.term());
    }

    @Test
    void limitsHold_andAfterAStopEverythingFails() {
        List<CompletableFuture<byte[]>> waiting = new ArrayList<>();
        for (int i = 0; i < 10; i++) {
            waiting.add(requests.append(COMMAND, LONG));
        }
        assertSame(Outcome.NOT_APPLIED, failure(requests.append(COMMAND, LONG)).outcome());
        requests.stop(new IllegalStateException("disk"));
        waiting.forEach(one -> assertSame(Outcome.UNKNOWN, failure(one).outcome()));
        assertSame(Outcome.NOT_APPLIED, failure(requests.append(COMMAND, LONG)).outcome());
        assertSame(
                Outcome.NOT_APPLIED,
                failure(requests.ask(Question.Kind.READ, "", LONG)).outcome());
    }

    @Test
    void everyFrame_comesBackAsItWas() {
        List<Frame> frames = List.of(
                new Frame.Refused(1, 2),
                new Frame.Ask(3, Question.Kind.ADD_VOTER, "zoë"),
                new Frame.Told(4, Refusal.BUSY, 5),
                new Frame.Told(4, null, 5));
        for (Frame frame : frames) {
            byte[] bytes = Frame.encode(frame);
            assertEquals(frame, Frame.decode(bytes, 0, bytes.length));
        }
        byte[] forward = Frame.encode(new Frame.Forward(1, 2, 3, COMMAND));
        assertArrayEquals(forward, Frame.encode(Frame.decode(forward, 0, forward.length)));
        assertThrows(RuntimeException.class, () -> Frame.decode(new byte[] {1, 99}, 0, 2));
        assertThrows(RuntimeException.class, () -> Frame.decode(new byte[] {2, 1}, 0, 2));
    }
}
