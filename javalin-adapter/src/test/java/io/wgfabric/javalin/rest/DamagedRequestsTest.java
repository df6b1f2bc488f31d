package io.wgfabric.javalin.rest;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.wgfabric.api.Command;
import io.wgfabric.api.FabricView;
import io.wgfabric.api.NodeId;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/**
 * Damaged requests on every route of a running manager: each is refused as the caller's fault or does what it then says,
 * none is the server's fault, and what is refused changes nothing. {@code -Dfuzz.requests} says how many; {@code
 * -Dfuzz.request} repeats one.
 */
class DamagedRequestsTest {
    private static final int REQUESTS = Integer.getInteger("fuzz.requests", 1_000);

    /** After so many a manager has given much away, and a new one takes its place. */
    private static final int REQUESTS_PER_MANAGER = 1_000;

    private static final List<String> NAMES = List.of(
            "",
            "x",
            "%00",
            "%2e%2e",
            "%F0%9F%98%80",
            "n-0000000000000",
            "t-0000000000000",
            "%20",
            "a".repeat(2_000),
            "*",
            "-1");

    private final Map<Integer, Integer> statuses = new TreeMap<>();

    private record Request(
            Client client,
            String method,
            String path,
            @Nullable String body) {
        Reply send() throws Exception {
            return body == null ? client.ask(method, path) : client.ask(method, path, body);
        }

        @Override
        public String toString() {
            return method + " " + path + " " + body;
        }
    }

    @Test
    void damagedRequestIsNeverTheServersFaultAndChangesNothing() throws Exception {
        Integer single = Integer.getInteger("fuzz.request");
        int first = single == null ? 0 : single;
        int end = single == null ? REQUESTS : first + 1;
        for (int seed = first; seed < end; seed += REQUESTS_PER_MANAGER) {
            try (LoneManager manager = LoneManager.start()) {
                attack(manager, seed, Math.min(end, seed + REQUESTS_PER_MANAGER));
            }
        }
        System.out.println("damaged requests by status of the answer: " + statuses);
        int refused = statuses.entrySet().stream()
                .filter(status -> status.getKey() >= 400)
                .mapToInt(Map.Entry::getValue)
                .sum();
        assertTrue(single != null || refused > REQUESTS / 2, "only " + refused + " were refused");
    }

    private void attack(LoneManager manager, int first, int end) throws Exception {
        Callers.takeSealingKeys(manager);
        LoneManager.Joined peer = manager.join("peer");
        manager.submit(new Command.RotateNodeKey(peer.id()));
        Client itself = manager.as(peer);
        Client operator = manager.operator();
        Documented documented = Documented.of(manager);
        List<String> routes = new ArrayList<>(documented.routes());
        // What cannot be damaged: no body, no parameter; and the stream, which has no end to wait for.
        routes.removeIf(route -> {
            boolean fixed = !Requests.hasBody(route)
                    && !route.contains("{")
                    && documented.query(route).isEmpty();
            return fixed || route.endsWith(Routes.WATCH);
        });
        for (int seed = first; seed < end; seed++) {
            Random random = new Random(seed * 0x9e3779b97f4a7c15L);
            String route = routes.get(random.nextInt(routes.size()));
            boolean operators = documented.isForOperators(route);
            NodeId node = operators && route.contains("/v1/nodes/{id}") ? Callers.newNode(manager) : peer.id();
            Request request = damaged(random, manager, documented, route, node, operators ? operator : itself);
            FabricView before = manager.core.fabric().view();
            Reply reply = request.send();
            String at = "-Dfuzz.request=" + seed + ": " + request + ": " + reply.status() + " " + reply.body();
            statuses.merge(reply.status(), 1, Integer::sum);
            assertTrue(reply.status() < 500, at);
            if (reply.status() >= 400) {
                assertUnchanged(before, manager.core.fabric().view(), at);
            }
        }
        assertEquals(200, manager.nobody().ask("GET", "/healthz").status());
        assertFalse(manager.operator().ask("GET", "/metrics").body().contains("reason=\"internal\""));
    }

    /** @param client of somebody who may do it */
    private static Request damaged(
            Random random, LoneManager manager, Documented documented, String route, NodeId node, Client client) {
        String method = route.substring(0, route.indexOf(' '));
        String path = Requests.path(route, node.text(), manager);
        String body = Requests.body(route, manager);
        if (body != null && random.nextInt(8) > 0) {
            return new Request(client, method, path, DamagedJson.of(random, body));
        }
        String name = NAMES.get(random.nextInt(NAMES.size()));
        List<String> parameters = documented.query(route);
        if (!parameters.isEmpty() && random.nextBoolean()) {
            String parameter = parameters.get(random.nextInt(parameters.size()));
            return new Request(client, method, path + "?" + parameter + "=" + name, body);
        }
        String[] parts = path.split("(?<=/)", -1);
        int part = 2 + random.nextInt(parts.length - 2);
        parts[part] = name + (parts[part].endsWith("/") ? "/" : "");
        return new Request(client, method, String.join("", parts), body);
    }

    /** But for the audit chain and the table of requests, which tell of refusals. */
    private static void assertUnchanged(FabricView before, FabricView after, String at) {
        assertEquals(List.copyOf(before.nodes()), List.copyOf(after.nodes()), at);
        assertEquals(List.copyOf(before.tokens()), List.copyOf(after.tokens()), at);
        assertEquals(List.copyOf(before.operators()), List.copyOf(after.operators()), at);
        assertEquals(before.pools(), after.pools(), at);
        assertEquals(before.cluster(), after.cluster(), at);
        assertEquals(before.sealedSecrets(), after.sealedSecrets(), at);
    }
}
