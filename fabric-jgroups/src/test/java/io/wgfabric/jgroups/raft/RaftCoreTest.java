package io.wgfabric.jgroups.raft;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.wgfabric.jgroups.raft.Effects.Refusal;
import io.wgfabric.jgroups.raft.Message.AppendRequest;
import io.wgfabric.jgroups.raft.Message.AppendResponse;
import io.wgfabric.jgroups.raft.Message.SnapshotRequest;
import io.wgfabric.jgroups.raft.Message.TimeoutNow;
import io.wgfabric.jgroups.raft.Message.VoteRequest;
import io.wgfabric.jgroups.raft.Message.VoteResponse;
import io.wgfabric.jgroups.raft.RaftCore.Role;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** One core, its messages given and taken by hand. It is "a" of a, b, c unless a test says otherwise. */
class RaftCoreTest {
    private static final Configuration ABC = Configuration.of(List.of("a", "b", "c"));
    private static final Settings SETTINGS = Settings.standard();
    private static final SnapshotMeta NO_SNAPSHOT = SnapshotMeta.NONE;

    private long now;

    private static Restored disk(long term, @Nullable String vote, Entry... entries) {
        return new Restored(term, vote, NO_SNAPSHOT, 0, 0, 0, List.of(entries), 0);
    }

    private static RaftCore core(Restored disk) {
        return new RaftCore("a", SETTINGS, bound -> 0, disk);
    }

    private static Entry founding(Configuration configuration) {
        return Entry.configuration(1, 1, configuration);
    }

    private static Entry command(long index, long term) {
        return new Entry(index, term, Entry.Kind.COMMAND, 1, index, new byte[] {1});
    }

    private Effects step(RaftCore core, Event... events) {
        return core.step(now, List.of(events));
    }

    private Effects receive(RaftCore core, String from, Message message) {
        return step(core, new Event.Received(from, message));
    }

    private static List<Message> to(String member, Effects effects) {
        List<Message> found = new ArrayList<>();
        effects.early().stream().filter(send -> send.to().equals(member)).forEach(send -> found.add(send.message()));
        effects.messages().stream().filter(send -> send.to().equals(member)).forEach(send -> found.add(send.message()));
        return found;
    }

    private static Message only(String member, Effects effects) {
        List<Message> found = to(member, effects);
        assertEquals(1, found.size(), found.toString());
        return found.get(0);
    }

    /** Makes it campaign and win with b's vote; its no-op is on its own disk only. */
    private void elect(RaftCore core) {
        step(core);
        now += 2 * SETTINGS.electionMillis();
        step(core);
        assertSame(Role.PRE_CANDIDATE, core.role());
        receive(core, "b", new VoteResponse(core.term() + 1, true, true));
        assertSame(Role.CANDIDATE, core.role());
        receive(core, "b", new VoteResponse(core.term(), false, true));
        assertSame(Role.LEADER, core.role());
        step(core, new Event.Persisted(core.lastIndex()));
    }

    /** An elected leader that has committed its no-op with b. */
    private RaftCore establish(Restored disk) {
        RaftCore core = core(disk);
        elect(core);
        receive(core, "b", new AppendResponse(core.term(), 0, true, core.lastIndex(), 0));
        assertEquals(core.lastIndex(), core.commit());
        return core;
    }

    @Test
    void whenLeaderIsSilent_thenFollowerAsksBeforeItRaisesTheTerm() {
        RaftCore core = core(disk(1, null, founding(ABC)));
        step(core);
        now += SETTINGS.electionMillis();
        Effects effects = step(core);
        VoteRequest request = (VoteRequest) only("b", effects);
        assertTrue(request.pre());
        assertEquals(2, request.term());
        assertEquals(1, core.term());
        assertNull(effects.hardState());
    }

    @Test
    void voteIsWrittenBeforeItLeaves_andGivenOncePerTerm() {
        RaftCore core = core(disk(1, null, founding(ABC)));
        Effects effects = receive(core, "b", new VoteRequest(2, false, false, 1, 1));
        assertEquals(new Effects.HardState(2, "b"), effects.hardState());
        assertEquals(new VoteResponse(2, false, true), only("b", effects));
        assertTrue(effects.early().isEmpty());
        assertEquals(
                new VoteResponse(2, false, false),
                only("c", receive(core, "c", new VoteRequest(2, false, false, 9, 2))));
        assertEquals(
                new VoteResponse(2, false, true),
                only("b", receive(core, "b", new VoteRequest(2, false, false, 1, 1))));
    }

    @Test
    void candidateWithAnOlderLog_getsNoVote() {
        RaftCore core = core(disk(3, null, founding(ABC), command(2, 3)));
        assertEquals(
                new VoteResponse(4, false, false),
                only("b", receive(core, "b", new VoteRequest(4, false, false, 5, 2))));
        assertEquals(
                new VoteResponse(5, false, false),
                only("b", receive(core, "b", new VoteRequest(5, false, false, 1, 3))));
    }

    @Test
    void votesOfOtherRounds_ofOthersAndOfTheWrongKind_doNotCount() {
        RaftCore core = core(disk(1, null, founding(ABC)));
        step(core);
        now += SETTINGS.electionMillis();
        step(core);
        receive(core, "x", new VoteResponse(2, true, true));
        assertSame(Role.PRE_CANDIDATE, core.role(), "a stranger");
        receive(core, "b", new VoteResponse(3, true, true));
        assertSame(Role.PRE_CANDIDATE, core.role(), "another round");
        receive(core, "b", new VoteResponse(2, true, true));
        assertSame(Role.CANDIDATE, core.role());
        receive(core, "b", new VoteResponse(1, false, true));
        receive(core, "c", new VoteResponse(3, true, true));
        assertSame(Role.CANDIDATE, core.role());
        receive(core, "c", new VoteResponse(2, false, true));
        assertSame(Role.LEADER, core.role());
    }

    @Test
    void whoHearsALeader_isNotMovedByCandidates_unlessTheLeaderAsked() {
        RaftCore core = core(disk(1, null, founding(ABC)));
        receive(core, "b", new AppendRequest(2, 0, 1, 1, 1, List.of()));
        assertTrue(to("c", receive(core, "c", new VoteRequest(9, true, false, 9, 9)))
                .isEmpty());
        assertTrue(to("c", receive(core, "c", new VoteRequest(9, false, false, 9, 9)))
                .isEmpty());
        assertEquals(2, core.term());
        assertEquals(
                new VoteResponse(3, false, true), only("c", receive(core, "c", new VoteRequest(3, false, true, 1, 1))));
    }

    @Test
    void memberWithAHigherTerm_isHeard() {
        RaftCore high = core(disk(9, null, founding(ABC)));
        AppendResponse answer =
                (AppendResponse) only("b", receive(high, "b", new AppendRequest(2, 0, 1, 1, 1, List.of())));
        assertEquals(9, answer.term());
        assertFalse(answer.success());
        RaftCore leader = establish(disk(1, null, founding(ABC)));
        receive(leader, "c", new AppendResponse(9, 0, false, 0, 0));
        assertSame(Role.FOLLOWER, leader.role());
        assertEquals(9, leader.term());
    }

    @Test
    void entriesOfEarlierTerms_areNotCommittedByCounting() {
        // Figure 3.7: an entry of term 2 is on a majority, and must not count as committed for that.
        RaftCore core = core(disk(2, null, founding(ABC), command(2, 2)));
        elect(core);
        assertEquals(3, core.lastIndex());
        receive(core, "b", new AppendResponse(core.term(), 0, true, 2, 0));
        assertEquals(0, core.commit());
        receive(core, "b", new AppendResponse(core.term(), 0, true, 3, 0));
        assertEquals(3, core.commit());
    }

    @Test
    void leaderCountsItsOwnDisk_onlyAfterTheSync() {
        RaftCore core = establish(disk(1, null, founding(ABC)));
        step(core, new Event.Propose(core.term(), "a", 1, 1, new byte[] {1}));
        receive(core, "b", new AppendResponse(core.term(), 0, true, 3, 0));
        assertEquals(2, core.commit());
        step(core, new Event.Persisted(3));
        assertEquals(3, core.commit());
    }

    @Test
    void commandForAnotherTerm_isRefused() {
        RaftCore core = establish(disk(1, null, founding(ABC)));
        Effects effects = step(core, new Event.Propose(core.term() + 1, "b", 1, 1, new byte[] {1}));
        assertEquals(1, effects.refused().size());
        assertTrue(effects.entries().isEmpty());
    }

    @Test
    void commandForATermBeforeTheStart_isNotRefused_sinceAnEarlierRunMayHaveAppendedIt() {
        RaftCore core = establish(disk(1, null, founding(ABC)));
        Effects effects = step(core, new Event.Propose(1, "b", 1, 1, new byte[] {1}));
        assertTrue(effects.refused().isEmpty());
        assertTrue(effects.entries().isEmpty());
    }

    @Test
    void mismatch_deletesNothing_andSaysHowFarTheLogsMayAgree() {
        RaftCore core = core(disk(3, null, founding(ABC), command(2, 2), command(3, 2), command(4, 3)));
        Effects effects = receive(core, "b", new AppendRequest(4, 0, 9, 4, 9, List.of()));
        assertEquals(new AppendResponse(4, 0, false, 9, 4), only("b", effects));
        effects = receive(core, "b", new AppendRequest(4, 0, 4, 4, 9, List.of()));
        assertEquals(new AppendResponse(4, 0, false, 4, 3), only("b", effects));
        assertEquals(4, core.lastIndex());
        assertEquals(0, core.commit());
    }

    @Test
    void resentBatch_withAMatchingHead_replacesOnlyTheConflictingTail() {
        RaftCore core = core(disk(2, null, founding(ABC), command(2, 2), command(3, 2), command(4, 2)));
        Effects effects = receive(core, "b", new AppendRequest(5, 0, 1, 1, 0, List.of(command(2, 2), command(3, 4))));
        assertEquals(3, core.lastIndex());
        assertEquals(List.of(3L), effects.entries().stream().map(Entry::index).toList());
        assertEquals(new AppendResponse(5, 0, true, 3, 0), only("b", effects));
    }

    @Test
    void answerAndCommit_goOnlyAsFarAsTheRequestVerified() {
        RaftCore core = core(disk(2, null, founding(ABC), command(2, 2), command(3, 2)));
        Effects effects = receive(core, "b", new AppendRequest(5, 0, 1, 1, 3, List.of()));
        assertEquals(1, core.commit());
        assertEquals(new AppendResponse(5, 0, true, 1, 0), only("b", effects));
        effects = receive(core, "b", new AppendRequest(5, 0, 1, 1, 3, List.of(command(2, 2))));
        assertEquals(2, core.commit());
        assertEquals(new AppendResponse(5, 0, true, 2, 0), only("b", effects));
    }

    @Test
    void conflictBelowTheCommitIndex_halts() {
        RaftCore core = core(disk(2, null, founding(ABC), command(2, 2)));
        receive(core, "b", new AppendRequest(3, 0, 2, 2, 2, List.of()));
        assertEquals(2, core.commit());
        IllegalStateException refused = assertThrows(
                IllegalStateException.class,
                () -> receive(core, "b", new AppendRequest(3, 0, 1, 1, 2, List.of(command(2, 3)))));
        assertTrue(String.valueOf(refused.getMessage()).contains("let it join"), refused.getMessage());
    }

    @Test
    void snapshotAtOrBelowTheCommitIndex_isIgnored() {
        RaftCore core = core(disk(2, null, founding(ABC), command(2, 2)));
        receive(core, "b", new AppendRequest(3, 0, 2, 2, 2, List.of()));
        Effects effects =
                receive(core, "b", new SnapshotRequest(3, 0, new SnapshotMeta(2, 2, ABC), 1, 0, 0, new byte[1]));
        assertNull(effects.install());
        assertEquals(new AppendResponse(3, 0, true, 2, 0), only("b", effects));
    }

    @Test
    void snapshotComesInPieces_andBringsItsConfiguration() {
        RaftCore core = core(Restored.nothing());
        SnapshotMeta meta = new SnapshotMeta(9, 3, ABC);
        int crc = checksum(new byte[] {1, 2, 3});
        receive(core, "b", new SnapshotRequest(3, 0, meta, 3, crc, 0, new byte[] {1, 2}));
        Effects repeated = receive(core, "b", new SnapshotRequest(3, 0, meta, 3, crc, 0, new byte[] {1, 2}));
        assertEquals(new Message.SnapshotResponse(3, 0, 9, 2), only("b", repeated));
        Effects last = receive(core, "b", new SnapshotRequest(3, 0, meta, 3, crc, 2, new byte[] {3}));
        Effects.Install install = last.install();
        assertEquals(3, install == null ? 0 : install.data().length);
        assertEquals(ABC, core.configuration());
        assertEquals(9, core.commit());
        assertTrue(core.isVoter());
    }

    @Test
    void snapshotThatIsNotWhatTheSenderWrote_isAskedForAgain() {
        RaftCore core = core(Restored.nothing());
        SnapshotMeta meta = new SnapshotMeta(9, 3, ABC);
        int crc = checksum(new byte[] {1, 2, 3});
        receive(core, "b", new SnapshotRequest(3, 0, meta, 3, crc, 0, new byte[] {1, 2}));
        Effects damaged = receive(core, "b", new SnapshotRequest(3, 0, meta, 3, crc, 2, new byte[] {4}));
        assertNull(damaged.install());
        assertEquals(new Message.SnapshotResponse(3, 0, 9, 0), only("b", damaged));
        assertEquals(0, core.commit());
        receive(core, "b", new SnapshotRequest(3, 0, meta, 3, crc, 0, new byte[] {1, 2}));
        assertNotNull(receive(core, "b", new SnapshotRequest(3, 0, meta, 3, crc, 2, new byte[] {3}))
                .install());
    }

    @Test
    void learnerNeverCampaigns() {
        RaftCore core = core(Restored.nothing());
        step(core);
        now += 10 * SETTINGS.electionMillis();
        Effects effects = step(core);
        assertTrue(effects.messages().isEmpty());
        assertSame(Role.FOLLOWER, core.role());
        assertEquals(0, core.term());
    }

    @Test
    void afterASnapshot_theQuorumIsThatOfItsConfiguration() {
        // Grown 1 to 3, snapshot, first node restarted alone: it must not elect itself.
        RaftCore core = core(new Restored(3, null, new SnapshotMeta(9, 3, ABC), 1, 9, 3, List.of(), 9));
        step(core);
        now += 10 * SETTINGS.electionMillis();
        step(core);
        assertSame(Role.PRE_CANDIDATE, core.role());
    }

    @Test
    void removedVoter_noLongerCounts() {
        Configuration four = ABC.with("d");
        RaftCore core = core(disk(1, null, founding(four)));
        step(core);
        now += SETTINGS.electionMillis();
        step(core);
        for (String voter : List.of("b", "c")) {
            receive(core, voter, new VoteResponse(2, true, true));
        }
        for (String voter : List.of("b", "c")) {
            receive(core, voter, new VoteResponse(2, false, true));
        }
        step(core, new Event.Connected(Set.of("a", "b", "c", "d")), new Event.Persisted(2));
        for (String voter : List.of("b", "d")) {
            receive(core, voter, new AppendResponse(2, 0, true, 2, 0));
        }
        assertEquals(2, core.commit());
        step(core, new Event.Change("d", false, "token"));
        step(core, new Event.Persisted(3));
        receive(core, "d", new AppendResponse(2, 0, true, 3, 0));
        assertEquals(2, core.commit(), "a and d are no majority of a, b, c");
        Effects effects = receive(core, "b", new AppendResponse(2, 0, true, 3, 0));
        assertEquals(3, core.commit());
        assertEquals(List.of(new Effects.Answer("token", null, 3)), effects.answers());
    }

    @Test
    void secondChange_waitsForTheFirst_andForTheLeadersOwnEntry() {
        RaftCore core = core(disk(1, null, founding(ABC)));
        elect(core);
        assertSame(Refusal.BUSY, refusal(step(core, new Event.Change("c", false, "early"))));
        receive(core, "b", new AppendResponse(2, 0, true, 2, 0));
        assertTrue(step(core, new Event.Change("c", false, "first")).answers().isEmpty());
        assertEquals(Set.of("a", "b"), core.configuration().voters());
        assertSame(Refusal.BUSY, refusal(step(core, new Event.Change("d", true, "second"))));
    }

    private static @Nullable Refusal refusal(Effects effects) {
        assertEquals(1, effects.answers().size());
        return effects.answers().get(0).refusal();
    }

    @Test
    void learner_becomesAVoterOnlyWhenItHasCaughtUp() {
        RaftCore core = establish(disk(1, null, founding(ABC)));
        assertSame(Refusal.NOT_READY, refusal(step(core, new Event.Change("d", true, "unknown"))));
        Effects effects = step(core, new Event.Connected(Set.of("a", "b", "c", "d")));
        assertTrue(only("d", effects) instanceof AppendRequest);
        assertSame(Refusal.NOT_READY, refusal(step(core, new Event.Change("d", true, "behind"))));
        receive(core, "d", new AppendResponse(2, 0, true, 2, 0));
        assertTrue(step(core, new Event.Change("d", true, "ready")).answers().isEmpty());
        assertTrue(core.configuration().has("d"));
    }

    @Test
    void truncatedConfiguration_isVoid() {
        RaftCore core = core(disk(2, null, founding(ABC), Entry.configuration(2, 2, ABC.with("d"))));
        assertTrue(core.configuration().has("d"));
        receive(core, "b", new AppendRequest(3, 0, 1, 1, 0, List.of(Entry.noop(2, 3))));
        assertFalse(core.configuration().has("d"));
    }

    @Test
    void leaderDoesNotRemoveItself_norTheLastVoter() {
        RaftCore core = establish(disk(1, null, founding(ABC)));
        assertSame(Refusal.IS_LEADER, refusal(step(core, new Event.Change("a", false, "self"))));
        RaftCore alone = core(disk(1, null, founding(Configuration.of(List.of("a")))));
        step(alone);
        step(alone, new Event.Persisted(2));
        assertSame(Role.LEADER, alone.role());
        assertSame(Refusal.LAST_VOTER, refusal(step(alone, new Event.Change("a", false, "last"))));
    }

    @Test
    void leaderWithoutAMajority_stepsDown() {
        RaftCore core = establish(disk(1, null, founding(ABC)));
        now += 2 * SETTINGS.electionMillis() + 1;
        Effects effects = step(core, new Event.Read("a", "read"));
        assertSame(Role.FOLLOWER, core.role());
        assertSame(Refusal.NOT_LEADER, refusal(effects));
    }

    /** What answers an old leader must not confirm the reads of the same member as the leader of a later term. */
    @Test
    void answerToAnEarlierTerm_carriesNoRound() {
        RaftCore core = core(disk(5, null, founding(ABC)));
        AppendResponse stale =
                (AppendResponse) only("b", receive(core, "b", new AppendRequest(4, 9, 1, 1, 1, List.of())));
        assertEquals(new AppendResponse(5, 0, false, 0, 0), stale);
        byte[] piece = {1};
        SnapshotMeta meta = new SnapshotMeta(3, 4, ABC);
        assertEquals(
                stale, only("b", receive(core, "b", new SnapshotRequest(4, 9, meta, 1, checksum(piece), 0, piece))));
    }

    @Test
    void readWaits_forACommitOfTheTerm_andForAMajorityThatConfirmsAfterIt() {
        RaftCore core = core(disk(1, null, founding(ABC)));
        elect(core);
        assertTrue(step(core, new Event.Read("a", "read")).answers().isEmpty());
        Effects effects = receive(core, "b", new AppendResponse(2, 0, true, 2, 0));
        assertTrue(effects.answers().isEmpty(), "that answer was on its way before the round began");
        AppendRequest round = (AppendRequest) to("c", effects).get(0);
        effects = receive(core, "c", new AppendResponse(2, round.round(), false, 1, 0));
        assertEquals(List.of(new Effects.Answer("read", null, 2)), effects.answers());
    }

    @Test
    void transfer_bringsTheTargetUpToDate_andStopsProposals() {
        RaftCore core = establish(disk(1, null, founding(ABC)));
        step(core, new Event.Propose(2, "a", 1, 1, new byte[] {1}));
        step(core, new Event.Persisted(3));
        Effects effects = step(core, new Event.Transfer("b"));
        assertTrue(to("b", effects).stream().noneMatch(TimeoutNow.class::isInstance));
        assertEquals(
                1,
                step(core, new Event.Propose(2, "a", 1, 2, new byte[] {1}))
                        .refused()
                        .size());
        effects = receive(core, "b", new AppendResponse(2, 0, true, 3, 0));
        assertTrue(to("b", effects).contains(new TimeoutNow(2)));
        RaftCore target = core(disk(2, null, founding(ABC)));
        effects = receive(target, "b", new TimeoutNow(2));
        assertEquals(new VoteRequest(3, false, true, 1, 1), only("c", effects));
    }

    @Test
    void followerBehindTheLog_getsTheSnapshot_andItsAnswersMoveIt() {
        SnapshotMeta meta = new SnapshotMeta(9, 1, ABC);
        RaftCore core = core(new Restored(1, null, meta, 5, 9, 1, List.of(), 9));
        elect(core);
        Effects effects = receive(core, "c", new AppendResponse(2, 0, false, 9, 3));
        assertEquals(1, effects.chunks().size());
        assertEquals(0, effects.chunks().get(0).offset());
        assertTrue(core.isSendingSnapshot());
        effects = receive(core, "c", new Message.SnapshotResponse(2, 0, 9, 4));
        assertEquals(4, effects.chunks().get(0).offset());
        effects = receive(core, "c", new AppendResponse(2, 0, true, 9, 0));
        assertFalse(core.isSendingSnapshot());
        AppendRequest next = (AppendRequest) only("c", effects);
        assertEquals(9, next.previousIndex());
        assertEquals(1, next.previousTerm());
        assertEquals(1, next.entries().size());
    }

    @Test
    void memberThatJoinsAgainEmpty_isFilledAgain_andGivesNoVoteBefore() {
        RaftCore core = establish(disk(1, null, founding(ABC)));
        Effects effects = receive(core, "b", new AppendResponse(2, 0, false, 2, 0));
        AppendRequest again = (AppendRequest) to("b", effects).get(0);
        assertEquals(0, again.previousIndex());
        assertEquals(2, again.entries().size());
        RaftCore empty = core(Restored.nothing());
        assertEquals(
                new VoteResponse(5, false, false),
                only("b", receive(empty, "b", new VoteRequest(5, false, false, 9, 4))));
    }

    @Test
    void whoIsBeingRemoved_campaignsUntilThatIsCommitted() {
        Configuration both = Configuration.of(List.of("a", "b"));
        RaftCore core = core(disk(2, null, founding(both), Entry.configuration(2, 2, both.without("a"))));
        step(core);
        now += 2 * SETTINGS.electionMillis();
        assertTrue(only("b", step(core)) instanceof VoteRequest);
        receive(core, "b", new AppendRequest(3, 0, 2, 2, 2, List.of()));
        now += 4 * SETTINGS.electionMillis();
        assertTrue(step(core).messages().isEmpty());
    }

    private static int checksum(byte[] bytes) {
        CRC32C crc = new CRC32C();
        crc.update(bytes);
        return (int) crc.getValue();
    }
}
