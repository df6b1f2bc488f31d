package io.wgfabric.jgroups;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.wgfabric.core.log.LogException;
import io.wgfabric.core.log.LogException.Outcome;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A leader here whose followers, in processes of their own, stop answering all at once. */
class LostMajorityTest {
    private static final Duration TIMEOUT = Duration.ofSeconds(8);

    @Test
    void leaderThatIsCutOff_endsEveryRequestInTime_refusesNewOnesAtOnce_andServesAgain(@TempDir Path directory)
            throws Exception {
        List<InetSocketAddress> all = List.of(Cluster.freePort(), Cluster.freePort(), Cluster.freePort());
        String name = "majority-" + Long.toHexString(System.nanoTime());
        try (MemberProcess b = MemberProcess.start(name, "b", all.get(1), directory.resolve("b"), false, all);
                MemberProcess c = MemberProcess.start(name, "c", all.get(2), directory.resolve("c"), false, all);
                JGroupsLog a = JGroupsLog.builder()
                        .cluster(name)
                        .self("a")
                        .bind(all.get(0))
                        .directory(directory.resolve("a"))
                        .members(() -> all)
                        .plaintext()
                        .bootstrap()
                        .build()) {
            Recorder replica = new Recorder();
            a.start(replica);
            a.addVoter("b", Cluster.LONG.multipliedBy(2)).toCompletableFuture().get(25, TimeUnit.SECONDS);
            a.addVoter("c", Cluster.LONG.multipliedBy(2)).toCompletableFuture().get(25, TimeUnit.SECONDS);
            append(a, "before").get(10, TimeUnit.SECONDS);
            b.pause();
            c.pause();
            long cut = System.nanoTime();
            List<CompletableFuture<byte[]>> inFlight = new ArrayList<>();
            for (int i = 0; i < 100; i++) {
                inFlight.add(append(a, "in flight " + i));
            }
            CompletableFuture<Void> read = a.barrier(TIMEOUT).toCompletableFuture();
            CompletableFuture<byte[]> waiting = waitsForALeader(a);
            long steppedDown = millisSince(cut);
            assertTrue(failure(read).isWithoutMajority(), "a read is in nobody's doubt");
            assertTrue(failure(waiting).isWithoutMajority());
            long refused = millisSince(cut);
            long asked = System.nanoTime();
            LogException atOnce = failure(append(a, "now"));
            long answered = millisSince(asked);
            assertSame(Outcome.NOT_APPLIED, atOnce.outcome());
            assertTrue(String.valueOf(atOnce.getMessage()).contains("of 3"), atOnce.toString());
            for (CompletableFuture<byte[]> one : inFlight) {
                assertSame(Outcome.UNKNOWN, failure(one).outcome());
            }
            long ended = millisSince(cut);
            System.out.println("figure: leader cut off: steps down after " + steppedDown + " ms, refuses after "
                    + refused + " ms (then in " + answered + " ms), the last request under way ends after " + ended
                    + " ms");
            assertTrue(steppedDown < 3000, "stepped down after " + steppedDown + " ms");
            assertTrue(refused < 6000, "refused after " + refused + " ms");
            assertTrue(answered < 1000, "refused in " + answered + " ms");
            assertTrue(ended < TIMEOUT.toMillis() + 2000, "ended after " + ended + " ms");
            b.resume();
            c.resume();
            await().atMost(Duration.ofSeconds(20)).until(() -> a.status().leader() != null);
            append(a, "after").get(10, TimeUnit.SECONDS);
            List<String> commands = replica.commands();
            assertEquals("before", commands.get(0));
            assertEquals("after", commands.get(commands.size() - 1));
            assertEquals(commands.size(), commands.stream().distinct().count(), "what was in doubt came once at most");
            assertTrue(commands.stream().noneMatch(command -> command.equals("now") || command.equals("waiting")));
        }
    }

    /** The first one that no leader takes. */
    private static CompletableFuture<byte[]> waitsForALeader(JGroupsLog log) {
        await().atMost(Cluster.LONG)
                .pollInterval(Duration.ofMillis(5))
                .until(() -> log.status().leader() == null);
        return append(log, "waiting");
    }

    private static long millisSince(long nanos) {
        return TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - nanos);
    }

    private static CompletableFuture<byte[]> append(JGroupsLog log, String command) {
        return log.append(command.getBytes(UTF_8), TIMEOUT).toCompletableFuture();
    }

    private static LogException failure(CompletableFuture<?> future) {
        ExecutionException thrown = assertThrows(ExecutionException.class, () -> future.get(20, TimeUnit.SECONDS));
        return assertInstanceOf(LogException.class, thrown.getCause());
    }
}
