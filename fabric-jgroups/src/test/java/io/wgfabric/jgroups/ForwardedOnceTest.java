package io.wgfabric.jgroups;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.wgfabric.api.Actor;
import io.wgfabric.api.Bytes;
import io.wgfabric.api.ClusterId;
import io.wgfabric.api.Command;
import io.wgfabric.api.Operator;
import io.wgfabric.api.OperatorId;
import io.wgfabric.api.Outcome;
import io.wgfabric.api.Prefix;
import io.wgfabric.api.RequestId;
import io.wgfabric.api.Role;
import io.wgfabric.api.TokenId;
import io.wgfabric.core.ReplicatedFabric;
import io.wgfabric.core.log.LogException;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A leader in a process of its own is killed with the requests of a follower under way. */
class ForwardedOnceTest {
    private static final int COMMANDS = 400;
    private static final Actor SYSTEM = Actor.system("test");

    @Test
    void whenTheLeaderIsKilled_everyRequestEnds_andTheSameIdAtAnotherMemberGetsTheFirstAnswer(@TempDir Path directory)
            throws Exception {
        List<InetSocketAddress> all = List.of(Cluster.freePort(), Cluster.freePort(), Cluster.freePort());
        String name = "once-" + Long.toHexString(System.nanoTime());
        try (MemberProcess a = MemberProcess.start(name, "a", all.get(0), directory.resolve("a"), true, all);
                ReplicatedFabric b = ReplicatedFabric.open(log(name, "b", all, 1, directory), InstantSource.system());
                ReplicatedFabric c = ReplicatedFabric.open(log(name, "c", all, 2, directory), InstantSource.system())) {
            await().atMost(Duration.ofSeconds(20))
                    .until(() -> "a".equals(b.log().status().leader()));
            b.log().addVoter("b", Cluster.LONG).toCompletableFuture().get(15, TimeUnit.SECONDS);
            b.log().addVoter("c", Cluster.LONG).toCompletableFuture().get(15, TimeUnit.SECONDS);
            b.submit(SYSTEM, new RequestId("bootstrap"), bootstrap())
                    .toCompletableFuture()
                    .get(15, TimeUnit.SECONDS);
            List<CompletableFuture<Outcome>> first = new ArrayList<>();
            for (int i = 0; i < COMMANDS; i++) {
                first.add(create(b, i));
                if (i == COMMANDS / 2) {
                    first.get(0).get(15, TimeUnit.SECONDS);
                    a.kill();
                }
            }
            int answered = 0;
            for (int i = 0; i < COMMANDS; i++) {
                Outcome before = outcome(first.get(i));
                Outcome repeated = create(c, i).get(15, TimeUnit.SECONDS);
                assertInstanceOf(Outcome.Accepted.class, repeated, "command " + i);
                if (before != null) {
                    answered++;
                    assertEquals(before, repeated, "command " + i);
                }
            }
            System.out.println("figure: leader killed: " + answered + " of " + COMMANDS + " answered without a repeat");
            assertTrue(answered > 0);
            b.freshView().toCompletableFuture().get(15, TimeUnit.SECONDS);
            assertEquals(COMMANDS, b.view().tokens().size());
            assertEquals(
                    COMMANDS,
                    b.view().audit().stream()
                            .filter(entry -> entry.action().equals("create-token"))
                            .count());
            c.freshView().toCompletableFuture().get(15, TimeUnit.SECONDS);
            assertEquals(b.view().digest(), c.view().digest());
        }
    }

    /** Null where it is in doubt, which must be said. */
    private static @Nullable Outcome outcome(CompletableFuture<Outcome> future) throws Exception {
        try {
            return future.get(15, TimeUnit.SECONDS);
        } catch (ExecutionException e) {
            LogException failed = assertInstanceOf(LogException.class, e.getCause());
            assertSame(LogException.Outcome.UNKNOWN, failed.outcome(), failed.toString());
            return null;
        }
    }

    private static CompletableFuture<Outcome> create(ReplicatedFabric fabric, int number) {
        Command command = new Command.CreateToken(
                TokenId.of(number), Role.PEER, null, Duration.ofHours(1), 1, new TreeSet<>(), null, false);
        return fabric.submit(SYSTEM, new RequestId("create-" + number), command).toCompletableFuture();
    }

    private static Command bootstrap() {
        return new Command.BootstrapCluster(
                ClusterId.of(1),
                List.of(Prefix.parse("10.0.0.0/16")),
                Bytes.of(new byte[] {1}),
                new TreeMap<>(),
                new TreeMap<>(),
                new Operator(OperatorId.of(1), "admin", Operator.Access.ADMIN, Bytes.of(new byte[32])));
    }

    private static JGroupsLog log(String cluster, String id, List<InetSocketAddress> all, int number, Path directory) {
        return JGroupsLog.builder()
                .cluster(cluster)
                .self(id)
                .bind(all.get(number))
                .directory(directory.resolve(id))
                .members(() -> all)
                .plaintext()
                .build();
    }
}
