package io.wgfabric.javalin.cli;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.wgfabric.agent.Join;
import io.wgfabric.agent.NodeStore;
import io.wgfabric.api.NodeName;
import io.wgfabric.api.Role;
import io.wgfabric.javalin.server.FabricServer;
import io.wgfabric.javalin.server.TestCluster;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

class KeyCommandTest {
    private static final Duration PATIENCE = Duration.ofMinutes(2);

    @TempDir
    @SuppressWarnings("NullAway.Init")
    private Path root;

    private record Result(int exit, String out, String err) {}

    private Result run(String... arguments) {
        List<String> all = new ArrayList<>(List.of("key"));
        all.addAll(List.of(arguments));
        all.add("--data");
        all.add(root.resolve("m1").toString());
        StringWriter out = new StringWriter();
        StringWriter err = new StringWriter();
        CommandLine line = FabricCommand.commandLine();
        line.setOut(new PrintWriter(out, true)).setErr(new PrintWriter(err, true));
        return new Result(line.execute(all.toArray(String[]::new)), out.toString(), err.toString());
    }

    private String row(String key) {
        return run("list")
                .out()
                .lines()
                .filter(line -> line.startsWith(key))
                .findFirst()
                .orElseThrow();
    }

    @Test
    void authorityIsRetiredByHandOnlyKnowinglyWhileNodesAreBehind() throws Exception {
        try (TestCluster cluster = new TestCluster(root)) {
            FabricServer first = cluster.init("m1");
            Join.join(
                    new NodeStore(root.resolve("p1")),
                    new Join.Plan(
                            TestCluster.token(first, Role.PEER, 1),
                            Role.PEER,
                            new NodeName("p1"),
                            null,
                            TestCluster.freePort(),
                            TestCluster.freePort(),
                            "127.0.0.1",
                            null));
            await().atMost(PATIENCE)
                    .until(() -> first.fabric().view().cluster().orElseThrow().level() >= 2);
            assertTrue(run("list").out().lines().findFirst().orElseThrow().matches("KEY +STATE .* BEHIND"));

            assertEquals(0, run("rotate", "authority").exit());
            Result disturbed = run("rotate", "config");
            assertEquals(1, disturbed.exit());
            assertTrue(disturbed.err().contains("the authority certifies the key for configurations"), disturbed.err());
            // The manager goes over by itself, and the peer, which has no agent, does not.
            await().atMost(PATIENCE).until(() -> row("authority").matches("authority +old-kept +2 +1 +2 .* 1"));
            Result warned = run("retire", "authority");
            assertEquals(1, warned.exit());
            assertTrue(warned.err().contains("join again: 1; wait"), warned.err());
            assertTrue(row("authority").contains("old-kept"));

            Result retired = run("retire", "authority", "--yes");
            assertEquals(0, retired.exit(), retired.err());
            await().atMost(PATIENCE).until(() -> row("authority").matches("authority +at-rest +2 +2 +2 .* 1"));
            assertTrue(row("token").matches("token +at-rest .* -"));
        }
    }
}
