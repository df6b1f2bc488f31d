package io.wgfabric.javalin.rest;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.wgfabric.api.NodeId;
import io.wgfabric.api.Revision;
import io.wgfabric.api.Role;
import io.wgfabric.core.wire.Heartbeat;
import io.wgfabric.core.wire.PairReport;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeSet;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

/** The document, and the promises in it that hold for all routes alike. */
class OpenApiTest {
    @SuppressWarnings("NullAway.Init")
    private static LoneManager manager;

    @SuppressWarnings("NullAway.Init")
    private static Documented documented;

    @BeforeAll
    static void start() throws Exception {
        manager = LoneManager.start();
        Callers.takeSealingKeys(manager);
        documented = Documented.of(manager);
    }

    @AfterAll
    static void stop() {
        manager.close();
    }

    @Test
    void everyRouteSaysWhatItIsFor() {
        assertEquals("3.1.1", documented.document().path("openapi").asString());
        assertTrue(documented.routes().contains("POST /v1/join"));
        assertTrue(documented.routes().contains("GET " + Routes.WATCH));
        TreeSet<String> ids = new TreeSet<>();
        for (String route : documented.routes()) {
            JsonNode operation = documented.operation(route);
            assertFalse(
                    operation.path("summary").asString().isEmpty(),
                    route + ": say in the table of Routes what it does, takes and gives");
            assertTrue(ids.add(operation.path("operationId").asString()), route + ": its operation id is taken");
            assertFalse(operation.path(OpenApi.ADMITS).isEmpty(), route);
        }
    }

    @Test
    void everyReferenceLeadsSomewhere() {
        for (JsonNode reference : documented.document().findValues("$ref")) {
            assertFalse(
                    documented.document().at(reference.asString().substring(1)).isMissingNode(), reference.asString());
        }
    }

    @Test
    void unknownFieldsAreRefusedWhereverABodyIsTaken() throws Exception {
        for (String route : documented.routes()) {
            String body = Requests.body(route, manager);
            if (body == null) {
                continue;
            }
            String more = body.replaceFirst("}$", ",\"colour\":\"red\"}");
            Owned owned = owned(route);
            String path = Requests.path(route, owned.node().text(), manager);
            Reply reply = owned.client().ask(method(route), path, more);

            assertEquals(400, reply.status(), route + ": " + reply.body());
            assertTrue(reply.json().path("detail").asString().contains("'colour'"), route + ": " + reply.body());
        }
    }

    @Test
    void listsComeInPartsThatMakeUpTheWhole() throws Exception {
        List<PairReport> pairs = new ArrayList<>();
        for (int i = 0; i < 3; i++) {
            NodeId node = Callers.newNode(manager);
            manager.core.presence().heard(node, new Heartbeat(1, Revision.ZERO, Revision.ZERO, "1", "test", 0));
            pairs.add(PairReport.direct(node, 1L));
            manager.token(Role.PEER, 1);
        }
        manager.core
                .presence()
                .heard(
                        manager.core.self(),
                        new Heartbeat(
                                1, Revision.ZERO, Revision.ZERO, "1", "test", 3, null, null, null, null, null, pairs));
        int lists = 0;
        for (String route : documented.routes()) {
            String schema = documented
                    .operation(route)
                    .at("/responses/200/content/application~1json/schema/$ref")
                    .asString("");
            if (!schema.endsWith("Page") || route.equals("GET /v1/audit")) {
                continue;
            }
            lists++;
            String path = route.substring(4).replace("{id}", "m1");
            JsonNode whole = manager.operator().ask("GET", path).json().path("items");
            List<JsonNode> parts = new ArrayList<>();
            @Nullable String next = "";
            while (next != null) {
                JsonNode part = manager.operator()
                        .ask("GET", path + "?limit=2" + (next.isEmpty() ? "" : "&after=" + next))
                        .json();
                assertTrue(part.path("items").size() <= 2, route);
                part.path("items").forEach(parts::add);
                next = part.path("next").isString() ? part.path("next").asString() : null;
                assertTrue(parts.size() <= whole.size(), route);
            }
            assertEquals(whole.valueStream().toList(), parts, route);
        }
        assertTrue(lists >= 2, "nodes and tokens at least");
    }

    @Test
    void changeUnderTheSameKeyIsDoneOnceAndAnotherUnderItIsRefused() throws Exception {
        int keyed = 0;
        for (String route : documented.routes()) {
            if (!documented.operation(route).path("parameters").toString().contains("Idempotency-Key")) {
                continue;
            }
            keyed++;
            String key = UUID.randomUUID().toString();
            Owned owned = owned(route);
            String body = Requests.body(route, manager);
            String path = Requests.path(route, owned.node().text(), manager);
            Reply first = send(owned.client(), route, path, body, key);
            Reply again = send(owned.client(), route, path, body, key);

            assertEquals(first.status(), again.status(), route + ": " + again.body());
            assertEquals(first.body(), again.body(), route);
            if (body == null && !route.contains("{id}")) {
                continue;
            }
            String otherPath =
                    body == null ? Requests.path(route, Callers.newNode(manager).text(), manager) : path;
            Reply other = send(owned.client(), route, otherPath, Requests.body(route, manager), key);
            assertEquals("request-id-reused", other.slug(), route + ": " + other.body());
        }
        assertTrue(keyed >= 8, "the changes that there are");
    }

    /** RFC 9110 section 15.5.6: a refused method comes with those that there are. */
    @Test
    void methodThatAPathDoesNotTakeIsToldWhichItTakes() throws Exception {
        for (Map.Entry<String, JsonNode> path :
                documented.document().path("paths").properties()) {
            TreeSet<String> taken = new TreeSet<>();
            path.getValue().propertyNames().forEach(method -> taken.add(method.toUpperCase(Locale.ROOT)));
            if (taken.contains("GET")) {
                taken.add("HEAD");
            }
            String concrete = path.getKey().replaceAll("\\{[a-z]+}", "x");
            for (String method : List.of("GET", "HEAD", "POST", "PUT", "DELETE", "PATCH", "OPTIONS", "TRACE")) {
                if (!taken.contains(method)) {
                    Reply reply = manager.operator().ask(method, concrete);
                    assertEquals(405, reply.status(), method + " " + concrete);
                    assertEquals(String.join(", ", taken), reply.allow(), method + " " + concrete);
                }
            }
        }
    }

    private record Owned(Client client, NodeId node) {}

    /** Somebody who may ask, and a node that he may ask about. */
    private static Owned owned(String route) throws Exception {
        if (documented.isForOperators(route)) {
            NodeId node = Callers.newNode(manager);
            Requests.prepare(route, node, manager);
            return new Owned(manager.operator(), node);
        }
        LoneManager.Joined node = manager.join(null, Role.PEER);
        Requests.prepare(route, node.id(), manager);
        return new Owned(manager.as(node), node.id());
    }

    private static String method(String route) {
        return route.substring(0, route.indexOf(' '));
    }

    private static Reply send(Client client, String route, String path, @Nullable String body, String key)
            throws Exception {
        return client.ask(method(route), path, body, key);
    }
}
