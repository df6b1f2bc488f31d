package io.wgfabric.javalin.server;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.wgfabric.agent.AtomicFiles;
import io.wgfabric.agent.ControlClient;
import io.wgfabric.api.Actor;
import io.wgfabric.api.AuditEntry;
import io.wgfabric.api.Command;
import io.wgfabric.api.Limits;
import io.wgfabric.api.Operator;
import io.wgfabric.api.Outcome;
import io.wgfabric.api.Rejection.Reason;
import io.wgfabric.api.RequestId;
import io.wgfabric.api.Role;
import io.wgfabric.core.codec.Json;
import io.wgfabric.core.crypto.OperatorCredential;
import io.wgfabric.javalin.cli.FabricCommand;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.stream.LongStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

/** {@code fabric audit} on a cluster that changes under it. */
@Timeout(300)
class AuditFollowTest {
    private static final Duration PATIENCE = Duration.ofSeconds(90);

    @TempDir
    @SuppressWarnings("NullAway.Init")
    private Path root;

    @SuppressWarnings("NullAway.Init")
    private TestCluster cluster;

    @BeforeEach
    void prepare() {
        cluster = new TestCluster(root);
    }

    @AfterEach
    void stop() {
        cluster.close();
    }

    /** A command that runs until it ends by itself or is stopped. */
    private static final class Running {
        private final StringWriter out = new StringWriter();
        private final StringWriter err = new StringWriter();
        private final CompletableFuture<Integer> exit = new CompletableFuture<>();
        private final Thread thread;

        Running(String... arguments) {
            CommandLine line = FabricCommand.commandLine();
            line.setOut(new PrintWriter(out, true)).setErr(new PrintWriter(err, true));
            thread = new Thread(() -> exit.complete(line.execute(arguments)), "command");
            thread.start();
        }

        /** The numbers of the entries that it has shown as JSON lines, in their order. */
        List<Long> numbers() {
            return out.toString()
                    .lines()
                    .map(line ->
                            Json.mapper().readTree(line).at("/entry/number").asLong())
                    .toList();
        }

        void stop() throws InterruptedException {
            thread.interrupt();
            thread.join(20_000);
        }
    }

    private static Running run(String... arguments) {
        return new Running(arguments);
    }

    private static String api(FabricServer server) {
        return Objects.requireNonNull(server.self().services()).api();
    }

    /** An operator's file that names these managers, in the order of asking. */
    private String context(String name, String credential, List<FabricServer> servers) throws IOException {
        OperatorFile own = OperatorFile.read(DataFolder.operatorFile(cluster.data("m1")));
        List<String> managers = servers.stream().map(AuditFollowTest::api).toList();
        Path file = root.resolve(name);
        AtomicFiles.write(
                file,
                Json.mapper()
                        .writeValueAsBytes(new OperatorFile(own.cluster(), managers, own.authority(), credential)));
        return file.toString();
    }

    private static long newest(FabricServer server) {
        List<AuditEntry> audit = server.fabric().view().audit();
        return audit.get(audit.size() - 1).number();
    }

    @Test
    void followerLosesAndRepeatsNothingWhenItsManagerStops() throws Exception {
        FabricServer first = cluster.init("m1");
        String token = TestCluster.token(first, Role.MGMT, 2);
        FabricServer second = cluster.join("m2", token);
        FabricServer third = cluster.join("m3", token);
        await().atMost(PATIENCE)
                .until(() -> third.fabric().log().status().voters().size() == 3);
        String own =
                OperatorFile.read(DataFolder.operatorFile(cluster.data("m1"))).credential();
        Running follower = run(
                "audit",
                "--follow",
                "--after",
                "0",
                "-o",
                "json",
                "--context",
                context("all.json", own, List.of(first, second, third)));
        try {
            await().atMost(PATIENCE).until(() -> follower.numbers().size() >= newest(first));
            CompletableFuture<Void> stopping = CompletableFuture.runAsync(first::close);
            ControlClient others = Access.operator(Path.of(context("others.json", own, List.of(second, third))));
            for (int i = 0; i < 5; i++) {
                others.call("POST", "/v1/tokens", Map.of("role", "peer"), Void.class);
            }
            stopping.join();
            await().atMost(PATIENCE)
                    .untilAsserted(() ->
                            assertEquals(newest(second), follower.numbers().size()));
        } finally {
            follower.stop();
        }
        List<Long> numbers = follower.numbers();
        assertEquals(LongStream.rangeClosed(1, numbers.size()).boxed().toList(), numbers);
    }

    @Test
    void followersOfARevokedOperatorEndAtEveryManager() throws Exception {
        FabricServer first = cluster.init("m1");
        FabricServer second = cluster.join("m2", TestCluster.token(first, Role.MGMT, 1));
        OperatorCredential credential = OperatorCredential.generate();
        submit(
                first,
                new Command.CreateOperator(
                        new Operator(credential.id(), "second", Operator.Access.VIEWER, credential.hash())));
        List<Running> followers = new ArrayList<>();
        try {
            for (FabricServer server : List.of(first, second)) {
                await().atMost(PATIENCE)
                        .until(() ->
                                server.fabric().view().operator(credential.id()).isPresent());
                String context = context(server.self().name() + ".json", credential.reveal(), List.of(server));
                followers.add(run("audit", "--follow", "--after", "0", "-o", "json", "--context", context));
            }
            for (Running follower : followers) {
                await().atMost(PATIENCE).until(() -> !follower.numbers().isEmpty());
            }

            submit(first, new Command.RevokeOperator(credential.id()));

            for (Running follower : followers) {
                await().atMost(PATIENCE).until(follower.exit::isDone);
                assertEquals(1, follower.exit.join());
                assertTrue(follower.err.toString().contains("it was revoked"), follower.err.toString());
            }
        } finally {
            for (Running follower : followers) {
                follower.stop();
            }
        }
    }

    @Test
    void chainWithoutItsBeginningIsVerifiedFromWhereItIsKeptOnAndSaysSo() throws Exception {
        FabricServer server = cluster.init("m1");
        int beyond = 50;
        List<CompletableFuture<Outcome>> recorded = new ArrayList<>();
        for (int i = 0; i < Limits.AUDIT_ENTRIES + beyond; i++) {
            recorded.add(later(server, new Command.RecordRefusal("test", Reason.NOT_ALLOWED, 1)));
        }
        recorded.forEach(outcome -> outcome.join().orThrow());
        List<AuditEntry> kept = server.fabric().view().audit();
        assertEquals(Limits.AUDIT_ENTRIES, kept.size());
        String context = DataFolder.operatorFile(cluster.data("m1")).toString();

        // The oldest that is kept serves for its hash alone.
        long first = kept.get(0).number() + 1;
        assertTrue(first > beyond);
        assertVerified(first, run("audit", "--verify", "--context", context));
        String export = root.resolve("audit.jsonl").toString();
        assertEquals(
                0, run("audit", "export", export, "--context", context).exit.join());
        assertVerified(first, run("audit", "--verify", "--file", export));
    }

    private static void assertVerified(long first, Running command) {
        assertEquals(0, command.exit.join(), command.err.toString());
        String out = command.out.toString();
        assertTrue(out.startsWith("Entries " + first + " to "), out);
        assertTrue(out.contains("Those before " + first + " are not among them"), out);
    }

    private static void submit(FabricServer server, Command command) {
        await().atMost(PATIENCE)
                .ignoreExceptions()
                .until(() -> later(server, command).join() instanceof Outcome.Accepted);
    }

    private static CompletableFuture<Outcome> later(FabricServer server, Command command) {
        return server.fabric()
                .submit(Actor.system("test"), new RequestId(UUID.randomUUID().toString()), command)
                .toCompletableFuture();
    }
}
