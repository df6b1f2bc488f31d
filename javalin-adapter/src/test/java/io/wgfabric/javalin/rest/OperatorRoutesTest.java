package io.wgfabric.javalin.rest;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.wgfabric.api.Revision;
import io.wgfabric.api.Role;
import io.wgfabric.core.log.LogStatus;
import io.wgfabric.core.presence.Presence;
import io.wgfabric.core.wire.Heartbeat;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

class OperatorRoutesTest {
    private final LoneManager manager = LoneManager.start();

    @AfterEach
    void stop() {
        manager.close();
    }

    private JsonNode get(String path) throws Exception {
        Reply reply = manager.operator().ask("GET", path);
        assertEquals(200, reply.status(), reply.body());
        return reply.json();
    }

    @Test
    void createdTokenComesWithTheLineToRun() throws Exception {
        Reply reply = manager.operator()
                .ask("POST", "/v1/tokens", Map.of("role", "peer", "ttlSeconds", 60, "tags", List.of("a")));

        assertEquals(201, reply.status());
        String token = reply.json().path("token").asString();
        assertEquals(
                "fabric peer join --token " + token,
                reply.json().path("joinCommand").asString());
        assertEquals(1, reply.json().path("uses").asInt());
        JsonNode row = get("/v1/tokens/" + reply.json().path("id").asString());
        assertEquals("valid", row.path("state").asString());
        assertFalse(row.toString().contains(token));
    }

    @Test
    void sameKeyAgainIsTheSameToken() throws Exception {
        Map<String, Object> wish = Map.of("role", "peer");

        Reply first = manager.operator().ask("POST", "/v1/tokens", wish, "once");
        Reply second = manager.operator().ask("POST", "/v1/tokens", wish, "once");

        assertEquals(first.json().path("id"), second.json().path("id"));
        assertEquals(1, manager.core.fabric().view().tokens().size());
    }

    @Test
    void sameKeyForAnotherRequestIsRefused() throws Exception {
        manager.operator().ask("POST", "/v1/tokens", Map.of("role", "peer"), "once");
        Reply other = manager.operator().ask("POST", "/v1/tokens", Map.of("role", "mgmt"), "once");

        assertEquals("request-id-reused", other.slug());
        assertEquals(409, other.status());
    }

    @Test
    void wishesThatCannotBeGrantedAreRefused() throws Exception {
        for (Object wish : new Object[] {
            Map.of("role", "king"),
            Map.of("ttlSeconds", 60),
            Map.of("role", "peer", "ttlSeconds", 0),
            Map.of("role", "peer", "uses", -1),
            Map.of("role", "peer", "colour", "red"),
            Map.of("role", "peer", "tags", List.of("with space")),
            "[]",
            "{"
        }) {
            Reply reply = manager.operator().ask("POST", "/v1/tokens", wish);

            assertEquals("invalid", reply.slug(), wish + ": " + reply.body());
            assertFalse(reply.body().contains("java"), reply.body());
        }
        assertTrue(manager.core.fabric().view().tokens().isEmpty());
    }

    @Test
    void cascadeQuarantinesWhoJoinedWithTheToken() throws Exception {
        LoneManager.Joined peer = manager.join("peer");
        String token = String.valueOf(peer.answer().node().token());

        Reply reply = manager.operator().ask("DELETE", "/v1/tokens/" + token + "?cascade=true");

        assertEquals("revoked", reply.json().path("state").asString());
        assertEquals("quarantined", get("/v1/nodes/peer").path("status").asString());
        assertEquals(
                200, manager.operator().ask("POST", "/v1/nodes/peer/release").status());
        assertEquals("suspect", get("/v1/nodes/peer").path("status").asString());
    }

    @Test
    void unknownTokenIsNotFound() throws Exception {
        assertEquals(
                404, manager.operator().ask("GET", "/v1/tokens/t-0123456789abc").status());
        assertEquals("invalid", manager.operator().ask("GET", "/v1/tokens/x").slug());
    }

    @Test
    void listsComeInParts() throws Exception {
        for (int i = 0; i < 5; i++) {
            manager.token(Role.PEER, 1);
        }
        List<String> ids = new ArrayList<>();
        String after = "";
        int parts = 0;
        while (after != null) {
            JsonNode page = get("/v1/tokens?limit=2" + (after.isEmpty() ? "" : "&after=" + after));
            page.path("items").forEach(token -> ids.add(token.path("id").asString()));
            after = page.path("next").isString() ? page.path("next").asString() : null;
            parts++;
        }
        assertEquals(3, parts);
        assertEquals(
                manager.core.fabric().view().tokens().stream()
                        .map(token -> token.id().text())
                        .toList(),
                ids);
        assertEquals(
                "invalid", manager.operator().ask("GET", "/v1/tokens?limit=0").slug());
    }

    @Test
    void nodeIsFoundByIdAndByName() throws Exception {
        LoneManager.Joined peer = manager.join("peer");

        assertEquals(get("/v1/nodes/peer"), get("/v1/nodes/" + peer.id()));
        Reply unknown = manager.operator().ask("GET", "/v1/nodes/nobody");
        assertEquals(404, unknown.status());
        assertEquals("node-unknown", unknown.slug());
    }

    @Test
    void heartbeatShowsInTheList() throws Exception {
        LoneManager.Joined peer = manager.join("peer");
        Heartbeat.Traffic traffic = new Heartbeat.Traffic(2L, 119L, 1 << 20, 1 << 21);
        Heartbeat heartbeat =
                new Heartbeat(1, new Revision(3), new Revision(2), "9.9", "kernel 1.0.0", 4, traffic, null);

        assertEquals(
                200, manager.as(peer).ask("POST", "/v1/heartbeat", heartbeat).status());

        JsonNode row = get("/v1/nodes/peer");
        assertEquals("online", row.path("status").asString());
        assertEquals("9.9", row.path("version").asString());
        assertEquals("kernel 1.0.0", row.path("backend").asString());
        assertEquals("127.0.0.1", row.path("from").asString());
        assertEquals(119, row.path("traffic").path("oldestHandshakeSeconds").asInt());
        assertEquals(1 << 21, row.path("traffic").path("sentBytes").asInt());
        assertEquals(3, row.path("applied").asInt());
        assertTrue(row.path("lastSeen").isString());
        manager.clock.advance(Presence.OFFLINE_AFTER);
        assertEquals("offline", get("/v1/nodes/peer").path("status").asString());
    }

    @Test
    void removedNodeIsGone() throws Exception {
        manager.join("peer");

        assertEquals(204, manager.operator().ask("DELETE", "/v1/nodes/peer").status());
        assertEquals(404, manager.operator().ask("GET", "/v1/nodes/peer").status());
        assertEquals(404, manager.operator().ask("DELETE", "/v1/nodes/peer").status());
    }

    @Test
    void nodeLeavesByItself() throws Exception {
        LoneManager.Joined peer = manager.join("peer");

        assertEquals(
                204, manager.as(peer).ask("DELETE", "/v1/nodes/" + peer.id()).status());
        assertTrue(manager.core.fabric().view().node(peer.id()).isEmpty());
    }

    @Test
    void lastManagerStays() throws Exception {
        assertEquals(
                "last-manager", manager.operator().ask("DELETE", "/v1/nodes/m1").slug());
    }

    /** As if this manager and others had a vote, and only some of them were there. */
    private void stageVoters(List<String> others, Set<String> there) {
        manager.log.stage(real -> {
            TreeSet<String> voters = new TreeSet<>(others);
            voters.add(real.self());
            Set<String> connected = new TreeSet<>(there);
            connected.add(real.self());
            return new LogStatus(
                    real.self(),
                    real.role(),
                    real.leader(),
                    real.term(),
                    real.commitIndex(),
                    real.appliedIndex(),
                    voters,
                    connected);
        });
    }

    @Test
    void managerThatTheQuorumNeedsStays() throws Exception {
        String second = manager.join("m2", Role.MGMT).id().text();
        String third = manager.join("m3", Role.MGMT).id().text();
        stageVoters(List.of(second, third), Set.of(second));

        for (String needed : List.of("m1", "m2")) {
            Reply reply = manager.operator().ask("DELETE", "/v1/nodes/" + needed);
            assertEquals(409, reply.status());
            assertEquals("quorum-at-risk", reply.slug());
        }
        assertEquals(3, manager.core.fabric().view().nodes().size());
        assertEquals(204, manager.operator().ask("DELETE", "/v1/nodes/m3").status());
        assertEquals(404, manager.operator().ask("DELETE", "/v1/nodes/" + third).status());
    }

    @Test
    void managerGoesWhileTheOthersAreThere() throws Exception {
        String second = manager.join("m2", Role.MGMT).id().text();
        stageVoters(List.of(second), Set.of(second));

        assertEquals(204, manager.operator().ask("DELETE", "/v1/nodes/m2").status());
    }

    @Test
    void statusTellsOfTheCluster() throws Exception {
        manager.join("peer");
        JsonNode status = get("/v1/status");

        assertEquals(
                manager.core.keyring().cluster().text(), status.path("cluster").asString());
        assertEquals("m1", status.path("leader").path("name").asString());
        assertEquals(
                manager.core.fabric().view().digest().hex(),
                status.path("digest").asString());
        assertEquals(2, status.path("nodes").path("total").asInt());
        assertEquals("leader", status.path("managers").get(0).path("role").asString());
        assertEquals(manager.core.self().text(), status.path("voters").get(0).asString());
        assertFalse(status.has("stale"));
    }

    @Test
    void auditTellsWhoAskedForWhatFromWhere() throws Exception {
        manager.operator().ask("POST", "/v1/tokens", Map.of("role", "peer"));
        JsonNode newest = get("/v1/audit?limit=1").path("items").get(0);

        assertEquals("create-token", newest.path("action").asString());
        assertEquals(
                manager.operator.id().text(), newest.path("actor").path("id").asString());
        assertEquals("127.0.0.1", newest.path("actor").path("from").asString());
        long number = newest.path("number").asLong();
        assertEquals(0, get("/v1/audit?after=" + number).path("items").size());
        assertEquals(2, get("/v1/audit?limit=2&after=0").path("items").size());
    }

    @Test
    void refusalsAtTheDoorReachTheAuditChain() throws Exception {
        manager.nobody().ask("GET", "/v1/nodes");
        manager.core.refusals().flush(manager.core.fabric(), "test");

        JsonNode newest = get("/v1/audit?limit=1").path("items").get(0);
        assertEquals("record-refusal", newest.path("action").asString());
        assertEquals("GET /v1/nodes", newest.path("subject").asString());
    }

    @Test
    void withoutAMajorityWritesAreRefusedAtOnceAndReadsSayThatTheyMayBeStale() throws Exception {
        String peer = manager.join("peer").id().text();
        String token = manager.operator()
                .ask("POST", "/v1/tokens", Map.of("role", "peer"))
                .json()
                .path("id")
                .asString();
        manager.log.loseMajority("no majority of the managers answers (2 of 3 unreachable: m-b, m-c)");
        Reply refused = manager.operator().ask("POST", "/v1/tokens", Map.of("role", "peer"));

        assertEquals(503, refused.status());
        assertEquals("no-majority", refused.slug());
        assertEquals("1", refused.retryAfter());
        assertEquals(
                "no majority of the managers answers (2 of 3 unreachable: m-b, m-c); if they are lost for good: fabric"
                        + " server recover",
                refused.json().path("detail").asString());
        for (String path : List.of(
                "/v1/nodes", "/v1/nodes/" + peer, "/v1/tokens", "/v1/tokens/" + token, "/v1/status", "/v1/audit")) {
            Reply read = manager.operator().ask("GET", path);
            assertEquals(200, read.status(), path);
            assertTrue(read.json().path("stale").asBoolean() && read.stale(), path);
        }
        assertEquals(503, manager.nobody().ask("GET", "/readyz").status());
        assertEquals(200, manager.nobody().ask("GET", "/healthz").status());
    }

    @Test
    void closedLogIsUnavailableAndSaysWhenToAskAgain() throws Exception {
        manager.core.fabric().log().close();
        Reply reply = manager.operator().ask("POST", "/v1/tokens", Map.of("role", "peer"));

        assertEquals(503, reply.status());
        assertEquals("unavailable", reply.slug());
        assertEquals(503, manager.nobody().ask("GET", "/healthz").status());
    }
}
