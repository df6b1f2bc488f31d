package io.wgfabric.javalin.server;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.wgfabric.agent.ControlException;
import io.wgfabric.api.Cluster;
import io.wgfabric.core.codec.Json;
import io.wgfabric.core.state.Levels;
import io.wgfabric.javalin.cli.FabricCommand;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/** What an operator does with a node by commands, and what becomes of the node. */
@Timeout(120)
class NodeLifeTest {
    @TempDir
    @SuppressWarnings("NullAway.Init")
    private Path root;

    @SuppressWarnings("NullAway.Init")
    private TestCluster cluster;

    @BeforeEach
    void start() throws IOException {
        cluster = new TestCluster(root);
        FabricServer server = cluster.init("m1");
        await().atMost(Duration.ofSeconds(30))
                .until(() ->
                        server.fabric().view().cluster().map(Cluster::level).orElse(0) == Levels.NEWEST);
    }

    @AfterEach
    void stop() {
        cluster.close();
    }

    private String command(int exit, String... arguments) {
        List<String> all = new ArrayList<>(List.of(arguments));
        all.addAll(List.of("--data", cluster.data("m1").toString()));
        StringWriter out = new StringWriter();
        StringWriter err = new StringWriter();
        int status = FabricCommand.commandLine()
                .setOut(new PrintWriter(out, true))
                .setErr(new PrintWriter(err, true))
                .execute(all.toArray(String[]::new));
        assertEquals(exit, status, err.toString());
        return out.toString() + err;
    }

    private JsonNode json(String... arguments) {
        List<String> all = new ArrayList<>(List.of(arguments));
        all.addAll(List.of("-o", "json"));
        return Json.mapper().readTree(command(0, all.toArray(String[]::new)));
    }

    @Test
    void nodeWaitsUntilItIsApproved() throws Exception {
        JsonNode token = json("token", "create", "--role", "peer", "--needs-approval");
        assertTrue(token.path("needsApproval").asBoolean());
        TestPeer peer = TestPeer.join(root.resolve("web-1"), token.path("token").asString());

        ControlException waits = assertThrows(ControlException.class, peer::ask);
        assertEquals("node-pending", waits.slug());
        assertTrue(String.valueOf(waits.getMessage()).endsWith("fabric node approve web-1"));
        assertEquals("pending", json("node", "show", "web-1").path("status").asString());
        assertTrue(command(0, "status").contains("1 pending"));

        assertEquals("Node web-1 is approved.\n", command(0, "node", "approve", "web-1"));

        assertTrue(peer.restarted().admit(peer.ask()).member(peer.id()).isPresent());
        assertTrue(command(1, "node", "approve", "web-1").contains("does not wait for approval"));
    }

    @Test
    void quarantineEndsByItself() throws Exception {
        JsonNode token = json("token", "create", "--role", "peer");
        TestPeer peer = TestPeer.join(root.resolve("web-1"), token.path("token").asString());

        command(0, "node", "quarantine", "web-1", "--reason", "odd traffic", "--for", "2s");

        assertEquals(
                "node-quarantined",
                assertThrows(ControlException.class, peer::ask).slug());
        await().atMost(Duration.ofSeconds(30))
                .until(() ->
                        !json("node", "show", "web-1").path("status").asString().equals("quarantined"));
        assertTrue(command(0, "audit").contains("end-quarantine"));
    }

    @Test
    void whoWasRemovedIsListedWithTheReason() throws Exception {
        JsonNode token = json("token", "create", "--role", "peer", "--ephemeral", "--grace", "10m");
        assertEquals(600, token.path("graceSeconds").asInt());
        TestPeer.join(root.resolve("web-1"), token.path("token").asString());

        command(0, "node", "remove", "web-1", "--reason", "disk died");

        assertEquals(1, json("node", "list").size());
        assertEquals(2, json("node", "list", "--all").size());
        JsonNode row = json("node", "show", "web-1");
        assertEquals("removed", row.path("status").asString());
        assertEquals("disk died", row.path("cause").asString());
        assertEquals(
                "web-1",
                json("token", "show", token.path("id").asString())
                        .path("lineage")
                        .get(0)
                        .path("name")
                        .asString());
    }

    @Test
    void tokenTellsFromWhenItAdmits() {
        String text = command(
                0,
                "token",
                "create",
                "--role",
                "peer",
                "--not-before",
                "2126-03-01T09:00:00+01:00",
                "--needs-approval");

        assertTrue(text.contains("from 2126-03-01T08:00:00Z on"), text);
        assertTrue(text.contains("fabric node approve NODE"), text);
        assertTrue(command(2, "token", "create", "--role", "peer", "--not-before", "tomorrow")
                .contains("2026-03-01T08:00:00Z"));
        assertTrue(command(1, "token", "create", "--role", "mgmt", "--needs-approval")
                .contains("a manager has the cluster's secrets"));
    }
}
