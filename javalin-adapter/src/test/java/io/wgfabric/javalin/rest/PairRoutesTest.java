package io.wgfabric.javalin.rest;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import io.wgfabric.api.NodeId;
import io.wgfabric.api.Revision;
import io.wgfabric.core.wire.Heartbeat;
import io.wgfabric.core.wire.PairReport;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

/** How nodes reach each other, as managers tell what heartbeats said. */
class PairRoutesTest {
    @SuppressWarnings("NullAway.Init")
    private LoneManager manager;

    @SuppressWarnings("NullAway.Init")
    private LoneManager.Joined left;

    @SuppressWarnings("NullAway.Init")
    private LoneManager.Joined right;

    @BeforeEach
    void start() throws Exception {
        manager = LoneManager.start();
        left = manager.join("left");
        right = manager.join("right");
        beat(right, List.of());
    }

    @AfterEach
    void stop() {
        manager.close();
    }

    private void beat(LoneManager.Joined node, List<PairReport> pairs) throws Exception {
        Heartbeat heartbeat =
                new Heartbeat(1, Revision.ZERO, Revision.ZERO, "1", "test", 0, null, null, null, null, null, pairs);
        assertEquals(
                200, manager.as(node).ask("POST", "/v1/heartbeat", heartbeat).status());
    }

    private JsonNode get(String path) throws Exception {
        Reply reply = manager.operator().ask("GET", path);
        assertEquals(200, reply.status(), reply.body());
        return reply.json();
    }

    private List<String> told(NodeId node) throws Exception {
        List<String> told = new ArrayList<>();
        for (JsonNode item : get("/v1/mesh/pairs").path("items")) {
            if (item.path("node").asString().equals(node.text())) {
                item.path("pairs").forEach(pair -> told.add(pair.asString()));
            }
        }
        return told;
    }

    @Test
    void pairIsDirectWithTheAgeOfItsHandshakeOrRelayedBySomebody() throws Exception {
        LoneManager.Joined third = manager.join("third");
        beat(third, List.of());
        beat(left, List.of(PairReport.direct(right.id(), 12L), PairReport.relayed(third.id(), right.id())));
        manager.clock.advance(Duration.ofSeconds(3));

        JsonNode items = get("/v1/nodes/left/pairs").path("items");

        assertEquals(2, items.size());
        for (JsonNode pair : items) {
            boolean direct = pair.path("name").asString().equals("right");
            assertEquals((direct ? right : third).id().text(), pair.path("node").asString());
            assertEquals(direct ? "direct" : "relayed", pair.path("path").asString());
            assertEquals(direct ? 15 : 0, pair.path("handshakeSeconds").asInt(0));
            assertEquals(direct ? "" : "right", pair.path("via").asString(""));
        }
        assertEquals(2, told(left.id()).size());
        assertEquals(true, told(left.id()).contains(right.id() + " 15"));
        assertEquals(List.of(), told(right.id()), "the other end has said nothing");
    }

    @Test
    void pairWithANodeThatIsNotInTheMeshIsNotShown() throws Exception {
        beat(left, List.of(PairReport.direct(right.id(), 1L)));
        assertEquals(1, get("/v1/nodes/left/pairs").path("items").size());

        Reply quarantined = manager.operator().ask("POST", "/v1/nodes/right/quarantine", Map.of("reason", "test"));

        assertEquals(200, quarantined.status());
        assertEquals(0, get("/v1/nodes/left/pairs").path("items").size());
        assertEquals(List.of(), told(left.id()));
    }

    @Test
    void partsAreSmall() throws Exception {
        JsonNode first = get("/v1/mesh/pairs?limit=1");
        assertEquals(1, first.path("items").size());
        JsonNode second =
                get("/v1/mesh/pairs?limit=1&after=" + first.path("next").asString());
        assertFalse(first.path("items").equals(second.path("items")));
        assertEquals(
                "invalid",
                manager.operator()
                        .ask("GET", "/v1/mesh/pairs?limit=" + (PairRoutes.MAX_NODES + 1))
                        .slug());
        assertEquals(
                404, manager.operator().ask("GET", "/v1/nodes/nobody/pairs").status());
    }

    @Test
    void heartbeatWithTooManyPairsOrOtherWordsIsRefused() throws Exception {
        for (String pairs :
                List.of("[\"" + "x".repeat(40) + "\"]", "[1]", "[null]", "[" + ",".repeat(40) + "]", "{}", "\"x\"")) {
            Reply refused = manager.as(left)
                    .ask(
                            "POST",
                            "/v1/heartbeat",
                            "{\"epoch\":1,\"applied\":0,\"settled\":0,\"version\":\"1\",\"backend\":\"test\",\"peers\":0,\"pairs\":"
                                    + pairs + "}");
            assertEquals("invalid", refused.slug(), pairs);
        }
    }
}
