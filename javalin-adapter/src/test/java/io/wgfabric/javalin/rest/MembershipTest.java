package io.wgfabric.javalin.rest;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.wgfabric.api.Revision;
import io.wgfabric.api.Role;
import io.wgfabric.core.codec.Json;
import io.wgfabric.core.crypto.Certificates;
import io.wgfabric.core.crypto.Keys;
import io.wgfabric.core.crypto.Tls;
import io.wgfabric.core.wire.Heartbeat;
import io.wgfabric.core.wire.JoinAnswer;
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.security.KeyPair;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import tools.jackson.databind.JsonNode;

/** From the join to the removal, as operators and the node itself see it. */
@Timeout(120)
class MembershipTest {
    private static final Heartbeat HEARTBEAT = new Heartbeat(1, Revision.ZERO, Revision.ZERO, "1", "test", 0);

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

    private JsonNode create(Map<String, Object> wish) throws Exception {
        Reply reply = manager.operator().ask("POST", "/v1/tokens", wish);
        assertEquals(201, reply.status(), reply.body());
        return reply.json();
    }

    private LoneManager.Joined join(String token, String name) throws Exception {
        KeyPair pair = Keys.generateP256();
        Reply reply = manager.nobody().ask("POST", "/v1/join", LoneManager.request(token, Role.PEER, name, pair));
        assertEquals(200, reply.status(), reply.body());
        JoinAnswer answer = Json.mapper().readValue(reply.body(), JoinAnswer.class);
        return new LoneManager.Joined(
                answer.node().id(),
                name,
                pair,
                Tls.context(
                        pair.getPrivate(),
                        Certificates.decode(answer.certificate()),
                        Certificates.decode(answer.authorities().get(0).certificate()),
                        manager.trust()),
                answer);
    }

    private LoneManager.Joined pending(String name) throws Exception {
        return join(
                create(Map.of("role", "peer", "needsApproval", true))
                        .path("token")
                        .asString(),
                name);
    }

    private BufferedReader watch(LoneManager.Joined node) throws Exception {
        return new BufferedReader(new InputStreamReader(manager.as(node).open("/v1/watch"), StandardCharsets.UTF_8));
    }

    /** The next line that is no ping. */
    private static JsonNode line(BufferedReader lines) throws Exception {
        JsonNode line = Json.mapper().readTree(String.valueOf(lines.readLine()));
        while (line.has("ping")) {
            line = Json.mapper().readTree(String.valueOf(lines.readLine()));
        }
        return line;
    }

    @Test
    void pendingNodeGetsNothingButItsOwnState() throws Exception {
        LoneManager.Joined node = pending("new");
        manager.join("other");

        assertNull(node.answer().netmap());
        assertFalse(node.answer().node().addresses().isEmpty());
        Client client = manager.as(node);
        JsonNode row = client.ask("GET", "/v1/nodes/" + node.id()).json();
        assertEquals("pending", row.path("status").asString());
        assertEquals("waits for approval", row.path("cause").asString());
        assertEquals("token " + node.answer().node().token(), row.path("by").asString());
        assertEquals(200, client.ask("POST", "/v1/heartbeat", HEARTBEAT).status());
        for (String path : List.of("/v1/netmap", "/v1/status")) {
            assertEquals("node-pending", client.ask("GET", path).slug(), path);
        }
        for (String path : List.of("/v1/nodes", "/v1/nodes/other", "/v1/tokens", "/v1/audit", "/v1/backup")) {
            assertEquals(403, client.ask("GET", path).status(), path);
        }
        for (String action : List.of("/approve", "/rotate", "/release")) {
            assertEquals(
                    403, client.ask("POST", "/v1/nodes/" + node.id() + action).status(), action);
        }
        assertEquals(1, get("/v1/status").path("nodes").path("pending").asInt());
    }

    @Test
    void approvedNodeHearsOfItOnTheStreamThatItHas() throws Exception {
        LoneManager.Joined node = pending("new");
        try (BufferedReader lines = watch(node)) {
            assertTrue(line(lines).path("pending").asString().endsWith("fabric node approve new"));

            Reply reply = manager.operator().ask("POST", "/v1/nodes/new/approve");

            assertEquals(200, reply.status());
            assertEquals("suspect", get("/v1/nodes/new").path("status").asString());
            assertTrue(line(lines).path("netmap").isString());
        }
        assertEquals(200, manager.as(node).ask("GET", "/v1/netmap").status());
        assertEquals(
                "node-wrong-state",
                manager.operator().ask("POST", "/v1/nodes/new/approve").slug());
        assertEquals(
                404, manager.operator().ask("POST", "/v1/nodes/nobody/approve").status());
    }

    @Test
    void pendingNodeThatIsRemovedHearsOfIt() throws Exception {
        LoneManager.Joined node = pending("new");
        try (BufferedReader lines = watch(node)) {
            assertTrue(line(lines).has("pending"));

            assertEquals(204, manager.operator().ask("DELETE", "/v1/nodes/new").status());

            assertTrue(line(lines).path("gone").asString().startsWith("removed"));
        }
    }

    @Test
    void pendingNodeIsToldNoConfigurationOfTheOthers() throws Exception {
        LoneManager.Joined node = pending("new");
        try (BufferedReader lines = watch(node)) {
            assertTrue(line(lines).has("pending"));
            manager.join("other");
            assertEquals(
                    200, manager.operator().ask("POST", "/v1/nodes/new/approve").status());

            JsonNode first = line(lines);

            String payload = first.path("netmap").asString().split("\\.", -1)[1];
            String base = new String(Base64.getUrlDecoder().decode(payload), StandardCharsets.UTF_8);
            assertTrue((base + first.path("deltas")).contains(node.id().text()), "it is in one of them");
        }
    }

    @Test
    void managersDoNotWaitForApproval() throws Exception {
        Reply reply = manager.operator().ask("POST", "/v1/tokens", Map.of("role", "mgmt", "needsApproval", true));

        assertEquals(400, reply.status());
        assertEquals("invalid", reply.slug());
    }

    @Test
    void quarantineTellsUntilWhenAndByWhom() throws Exception {
        manager.join("peer");

        Reply reply = manager.operator()
                .ask("POST", "/v1/nodes/peer/quarantine", Map.of("reason", "odd traffic", "seconds", 7200));

        JsonNode row = reply.json();
        assertEquals("quarantined", row.path("status").asString());
        assertEquals("odd traffic", row.path("cause").asString());
        assertEquals("operator " + manager.operator.id(), row.path("by").asString());
        Instant since = Instant.parse(row.path("statusSince").asString());
        assertEquals(
                since.plus(Duration.ofHours(2)),
                Instant.parse(row.path("statusUntil").asString()));
        assertEquals(
                "invalid",
                manager.operator()
                        .ask("POST", "/v1/nodes/peer/quarantine", Map.of("reason", "odd", "seconds", 0))
                        .slug());
    }

    @Test
    void removedNodeStaysVisibleToWhoAsksForAll() throws Exception {
        LoneManager.Joined peer = manager.join("peer");
        assertEquals(
                204,
                manager.operator()
                        .ask("DELETE", "/v1/nodes/peer?reason=disk%20died")
                        .status());

        assertEquals(404, manager.operator().ask("GET", "/v1/nodes/peer").status());
        for (String named : List.of("peer", peer.id().text())) {
            JsonNode row = get("/v1/nodes/" + named + "?all=true");
            assertEquals("removed", row.path("status").asString());
            assertEquals("disk died", row.path("cause").asString());
            assertEquals("operator " + manager.operator.id(), row.path("by").asString());
        }
        assertEquals(1, get("/v1/nodes").path("items").size());
        assertEquals(2, get("/v1/nodes?all=true").path("items").size());
        manager.join("peer");
        assertEquals("suspect", get("/v1/nodes/peer?all=true").path("status").asString());
    }

    @Test
    void lineageHasThoseThatWereRemovedToo() throws Exception {
        JsonNode token = create(Map.of("role", "peer", "uses", 5));
        join(token.path("token").asString(), "first");
        join(token.path("token").asString(), "second");
        manager.operator().ask("DELETE", "/v1/nodes/first");

        JsonNode row = get("/v1/tokens/" + token.path("id").asString());

        assertEquals(1, row.path("nodes").size());
        assertEquals(2, row.path("lineage").size());
        JsonNode gone = row.path("lineage").get(0);
        assertEquals("first", gone.path("name").asString());
        assertTrue(gone.has("removed"));
        assertFalse(row.path("lineage").get(1).has("removed"));
    }

    @Test
    void unknownTokenIsNotThereToRevoke() throws Exception {
        Reply reply = manager.operator().ask("DELETE", "/v1/tokens/t-0123456789abc");

        assertEquals(404, reply.status());
        assertEquals("token-unknown", reply.slug());
    }

    @Test
    void tokenAdmitsFromItsFirstMomentOn() throws Exception {
        Instant first = Instant.now().plusSeconds(3600);
        JsonNode token = create(Map.of("role", "peer", "notBefore", first, "ttlSeconds", 600));
        KeyPair pair = Keys.generateP256();
        Object request = LoneManager.request(token.path("token").asString(), Role.PEER, "early", pair);

        Reply early = manager.nobody().ask("POST", "/v1/join", request);
        assertEquals(403, early.status());
        assertEquals("token-not-yet-valid", early.slug());
        manager.clock.advance(Duration.ofSeconds(3601));
        join(token.path("token").asString(), "intime");
        manager.clock.advance(Duration.ofMinutes(10));
        Reply late = manager.nobody()
                .ask(
                        "POST",
                        "/v1/join",
                        LoneManager.request(token.path("token").asString(), Role.PEER, "late", Keys.generateP256()));
        assertEquals("token-expired", late.slug());
        assertEquals(
                "invalid",
                manager.operator()
                        .ask("POST", "/v1/tokens", Map.of("role", "peer", "notBefore", "tomorrow"))
                        .slug());
    }

    @Test
    void everyRefusalOfATokenIsNamedAndAudited() throws Exception {
        JsonNode used = create(Map.of("role", "peer"));
        join(used.path("token").asString(), "first");
        JsonNode revoked = create(Map.of("role", "peer"));
        manager.operator().ask("DELETE", "/v1/tokens/" + revoked.path("id").asString());
        JsonNode mgmt = create(Map.of("role", "mgmt"));
        String foreign;
        try (LoneManager other = LoneManager.start()) {
            foreign = other.token(Role.PEER, 1).text();
        }
        String genuine = create(Map.of("role", "peer")).path("token").asString();
        Map<String, String> refused = Map.of(
                used.path("token").asString(),
                "token-used-up",
                revoked.path("token").asString(),
                "token-revoked",
                mgmt.path("token").asString(),
                "token-wrong-role",
                foreign,
                "token-wrong-cluster",
                genuine.substring(0, genuine.length() - 6) + "AAAAAA",
                "token-malformed",
                "nonsense",
                "token-malformed");
        for (Map.Entry<String, String> each : refused.entrySet()) {
            Reply reply = manager.nobody()
                    .ask("POST", "/v1/join", LoneManager.request(each.getKey(), Role.PEER, null, Keys.generateP256()));
            assertEquals(each.getValue(), reply.slug(), reply.body());
            assertEquals(403, reply.status());
        }
        manager.core.refusals().flush(manager.core.fabric(), "test");
        String audit = get("/v1/audit?limit=100").toString();
        for (String slug : refused.values()) {
            assertTrue(audit.contains(slug), slug);
        }
        for (String token : refused.keySet()) {
            assertFalse(audit.contains(token));
        }
    }
}
