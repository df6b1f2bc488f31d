package io.wgfabric.javalin.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;

import io.wgfabric.core.codec.Json;
import io.wgfabric.javalin.server.TestCluster;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

class WatchingTest {
    @TempDir
    @SuppressWarnings("NullAway.Init")
    private Path root;

    @Test
    void whatMovesByItselfIsNoChange() {
        String before = Watching.mark(Json.mapper().readTree("""
                [{"name":"m1","status":"online","lastSeen":"2026-03-01T00:00:00Z","traffic":{"sent":1}}]"""));

        assertEquals(before, Watching.mark(Json.mapper().readTree("""
                [{"name":"m1","status":"online","lastSeen":"2026-03-01T00:00:05Z","cause":"silent for 9 s"}]""")));
        assertNotEquals(before, Watching.mark(Json.mapper().readTree("""
                [{"name":"m1","status":"suspect","lastSeen":"2026-03-01T00:00:00Z"}]""")));
        assertEquals(
                Watching.mark(Json.mapper().readTree("{\"revision\":1,\"raft\":{\"committed\":7}}")),
                Watching.mark(Json.mapper().readTree("{\"revision\":1,\"raft\":{\"committed\":8}}")));
    }

    @Test
    void onAPipeEachChangeIsPrintedOnceUntilInterrupted() throws Exception {
        try (TestCluster cluster = new TestCluster(root)) {
            cluster.init("m1");
            String data = root.resolve("m1").toString();
            StringWriter out = new StringWriter();
            CommandLine line = FabricCommand.commandLine();
            line.setOut(new PrintWriter(out, true)).setErr(new PrintWriter(new StringWriter(), true));
            Thread watcher =
                    new Thread(() -> line.execute("status", "--watch", "-o", "json", "--data", data), "watcher");
            watcher.start();
            try {
                Awaitility.await()
                        .atMost(Duration.ofSeconds(60))
                        .until(() -> !tokens(out).isEmpty());
                int before = tokens(out).get(0);
                assertEquals(
                        0,
                        Run.of("token", "create", "--role", "peer", "--data", data)
                                .exit());
                Awaitility.await()
                        .atMost(Duration.ofSeconds(60))
                        .until(() -> tokens(out).contains(before + 1));
            } finally {
                watcher.interrupt();
                watcher.join(20_000);
            }
            assertFalse(watcher.isAlive());
            List<String> lines = out.toString().lines().toList();
            for (int i = 1; i < lines.size(); i++) {
                assertNotEquals(
                        Watching.mark(Json.mapper().readTree(lines.get(i - 1))),
                        Watching.mark(Json.mapper().readTree(lines.get(i))));
            }
        }
    }

    private static List<Integer> tokens(StringWriter out) {
        return out.toString()
                .lines()
                .map(line -> Json.mapper().readTree(line).path("tokens").asInt())
                .toList();
    }
}
