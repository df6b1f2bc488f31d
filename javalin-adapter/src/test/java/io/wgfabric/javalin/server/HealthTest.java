package io.wgfabric.javalin.server;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.wgfabric.agent.ControlClient;
import io.wgfabric.agent.NodeClients;
import io.wgfabric.agent.NodeStore;
import io.wgfabric.api.ManagerServices;
import io.wgfabric.api.Revision;
import io.wgfabric.api.Role;
import io.wgfabric.core.wire.Heartbeat;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/** A node's health as each of three real managers sees it. */
@Timeout(180)
class HealthTest {
    private static final List<String> MANAGERS = List.of("m1", "m2", "m3");

    @TempDir
    @SuppressWarnings("NullAway.Init")
    private Path root;

    @SuppressWarnings("NullAway.Init")
    private TestCluster cluster;

    @SuppressWarnings("NullAway.Init")
    private TestPeer peer;

    @SuppressWarnings("NullAway.Init")
    private List<FabricServer> servers;

    @BeforeEach
    void start() throws IOException {
        cluster = new TestCluster(root);
        FabricServer first = cluster.init("m1");
        FabricServer second = cluster.join("m2", TestCluster.token(first, Role.MGMT, 1));
        FabricServer third = cluster.join("m3", TestCluster.token(first, Role.MGMT, 1));
        servers = List.of(first, second, third);
        peer = TestPeer.join(root.resolve("peer"), TestCluster.token(first, Role.PEER, 1));
        await().until(() -> third.fabric().view().node(peer.id()).isPresent()
                && second.fabric().view().node(peer.id()).isPresent());
    }

    @AfterEach
    void stop() {
        cluster.close();
    }

    private static List<String> api(FabricServer server) {
        ManagerServices services = Objects.requireNonNull(server.self().services());
        return List.of(services.api());
    }

    /** What one manager says of the peer. */
    private JsonNode row(String manager, FabricServer server) throws IOException {
        ControlClient client = NodeClients.of(new NodeStore(DataFolder.nodeFolder(cluster.data(manager))), api(server));
        return client.call("GET", "/v1/nodes/" + peer.id(), null, JsonNode.class);
    }

    private boolean all(String status) throws IOException {
        for (int i = 0; i < MANAGERS.size(); i++) {
            if (!row(MANAGERS.get(i), servers.get(i)).path("status").asString().equals(status)) {
                return false;
            }
        }
        return true;
    }

    private void heartbeat(FabricServer to) throws IOException {
        NodeClients.of(new NodeStore(root.resolve("peer")), api(to))
                .call(
                        "POST",
                        "/v1/heartbeat",
                        new Heartbeat(1, Revision.ZERO, Revision.ZERO, "1", "test", 0),
                        Void.class);
    }

    @Test
    void pulledCableShowsOnEveryManagerWithinFifteenSeconds() throws IOException {
        await().atMost(Duration.ofSeconds(30)).until(() -> {
            heartbeat(servers.get(1));
            return all("online");
        });
        heartbeat(servers.get(1));
        long pulled = System.nanoTime();
        for (int i = 0; i < MANAGERS.size(); i++) {
            assertEquals(
                    "manager " + servers.get(1).self().id(),
                    row(MANAGERS.get(i), servers.get(i)).path("by").asString());
        }

        await().atMost(Duration.ofSeconds(60)).until(() -> all("offline"));

        long millis = Duration.ofNanos(System.nanoTime() - pulled).toMillis();
        assertTrue(millis <= 15_000, () -> "it took " + millis + " ms");
        assertTrue(row("m3", servers.get(2)).path("cause").asString().startsWith("no heartbeat for "));
    }

    @Test
    void managerThatWasStartedAgainKnowsWhatTheOthersHeardAndCallsNobodyOfflineBefore() throws IOException {
        await().atMost(Duration.ofSeconds(30)).until(() -> {
            heartbeat(servers.get(0));
            return all("online");
        });
        String since = row("m1", servers.get(0)).path("statusSince").asString();
        servers.get(2).close();
        FabricServer again = cluster.run("m3");

        assertNotEquals("offline", row("m3", again).path("status").asString());
        await().atMost(Duration.ofSeconds(30)).until(() -> {
            heartbeat(servers.get(0));
            return row("m3", again).path("status").asString().equals("online");
        });
        long apart = Duration.between(
                        java.time.Instant.parse(since),
                        java.time.Instant.parse(
                                row("m3", again).path("statusSince").asString()))
                .abs()
                .toMillis();
        assertTrue(apart < 5_000, () -> "they differ by " + apart + " ms about since when it is online");
    }
}
