package io.wgfabric.jgroups;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.wgfabric.core.log.LogException;
import io.wgfabric.core.log.LogStatus;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Members with real JGroups on the loopback address. */
class JGroupsLogTest {
    private Path directory = Path.of("");
    private Cluster cluster = new Cluster(directory);

    @BeforeEach
    void open(@TempDir Path temporary) {
        directory = temporary;
        cluster = new Cluster(temporary);
    }

    @AfterEach
    void close() {
        cluster.close();
    }

    private static LogException failure(CompletableFuture<?> future) throws Exception {
        ExecutionException thrown = assertThrows(ExecutionException.class, () -> future.get(20, TimeUnit.SECONDS));
        return assertInstanceOf(LogException.class, thrown.getCause());
    }

    @Test
    void firstMemberServesAlone_andKeepsItsStateOverARestart() throws Exception {
        Cluster.Node a = cluster.first("a");
        assertEquals("1", a.append("one"));
        assertEquals("2", a.append("two"));
        cluster.stop("a");
        Cluster.Node again = cluster.start("a");
        await().atMost(Cluster.LONG).until(again::leads);
        assertEquals("3", again.append("three"));
        assertEquals(List.of("one", "two", "three"), again.replica().commands());
    }

    @Test
    void growsFromOneToThree_whileWriting() throws Exception {
        Cluster.Node a = cluster.first("a");
        AtomicBoolean writing = new AtomicBoolean(true);
        CompletableFuture<List<String>> writer = CompletableFuture.supplyAsync(() -> {
            List<String> acknowledged = new ArrayList<>();
            while (writing.get()) {
                String command = "write " + acknowledged.size();
                try {
                    a.append(command);
                } catch (Exception e) {
                    throw new IllegalStateException(e);
                }
                acknowledged.add(command);
            }
            return acknowledged;
        });
        Cluster.Node b = cluster.start("b");
        await().atMost(Cluster.LONG).until(() -> b.replica().size() > 0);
        assertTrue(Cluster.hasRole(b, LogStatus.Role.LEARNER));
        a.addVoter("b");
        Cluster.Node c = cluster.start("c");
        b.addVoter("c");
        writing.set(false);
        List<String> acknowledged = writer.get(20, TimeUnit.SECONDS);
        assertEquals(Set.of("a", "b", "c"), a.log().status().voters());
        assertEquals(acknowledged.size() + 1, Integer.parseInt(c.append("last")));
        cluster.agree();
        assertEquals(acknowledged, c.replica().commands().subList(0, acknowledged.size()));
    }

    @Test
    void whenLeaderCloses_thenItHandsOver_andWritesGoOn() throws Exception {
        Cluster.Node a = cluster.grow("a", "b", "c");
        a.append("one");
        long start = System.nanoTime();
        cluster.stop("a");
        Cluster.Node b = cluster.node("b");
        assertEquals("2", b.append("two"));
        assertTrue(System.nanoTime() - start < TimeUnit.SECONDS.toNanos(5));
        Cluster.Node again = cluster.start("a");
        again.barrier();
        assertEquals(List.of("one", "two"), again.replica().commands());
        assertEquals(Set.of("a", "b", "c"), again.log().status().voters());
    }

    @Test
    void wholeClusterRestarts_withWhatItKnew() throws Exception {
        cluster.grow("a", "b", "c").append("one");
        List.of("a", "b", "c").forEach(cluster::stop);
        Cluster.Node b = cluster.start("b");
        LogException alone = failure(
                b.log().append("alone".getBytes(UTF_8), Duration.ofSeconds(1)).toCompletableFuture());
        assertSame(LogException.Outcome.NOT_APPLIED, alone.outcome(), alone.toString());
        Cluster.Node c = cluster.start("c");
        assertEquals("2", c.append("two"));
        b.barrier();
        assertEquals(List.of("one", "two"), b.replica().commands());
    }

    @Test
    void joiningMember_getsASnapshot_whenTheLogIsCompacted() throws Exception {
        Cluster.Node a = cluster.start("a", builder -> builder.bootstrap().snapshotEvery(100, 1 << 20, 10));
        await().atMost(Cluster.LONG).until(a::leads);
        String large = "x".repeat(20_000);
        for (int i = 0; i < 130; i++) {
            a.append(i + large);
        }
        a.log().snapshot().toCompletableFuture().get(10, TimeUnit.SECONDS);
        a.append("after");
        Cluster.Node b = cluster.start("b");
        a.addVoter("b");
        cluster.agree();
        assertEquals(1, b.replica().restores());
        assertEquals(131, b.replica().size());
        cluster.stop("b");
        a.log().append("while away".getBytes(UTF_8), Duration.ofMillis(100));
        Cluster.Node again = cluster.start("b");
        again.barrier();
        assertTrue(again.replica().size() >= 131, "after a restart the snapshot is there");
        assertEquals(Set.of("a", "b"), again.log().status().voters());
    }

    @Test
    void snapshotsAreTakenByThemselves_andTheLogStaysSmall() throws Exception {
        Cluster.Node a = cluster.start("a", builder -> builder.bootstrap().snapshotEvery(200, 1 << 20, 10));
        await().atMost(Cluster.LONG).until(a::leads);
        List<CompletableFuture<byte[]>> all = new ArrayList<>();
        for (int i = 0; i < 2000; i++) {
            all.add(a.log().append(("c" + i).getBytes(UTF_8), Cluster.LONG).toCompletableFuture());
        }
        CompletableFuture.allOf(all.toArray(new CompletableFuture<?>[0])).get(20, TimeUnit.SECONDS);
        await().atMost(Cluster.LONG).until(() -> {
            try (var files = Files.list(directory.resolve("a"))) {
                return files.anyMatch(file -> file.toString().endsWith(".snapshot"));
            }
        });
        cluster.stop("a");
        Cluster.Node again = cluster.start("a");
        assertEquals(1, again.replica().restores());
        await().atMost(Cluster.LONG).until(again::leads);
        assertEquals("2001", again.append("last"));
        assertEquals(
                IntStream.range(0, 2000).mapToObj(i -> "c" + i).toList(),
                again.replica().commands().subList(0, 2000));
    }

    @Test
    void forwardedAppends_areAppliedHereWhenTheyComplete() throws Exception {
        cluster.grow("a", "b", "c");
        Cluster.Node b = cluster.node("b");
        assertFalse(b.leads());
        for (int i = 1; i <= 20; i++) {
            assertEquals(Integer.toString(i), b.append("forwarded " + i));
            assertEquals(i, b.replica().size());
        }
    }

    @Test
    void barrierOnAnyMember_seesWhatWasAcknowledgedBefore() throws Exception {
        Cluster.Node a = cluster.grow("a", "b", "c");
        for (int i = 1; i <= 20; i++) {
            a.append("write " + i);
            Cluster.Node reader = cluster.node(i % 2 == 0 ? "b" : "c");
            reader.barrier();
            assertEquals(i, reader.replica().size());
        }
    }

    @Test
    void removedVoter_noLongerCounts_andALeaderThatRemovesItselfHandsOver() throws Exception {
        Cluster.Node a = cluster.grow("a", "b", "c");
        a.log().removeVoter("a", Cluster.LONG).toCompletableFuture().get(15, TimeUnit.SECONDS);
        await().atMost(Cluster.LONG)
                .until(() -> cluster.node("b").log().status().voters().equals(Set.of("b", "c")));
        cluster.stop("a");
        Cluster.Node leader = cluster.leader();
        assertTrue(Set.of("b", "c").contains(leader.id()));
        assertEquals("1", leader.append("without a"));
        String other = leader.id().equals("b") ? "c" : "b";
        leader.log().removeVoter(other, Cluster.LONG).toCompletableFuture().get(15, TimeUnit.SECONDS);
        cluster.stop(other);
        assertEquals("2", leader.append("alone"));
        LogException last =
                failure(leader.log().removeVoter(leader.id(), Cluster.LONG).toCompletableFuture());
        assertSame(LogException.Outcome.NOT_APPLIED, last.outcome());
    }

    @Test
    void minorityAcknowledgesNothing_andEveryFutureEnds() throws Exception {
        Cluster.Node a = cluster.grow("a", "b");
        a.append("one");
        cluster.stop("b");
        LogException refused = failure(
                a.log().append("two".getBytes(UTF_8), Duration.ofSeconds(2)).toCompletableFuture());
        assertTrue(String.valueOf(refused.getMessage()).contains("timeout"), refused.toString());
        LogException unread = failure(a.log().barrier(Duration.ofSeconds(1)).toCompletableFuture());
        assertSame(LogException.Outcome.NOT_APPLIED, unread.outcome());
        assertEquals(1, a.replica().size());
    }

    @Test
    void throwingReplica_haltsTheMember() throws Exception {
        Cluster.Node a = cluster.first("a");
        a.append("one");
        a.replica().failWith(new IllegalStateException("no such command"));
        LogException failed =
                failure(a.log().append("two".getBytes(UTF_8), Cluster.LONG).toCompletableFuture());
        assertSame(LogException.Outcome.UNKNOWN, failed.outcome());
        await().atMost(Cluster.LONG).until(() -> a.replica().haltedBy() != null);
        assertSame(LogStatus.Role.HALTED, a.log().status().role());
        LogException later =
                failure(a.log().append("three".getBytes(UTF_8), Cluster.LONG).toCompletableFuture());
        assertSame(LogException.Outcome.NOT_APPLIED, later.outcome());
    }

    @Test
    void tooManyWaitingAppends_areRejected() throws Exception {
        Cluster.Node a = cluster.start("a", builder -> builder.maxPending(5)); // no bootstrap: nobody leads
        AtomicInteger rejected = new AtomicInteger();
        for (int i = 0; i < 8; i++) {
            a.log().append(new byte[] {1}, Duration.ofSeconds(1)).whenComplete((answer, error) -> {
                if (error instanceof LogException known && known.outcome() == LogException.Outcome.NOT_APPLIED) {
                    rejected.incrementAndGet();
                }
            });
        }
        assertEquals(3, rejected.get());
        await().atMost(Cluster.LONG).until(() -> rejected.get() == 8);
        assertTrue(failure(a.log().append(new byte[(1 << 20) + 1], Cluster.LONG).toCompletableFuture())
                .toString()
                .contains("at most"));
    }

    @Test
    void datagramsReachTheOthers_andOnlyThem() throws Exception {
        Cluster.Node a = cluster.grow("a", "b", "c");
        List<String> heard = new CopyOnWriteArrayList<>();
        for (String id : List.of("a", "b", "c")) {
            cluster.node(id).log().onBroadcast((from, bytes) -> heard.add(from + ">" + id + ":" + bytes.length));
        }
        a.log().broadcast(new byte[200_000]);
        await().atMost(Cluster.LONG).until(() -> heard.size() == 2);
        assertEquals(Set.of("a>b:200000", "a>c:200000"), Set.copyOf(heard));
    }

    @Test
    void statusListenersHearOfChanges_andOneDirectoryIsOneMember() throws Exception {
        Cluster.Node a = cluster.first("a");
        AtomicInteger changes = new AtomicInteger();
        a.log().onStatusChange(changes::incrementAndGet);
        cluster.start("b");
        await().atMost(Cluster.LONG)
                .until(() -> changes.get() > 0 && a.log().status().connected().equals(Set.of("a", "b")));
        JGroupsLog second = JGroupsLog.builder()
                .cluster(cluster.name())
                .self("a")
                .bind(Cluster.freePort())
                .directory(directory.resolve("a"))
                .members(List::of)
                .plaintext()
                .build();
        LogException refused = assertThrows(LogException.class, () -> second.start(new Recorder()));
        assertTrue(String.valueOf(refused.getMessage()).contains("in use"), refused.toString());
        second.close();
    }
}
