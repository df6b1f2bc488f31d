package io.wgfabric.jgroups.scenario;

import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.wgfabric.jgroups.scenario.Violated.Kind;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;

/** jgroups-raft 1.1.4 itself, in the same scenarios: each breaks the promise that it is said to break. */
class StockFailsTest {

    private interface Scenario<T extends Scenarios> {
        void play(T scenarios) throws Exception;
    }

    @TestFactory
    Stream<DynamicTest> stockBreaksItsPromise(@TempDir(factory = InMemory.class) Path directory) {
        return Stream.of(
                fails(
                        "s01",
                        directory,
                        ElectionScenariosTest::new,
                        ElectionScenariosTest::s01_afterASnapshotAndARestart_theFirstMemberAloneIsNoQuorum,
                        Kind.TWO_LEADERS,
                        Kind.MINORITY,
                        Kind.DIVERGED),
                fails(
                        "s03",
                        directory,
                        ElectionScenariosTest::new,
                        ElectionScenariosTest::s03_aLateVoteOfAnEarlierRoundDoesNotCount,
                        Kind.TWO_LEADERS),
                fails(
                        "s04",
                        directory,
                        ElectionScenariosTest::new,
                        ElectionScenariosTest::s04_aVoteBetweenTheTermCheckAndTheAppend_losesNoAcknowledgedEntry,
                        Kind.LOST),
                fails(
                        "s05",
                        directory,
                        ElectionScenariosTest::new,
                        ElectionScenariosTest::s05_whateverChangeOfTheDiskAKillInterrupts_aMemberVotesOncePerTerm,
                        Kind.TWO_LEADERS),
                fails(
                        "s06",
                        directory,
                        ElectionScenariosTest::new,
                        ElectionScenariosTest::s06_aMemberThatMissedTheGrowth_makesNoLeaderOfAMinority,
                        Kind.LOST,
                        Kind.DIVERGED),
                fails(
                        "s07",
                        directory,
                        LogScenariosTest::new,
                        LogScenariosTest::s07_anOldLeadersSuffix_isNotCommittedByAMessageWithoutEntries,
                        Kind.DIVERGED),
                fails(
                        "s08",
                        directory,
                        LogScenariosTest::new,
                        LogScenariosTest::s08_aResentBatchWithAMatchingHead_replacesAConflictingTail,
                        Kind.LOST),
                fails(
                        "s09",
                        directory,
                        LogScenariosTest::new,
                        LogScenariosTest::s09_aCommitIndexAboveAStaleSuffix_commitsNothingOfIt,
                        Kind.DIVERGED),
                fails(
                        "s10",
                        directory,
                        LogScenariosTest::new,
                        LogScenariosTest::s10_aLeaderThatDiesBeforeItsOwnAppend_leavesAMismatchThatLosesNothing,
                        Kind.LOST),
                fails(
                        "s11",
                        directory,
                        SnapshotScenariosTest::new,
                        SnapshotScenariosTest::s11_aLogThatBeginsWhereAFollowerGoesOn_deletesNothingOfTheFollowers,
                        Kind.DELETED),
                fails(
                        "s12",
                        directory,
                        SnapshotScenariosTest::new,
                        SnapshotScenariosTest::s12_aSecondSnapshotInFlight_takesNothingBack,
                        Kind.LOST),
                fails(
                        "s13",
                        directory,
                        SnapshotScenariosTest::new,
                        SnapshotScenariosTest::s13_aKillAtAnyStepOfAnInstallation_leavesOneStateOrTheOther,
                        Kind.DIVERGED),
                fails(
                        "s14",
                        directory,
                        MembershipScenariosTest::new,
                        MembershipScenariosTest::s14_aRemovedMembersAcknowledgement_doesNotCount,
                        Kind.MINORITY),
                fails(
                        "s15",
                        directory,
                        MembershipScenariosTest::new,
                        MembershipScenariosTest::s15_aNewLeaderFinishesAnAdditionBeforeItRemoves,
                        Kind.LOST,
                        Kind.DIVERGED),
                fails(
                        "s16",
                        directory,
                        MembershipScenariosTest::new,
                        MembershipScenariosTest::s16_aLeaderThatRemovesItselfAndStops_leavesAClusterThatGoesOn,
                        Kind.STUCK),
                fails(
                        "s17",
                        directory,
                        ElectionScenariosTest::new,
                        ElectionScenariosTest::s17_aMemberThatComesBackWithAHigherTerm_isNotDeafForEver,
                        Kind.STUCK),
                fails(
                        "s18 full",
                        directory,
                        OperationScenariosTest::new,
                        OperationScenariosTest::s18_aLeaderWhoseDiskIsFull_hasStoredNothingByHalves,
                        Kind.DIVERGED),
                fails(
                        "s18 broken",
                        directory,
                        OperationScenariosTest::new,
                        OperationScenariosTest::s18_aLeaderWhoseDiskFails_makesRoomForAnother,
                        Kind.STUCK),
                fails(
                        "s19",
                        directory,
                        OperationScenariosTest::new,
                        OperationScenariosTest::s19_aLeaderThatStoodStillForTenSeconds_servesNothingOld,
                        Kind.STALE_READ,
                        Kind.MINORITY),
                fails(
                        "t01",
                        directory,
                        OperationScenariosTest::new,
                        OperationScenariosTest::t01_aReadWithoutAQuorum_acknowledgesNoWrite,
                        Kind.LOST,
                        Kind.MINORITY),
                fails(
                        "t02",
                        directory,
                        SnapshotScenariosTest::new,
                        SnapshotScenariosTest::t02_membersThatWereFilledByASnapshot_haveTheirLogAfterARestart,
                        Kind.LOST),
                fails(
                        "t06",
                        directory,
                        MembershipScenariosTest::new,
                        MembershipScenariosTest::t06_aLearnerCatchesUpUnderLoad,
                        Kind.STUCK));
    }

    private static <T extends Scenarios> DynamicTest fails(
            String name, Path directory, Supplier<T> scenarios, Scenario<T> scenario, Kind... kinds) {
        return DynamicTest.dynamicTest(name, () -> {
            T with = scenarios.get();
            with.begin(directory.resolve(name), StockMember::new);
            PrintStream err = System.err;
            System.setErr(new PrintStream(OutputStream.nullOutputStream())); // it prints what it swallows
            try {
                Violated violated = assertThrows(Violated.class, () -> scenario.play(with));
                assertTrue(violated.kinds().containsAll(List.of(kinds)), violated.toString());
            } finally {
                System.setErr(err);
                with.end();
            }
        });
    }

    /** 20: a request that was forwarded to a leader that dies neither succeeds nor fails. */
    @Test
    void s20_aForwardedRequestWhoseLeaderDies_neverEnds(@TempDir(factory = InMemory.class) Path directory) {
        try (Ensemble ensemble = new Ensemble(directory, StockMember::new)) {
            ensemble.found("A", "B", "C");
            Request forwarded = ensemble.propose("B", "forwarded");
            ensemble.crash("A");
            ensemble.elect("B", "C");
            ensemble.pass(60_000);
            ensemble.mustEnd(forwarded);
            Violated violated = assertThrows(Violated.class, ensemble::verify);
            assertTrue(violated.kinds().equals(Set.of(Kind.HANGS)), violated.toString());
        }
    }
}
