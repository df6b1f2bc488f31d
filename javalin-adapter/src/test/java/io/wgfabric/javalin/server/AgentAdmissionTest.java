package io.wgfabric.javalin.server;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.wgfabric.agent.Agent;
import io.wgfabric.agent.ControlClient;
import io.wgfabric.agent.Join;
import io.wgfabric.agent.NodeStore;
import io.wgfabric.agent.wireguard.ActualNetwork;
import io.wgfabric.agent.wireguard.ActualPlane;
import io.wgfabric.agent.wireguard.Change;
import io.wgfabric.agent.wireguard.Tunnel;
import io.wgfabric.api.NodeName;
import io.wgfabric.api.Role;
import io.wgfabric.core.wire.JoinAnswer;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/** Real agents and a real manager: what an agent does that is let in late, or shut out for a while. */
@Timeout(180)
class AgentAdmissionTest {
    private static final Duration PATIENCE = Duration.ofSeconds(90);

    @TempDir
    @SuppressWarnings("NullAway.Init")
    private Path root;

    @SuppressWarnings("NullAway.Init")
    private TestCluster cluster;

    @SuppressWarnings("NullAway.Init")
    private ControlClient operator;

    @BeforeEach
    void start() throws Exception {
        cluster = new TestCluster(root);
        cluster.init("m1");
        operator = Access.folder(cluster.data("m1"));
    }

    @AfterEach
    void stop() {
        cluster.close();
    }

    /** In place of interfaces, which need rights that tests do not have: what an agent asked of them. */
    private static final class Asked implements Tunnel {
        private final AtomicInteger changes = new AtomicInteger();
        private final AtomicInteger tornDown = new AtomicInteger();

        @Override
        public ActualNetwork read() {
            return new ActualNetwork(ActualPlane.absent(), ActualPlane.absent());
        }

        @Override
        public void apply(List<Change> asked) {
            changes.addAndGet(asked.size());
        }

        @Override
        public void tearDown() {
            tornDown.incrementAndGet();
        }

        @Override
        public String backend() {
            return "none";
        }
    }

    private NodeStore store(String name) {
        return new NodeStore(root.resolve(name));
    }

    private JoinAnswer join(String name, Map<String, Object> token) throws Exception {
        String text = operator.call("POST", "/v1/tokens", token, JsonNode.class)
                .path("token")
                .asString();
        return Join.join(
                store(name),
                new Join.Plan(
                        text,
                        Role.PEER,
                        new NodeName(name),
                        null,
                        TestCluster.freePort(),
                        TestCluster.freePort(),
                        "127.0.0.1",
                        null));
    }

    private String status(String name) {
        return operator.call("GET", "/v1/nodes/" + name, null, JsonNode.class)
                .path("status")
                .asString();
    }

    @Test
    void pendingAgentWaitsAndGetsItsConfigurationOnceItIsApproved() throws Exception {
        JoinAnswer answer = join("web-1", Map.of("role", "peer", "needsApproval", true));
        assertNull(answer.netmap());
        Asked tunnel = new Asked();
        try (Agent agent = Agent.start(store("web-1"), List.of(), tunnel)) {
            await("the agent says that it is there")
                    .atMost(PATIENCE)
                    .until(() -> operator.call("GET", "/v1/nodes/web-1", null, JsonNode.class)
                            .path("lastSeen")
                            .isString());
            assertEquals("pending", status("web-1"));
            assertEquals(0, tunnel.changes.get());
            assertTrue(store("web-1").netmap().isEmpty());

            operator.call("POST", "/v1/nodes/web-1/approve", null, Void.class);

            await().atMost(PATIENCE).until(() -> tunnel.changes.get() > 0);
            await().atMost(PATIENCE).until(() -> status("web-1").equals("online"));
            assertTrue(store("web-1").netmap().isPresent());
            assertEquals("web-1", agent.identity().name().text());
        }
    }

    @Test
    void quarantinedAgentTakesItsInterfacesDownAndComesBackOnceItIsReleased() throws Exception {
        join("web-1", Map.of("role", "peer"));
        Asked tunnel = new Asked();
        try (Agent agent = Agent.start(store("web-1"), List.of(), tunnel)) {
            await().atMost(PATIENCE).until(() -> status("web-1").equals("online"));
            operator.call("POST", "/v1/nodes/web-1/quarantine", Map.of("reason", "odd traffic"), Void.class);
            await().atMost(PATIENCE).until(() -> tunnel.tornDown.get() > 0);
            int before = tunnel.changes.get();

            operator.call("POST", "/v1/nodes/web-1/release", null, Void.class);

            await().atMost(PATIENCE).until(() -> tunnel.changes.get() > before);
            await().atMost(PATIENCE).until(() -> status("web-1").equals("online"));
            assertFalse(agent.identity().managers().isEmpty());
        }
    }
}
