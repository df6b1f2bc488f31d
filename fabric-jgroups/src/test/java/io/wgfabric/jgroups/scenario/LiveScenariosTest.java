package io.wgfabric.jgroups.scenario;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.wgfabric.core.log.LogException;
import io.wgfabric.core.log.LogException.Outcome;
import io.wgfabric.core.log.LogStatus;
import io.wgfabric.jgroups.JGroupsLog;
import io.wgfabric.jgroups.MemberProcess;
import io.wgfabric.jgroups.Recorder;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Scenarios about what is above the core: threads, forwarding, halting. Whole members, on the loopback address. */
class LiveScenariosTest {
    private static final Duration PATIENCE = Duration.ofSeconds(20);
    private static final int COMMANDS = 300;

    private final String cluster = "live-" + Long.toHexString(System.nanoTime());
    private final List<InetSocketAddress> all = List.of(freePort(), freePort(), freePort());

    private static InetSocketAddress freePort() {
        InetAddress loopback = InetAddress.getLoopbackAddress();
        try (ServerSocket socket = new ServerSocket(0, 1, loopback)) {
            return new InetSocketAddress(loopback, socket.getLocalPort());
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }

    private JGroupsLog member(String id, Path directory, Recorder replica) {
        JGroupsLog.Builder builder = JGroupsLog.builder()
                .cluster(cluster)
                .self(id)
                .bind(all.get(id.charAt(0) - 'a'))
                .directory(directory.resolve(id))
                .members(() -> all)
                .plaintext();
        if (id.equals("a")) {
            builder.bootstrap();
        }
        JGroupsLog log = builder.build();
        log.start(replica);
        return log;
    }

    private static void follow(JGroupsLog log, String leader) {
        await().atMost(PATIENCE).until(() -> leader.equals(log.status().leader()));
    }

    private static <T> T get(CompletionStage<T> stage) throws Exception {
        return stage.toCompletableFuture().get(PATIENCE.toSeconds(), TimeUnit.SECONDS);
    }

    /** The write that fails ends the member; its asker hears that the outcome is unknown; the others lead. */
    @Test
    void s18_whenTheLeadersDiskIsFull_thenItHalts_andComesBackEqual(@TempDir Path directory) throws Exception {
        Recorder replicaOfB = new Recorder();
        try (SmallDisk disk = SmallDisk.mount(directory.resolve("a"));
                JGroupsLog b = member("b", directory, replicaOfB);
                JGroupsLog c = member("c", directory, new Recorder())) {
            Recorder halting = new Recorder();
            try (JGroupsLog a = member("a", directory, halting)) {
                follow(b, "a");
                follow(c, "a");
                get(a.addVoter("b", PATIENCE));
                get(a.addVoter("c", PATIENCE));
                get(a.append("one".getBytes(UTF_8), PATIENCE));
                disk.fill();
                ExecutionException failed = assertThrows(
                        ExecutionException.class, () -> get(a.append(new byte[3 * SmallDisk.PAGE], PATIENCE)));
                assertSame(
                        Outcome.UNKNOWN,
                        assertInstanceOf(LogException.class, failed.getCause()).outcome());
                await().atMost(PATIENCE).until(() -> halting.haltedBy() != null);
                assertSame(LogStatus.Role.HALTED, a.status().role());
                get(b.append("two".getBytes(UTF_8), PATIENCE));
            }
            disk.free();
            Recorder again = new Recorder();
            try (JGroupsLog a = member("a", directory, again)) {
                get(a.barrier(PATIENCE));
                get(b.barrier(PATIENCE));
                assertEquals(replicaOfB.commands(), again.commands());
            }
        }
    }

    /** Forwarded commands keep their identity from leader to leader: every one ends, none is applied twice. */
    @Test
    void s20_whenTheLeaderIsKilledWithForwardedCommands_thenEachEnds_andNoneIsAppliedTwice(@TempDir Path directory)
            throws Exception {
        Recorder replicaOfB = new Recorder();
        Recorder replicaOfC = new Recorder();
        try (MemberProcess a = MemberProcess.start(cluster, "a", all.get(0), directory.resolve("a"), true, all);
                JGroupsLog b = member("b", directory, replicaOfB);
                JGroupsLog c = member("c", directory, replicaOfC)) {
            follow(b, "a");
            follow(c, "a");
            get(c.addVoter("b", PATIENCE));
            get(c.addVoter("c", PATIENCE));
            List<CompletableFuture<byte[]>> answers = new ArrayList<>();
            for (int i = 0; i < COMMANDS; i++) {
                answers.add(
                        c.append(Integer.toString(i).getBytes(UTF_8), PATIENCE).toCompletableFuture());
                if (i == COMMANDS / 2) {
                    a.kill();
                }
            }
            List<String> acknowledged = new ArrayList<>();
            for (int i = 0; i < COMMANDS; i++) {
                if (hasSucceeded(answers.get(i))) {
                    acknowledged.add(Integer.toString(i));
                }
            }
            get(b.barrier(PATIENCE));
            get(c.barrier(PATIENCE));
            List<String> applied = replicaOfC.commands();
            assertEquals(replicaOfB.commands(), applied);
            assertTrue(applied.containsAll(acknowledged));
            assertTrue(acknowledged.size() > COMMANDS / 2, "the new leader has taken over: " + acknowledged.size());
            for (String command : applied) {
                assertEquals(1, Collections.frequency(applied, command), command);
            }
        }
    }

    /** Waits for the end, whichever it is. */
    private static boolean hasSucceeded(CompletableFuture<byte[]> answer) throws Exception {
        try {
            get(answer);
            return true;
        } catch (ExecutionException failed) {
            assertInstanceOf(LogException.class, failed.getCause());
            return false;
        }
    }
}
