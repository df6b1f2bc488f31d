package io.wgfabric.jgroups;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.wgfabric.core.log.LogException;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Two members in processes of their own and one here; the leader is killed without a word. */
class KilledLeaderTest {
    private static final Duration FAILOVER_LIMIT = Duration.ofMillis(2500);

    @Test
    void whenLeaderIsKilled_thenSurvivorsElect_andNothingAcknowledgedIsLost(@TempDir Path directory) throws Exception {
        List<InetSocketAddress> all = List.of(Cluster.freePort(), Cluster.freePort(), Cluster.freePort());
        String cluster = "killed-" + Long.toHexString(System.nanoTime());
        try (MemberProcess a = MemberProcess.start(cluster, "a", all.get(0), directory.resolve("a"), true, all);
                MemberProcess b = MemberProcess.start(cluster, "b", all.get(1), directory.resolve("b"), false, all);
                JGroupsLog log = member(cluster, "c", all, 2, directory)) {
            Recorder replica = new Recorder();
            log.start(replica);
            List<String> acknowledged = new ArrayList<>();
            await().atMost(Duration.ofSeconds(20))
                    .until(() -> "a".equals(log.status().leader()));
            log.addVoter("b", Cluster.LONG.multipliedBy(2))
                    .toCompletableFuture()
                    .get(25, TimeUnit.SECONDS);
            log.addVoter("c", Cluster.LONG).toCompletableFuture().get(15, TimeUnit.SECONDS);
            for (int i = 0; i < 50; i++) {
                append(log, "before " + i, acknowledged);
            }
            a.kill();
            long killed = System.nanoTime();
            while (!append(log, "after", acknowledged)) {
                assertTrue(System.nanoTime() - killed < FAILOVER_LIMIT.toNanos() * 4, "no leader after the kill");
            }
            long millis = TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - killed);
            System.out.println("figure: kill of the leader to the next acknowledged append: " + millis + " ms");
            assertTrue(millis < FAILOVER_LIMIT.toMillis(), "took " + millis + " ms");
            log.barrier(Cluster.LONG).toCompletableFuture().get(15, TimeUnit.SECONDS);
            assertEquals(acknowledged, replica.commands());
            b.kill();
            // One of three is no quorum: it must not acknowledge anything.
            LogException refused = refusal(log);
            assertTrue(String.valueOf(refused.getMessage()).contains("within the timeout"), refused.toString());
        }
    }

    @Test
    void whenLeaderIsPaused_thenTheOthersGoOn_andItComesBackWithoutHarm(@TempDir Path directory) throws Exception {
        List<InetSocketAddress> all = List.of(Cluster.freePort(), Cluster.freePort(), Cluster.freePort());
        String cluster = "paused-" + Long.toHexString(System.nanoTime());
        try (MemberProcess a = MemberProcess.start(cluster, "a", all.get(0), directory.resolve("a"), true, all);
                JGroupsLog b = member(cluster, "b", all, 1, directory);
                JGroupsLog c = member(cluster, "c", all, 2, directory)) {
            Recorder replica = new Recorder();
            b.start(replica);
            c.start(new Recorder());
            await().atMost(Duration.ofSeconds(20))
                    .until(() -> "a".equals(b.status().leader()));
            b.addVoter("b", Cluster.LONG).toCompletableFuture().get(15, TimeUnit.SECONDS);
            b.addVoter("c", Cluster.LONG).toCompletableFuture().get(15, TimeUnit.SECONDS);
            List<String> acknowledged = new ArrayList<>();
            append(b, "before", acknowledged);
            a.pause();
            long paused = System.nanoTime();
            for (int i = 0; i < 20; i++) {
                append(b, "meanwhile " + i, acknowledged);
            }
            long millis = TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - paused);
            System.out.println("figure: pause of the leader to twenty acknowledged appends: " + millis + " ms");
            assertTrue(millis < 2 * FAILOVER_LIMIT.toMillis(), "took " + millis + " ms");
            assertEquals(21, acknowledged.size());
            a.resume();
            long term = b.status().term();
            append(c, "after", acknowledged);
            b.removeVoter("c", Cluster.LONG).toCompletableFuture().get(15, TimeUnit.SECONDS);
            append(b, "with a again", acknowledged);
            assertEquals(acknowledged, replica.commands());
            assertTrue(b.status().term() <= term + 2, "the one that comes back disturbs nobody");
        }
    }

    private static JGroupsLog member(
            String cluster, String id, List<InetSocketAddress> all, int number, Path directory) {
        return JGroupsLog.builder()
                .cluster(cluster)
                .self(id)
                .bind(all.get(number))
                .directory(directory.resolve(id))
                .members(() -> all)
                .plaintext()
                .build();
    }

    private static boolean append(JGroupsLog log, String command, List<String> acknowledged) throws Exception {
        try {
            log.append(command.getBytes(UTF_8), Duration.ofSeconds(5))
                    .toCompletableFuture()
                    .get(10, TimeUnit.SECONDS);
            acknowledged.add(command);
            return true;
        } catch (ExecutionException e) {
            return false;
        }
    }

    private static LogException refusal(JGroupsLog log) throws Exception {
        try {
            log.append("lost".getBytes(UTF_8), Duration.ofSeconds(2))
                    .toCompletableFuture()
                    .get(10, TimeUnit.SECONDS);
        } catch (ExecutionException e) {
            if (e.getCause() instanceof LogException refused) {
                return refused;
            }
        }
        throw new AssertionError("acknowledged without a quorum");
    }
}
