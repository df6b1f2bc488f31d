package io.wgfabric.javalin.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.wgfabric.agent.ControlException;
import io.wgfabric.agent.Join;
import io.wgfabric.agent.NodeStore;
import io.wgfabric.api.NodeName;
import io.wgfabric.api.RequestId;
import io.wgfabric.api.Role;
import io.wgfabric.core.codec.Json;
import io.wgfabric.javalin.server.FabricServer;
import io.wgfabric.javalin.server.TestCluster;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.logging.Handler;
import java.util.logging.Level;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

class JsonLogTest {
    private static final Logger OURS = Logger.getLogger("io.wgfabric");

    @TempDir
    @SuppressWarnings("NullAway.Init")
    private Path root;

    private final List<String> lines = new CopyOnWriteArrayList<>();

    private final Handler handler = new Handler() {
        private final JsonFormatter formatter = new JsonFormatter(false);

        @Override
        public void publish(LogRecord record) {
            lines.add(formatter.format(record));
        }

        @Override
        public void flush() {}

        @Override
        public void close() {}
    };

    private List<JsonNode> about(String word) {
        return lines.stream()
                .map(line -> Json.mapper().readTree(line))
                .filter(line -> line.path("message").asString("").contains(word))
                .toList();
    }

    private static Join.Plan plan(String token, String name) {
        return new Join.Plan(token, Role.PEER, new NodeName(name), null, 51_820, 51_821, "192.0.2.7", null);
    }

    @Test
    void recordIsOneObjectOnOneLine() {
        LogRecord record = new LogRecord(Level.WARNING, "{0} said\n\"{1}\"");
        record.setLoggerName("io.wgfabric.x");
        record.setInstant(Instant.parse("2026-03-01T00:00:00.123456Z"));
        record.setParameters(new Object[] {"it's {0}", new RequestId("r-1")});
        record.setThrown(new IllegalStateException("no\nroom"));

        String line = new JsonFormatter(false).format(record);

        assertEquals(1, line.lines().count());
        JsonNode read = Json.mapper().readTree(line);
        assertEquals("2026-03-01T00:00:00.123Z", read.path("time").asString());
        assertEquals("WARN", read.path("level").asString());
        assertEquals("io.wgfabric.x", read.path("logger").asString());
        assertEquals("it's {0} said\n\"r-1\"", read.path("message").asString());
        assertEquals("r-1", read.path("request").asString());
        assertEquals("no room", read.path("error").asString());
        assertFalse(read.has("trace"));
        assertTrue(
                Json.mapper().readTree(new JsonFormatter(true).format(record)).has("trace"));
    }

    @Test
    void requestOfAJoinIsTheSameInTheAgentsLogTheManagersAndTheAuditChain() throws Exception {
        try (TestCluster cluster = new TestCluster(root)) {
            FabricServer server = cluster.init("m1");
            String token = TestCluster.token(server, Role.PEER, 1);
            Level before = OURS.getLevel();
            OURS.setLevel(Level.INFO);
            OURS.addHandler(handler);
            try {
                Join.join(new NodeStore(root.resolve("p1")), plan(token, "web-1"));
                Awaitility.await()
                        .until(() -> !about("web-1) joined").isEmpty()
                                || !about(") joined from").isEmpty());
                String agents = about("joined as web-1").get(0).path("request").asString();
                String managers = about(") joined from").get(0).path("request").asString();

                ControlException refused = assertThrows(
                        ControlException.class,
                        () -> Join.join(new NodeStore(root.resolve("p2")), plan(token, "web-2")));

                Run audit = Run.of(
                        "audit", "-o", "json", "--data", root.resolve("m1").toString());
                assertTrue(agents.startsWith("join:"), agents);
                assertEquals(agents, managers);
                assertEquals("accepted", outcome(audit, agents));
                assertEquals("token-used-up", outcome(audit, String.valueOf(refused.request())));
                assertTrue(lines.stream().noneMatch(line -> line.contains(token)));
            } finally {
                OURS.removeHandler(handler);
                OURS.setLevel(before);
            }
        }
    }

    private static String outcome(Run audit, String request) {
        return Json.mapper()
                .readTree(audit.out())
                .valueStream()
                .filter(entry -> entry.path("request").asString("").equals(request))
                .map(entry -> entry.path("outcome").asString())
                .reduce((first, second) -> second)
                .orElse("not there");
    }

    @Test
    void whatACommandSaysAtItsEndIsARecordToo() {
        StringWriter err = new StringWriter();
        Logs.configure(Level.INFO, false);
        OURS.addHandler(handler);
        try {
            Logs.say(new PrintWriter(err, true), Level.SEVERE, "fabric: ", "as text", null);
            Logs.useJson();
            Logs.say(new PrintWriter(err, true), Level.SEVERE, "fabric: ", "it's {0}", new RequestId("r-2"));
        } finally {
            OURS.removeHandler(handler);
            Logs.configure(Level.INFO, false);
        }

        assertEquals("fabric: as text\n", err.toString());
        JsonNode said = about("it's {0}").get(0);
        assertEquals("ERROR", said.path("level").asString());
        assertEquals("r-2", said.path("request").asString());
    }

    @Test
    void formatIsTextOrJson() {
        assertEquals(2, Run.of("peer", "run", "--log-format", "xml").exit());
        Run run = Run.of("peer", "run", "--data", root.toString(), "--log-format", "json");
        Logs.configure(Level.INFO, false);
        assertEquals(1, run.exit());
        assertEquals("", run.err(), "it went to the log");
    }
}
