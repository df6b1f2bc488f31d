package io.wgfabric.javalin.rest;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.wgfabric.api.Command;
import io.wgfabric.api.FabricView;
import io.wgfabric.api.Role;
import io.wgfabric.core.codec.Json;
import io.wgfabric.core.crypto.Keys;
import io.wgfabric.core.wire.Heartbeat;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/**
 * Damaged requests to a running manager: each is refused as the caller's fault or does what it then says, none is the
 * server's fault, and what is refused changes nothing. {@code -Dfuzz.requests} says how many; {@code -Dfuzz.request}
 * repeats one.
 */
class DamagedRequestsTest {
    private static final int REQUESTS = Integer.getInteger("fuzz.requests", 1_000);

    private static final Pattern VALUE =
            Pattern.compile("\"(?:[^\"\\\\]++|\\\\.)*+\"|-?[0-9]+|true|false|null|[{}\\[\\],:]");

    private static final List<String> MORSELS = List.of(
            "null",
            "true",
            "-1",
            "1.5",
            "1e999999999",
            "9223372036854775808",
            "2147483648",
            "\"\"",
            "\" \"",
            "\"\\u0000\"",
            "\"\\ud800\"",
            "\"\u202e\u0661\"",
            "\"" + "A".repeat(3_000) + "\"",
            "\"../../etc/passwd\"",
            "[]",
            "[null]",
            "{}",
            "{\"a\":1}",
            "[".repeat(100),
            "{\"a\":".repeat(100),
            "}",
            ",",
            "",
            "\"unknown\":1");

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
            "1");

    private final LoneManager manager = LoneManager.start();

    @AfterEach
    void stop() {
        manager.close();
    }

    private record Route(
            Client client,
            String method,
            String path,
            @Nullable String body) {
        @Override
        public String toString() {
            return method + " " + path + " " + body;
        }
    }

    private List<Route> sound(LoneManager.Joined peer, String token, String tokenId) {
        Client operator = manager.operator();
        Client itself = manager.as(peer);
        String node = "/v1/nodes/" + peer.id();
        List<Route> routes = new ArrayList<>();
        routes.add(post(manager.nobody(), "/v1/join", LoneManager.request(token, Role.PEER, "p", Keys.generateP256())));
        routes.add(post(manager.nobody(), "/v1/join", LoneManager.request(token, Role.MGMT, "m", Keys.generateP256())));
        routes.add(post(
                operator,
                "/v1/tokens",
                Map.of(
                        "role",
                        "peer",
                        "ttlSeconds",
                        60,
                        "uses",
                        1,
                        "tags",
                        List.of("a", "b"),
                        "address",
                        "10.0.9.9",
                        "ephemeral",
                        true)));
        routes.add(post(itself, node + "/keys", Map.of("plane", "SPARE", "key", LoneManager.newKey())));
        routes.add(new Route(
                itself,
                "PUT",
                node + "/reach",
                Json.mapper().writeValueAsString(Map.of("endpoints", LoneManager.endpoints()))));
        routes.add(post(
                itself,
                "/v1/heartbeat",
                new Heartbeat(
                        1,
                        manager.core.fabric().view().revision(),
                        manager.core.fabric().view().revision(),
                        "1",
                        "test",
                        0)));
        routes.add(post(operator, node + "/quarantine", Map.of("reason", "test")));
        routes.add(new Route(operator, "POST", node + "/release", null));
        routes.add(new Route(operator, "GET", node, null));
        routes.add(new Route(operator, "GET", "/v1/nodes?limit=1&after=n-0", null));
        routes.add(new Route(operator, "GET", "/v1/tokens/" + tokenId, null));
        routes.add(new Route(operator, "GET", "/v1/audit?after=0&limit=10", null));
        routes.add(new Route(operator, "DELETE", "/v1/tokens/" + tokenId + "?cascade=false", null));
        return routes;
    }

    private static Route post(Client client, String path, Object body) {
        return new Route(client, "POST", path, Json.mapper().writeValueAsString(body));
    }

    @Test
    void damagedRequestIsNeverTheServersFaultAndChangesNothing() throws Exception {
        LoneManager.Joined peer = manager.join("peer");
        String token = manager.token(Role.PEER, 0).text();
        String tokenId = manager.token(Role.PEER, 1).token().id().text();
        manager.submit(new Command.RotateNodeKey(peer.id()));
        List<Route> routes = sound(peer, token, tokenId);
        Integer single = Integer.getInteger("fuzz.request");
        int first = single == null ? 0 : single;
        int refused = 0;
        for (int seed = first; seed < (single == null ? REQUESTS : first + 1); seed++) {
            Random random = new Random(seed * 0x9e3779b97f4a7c15L);
            Route damaged = damaged(random, routes.get(random.nextInt(routes.size())));
            FabricView before = manager.core.fabric().view();
            Reply reply = ask(damaged);
            String at = "-Dfuzz.request=" + seed + ": " + damaged + ": " + reply.status() + " " + reply.body();
            assertTrue(reply.status() < 500, at);
            if (reply.status() >= 400) {
                refused++;
                assertSame(before, manager.core.fabric().view(), at);
            }
        }
        assertTrue(single != null || refused > REQUESTS / 3, "only " + refused + " were refused");
        assertEquals(200, manager.nobody().ask("GET", "/healthz").status());
    }

    private static Reply ask(Route route) throws IOException, InterruptedException {
        return route.body() == null
                ? route.client().ask(route.method(), route.path())
                : route.client().ask(route.method(), route.path(), route.body());
    }

    /** All but the audit chain, which tells of refusals. */
    private static void assertSame(FabricView before, FabricView after, String at) {
        assertEquals(List.copyOf(before.nodes()), List.copyOf(after.nodes()), at);
        assertEquals(List.copyOf(before.tokens()), List.copyOf(after.tokens()), at);
        assertEquals(before.cluster(), after.cluster(), at);
        assertEquals(before.sealedSecrets(), after.sealedSecrets(), at);
        if (before.revision().equals(after.revision())) {
            assertEquals(before.digest(), after.digest(), at);
        }
    }

    private static Route damaged(Random random, Route sound) {
        if (sound.body() == null || random.nextInt(8) == 0) {
            return new Route(sound.client(), sound.method(), damagedPath(random, sound.path()), sound.body());
        }
        String body = sound.body();
        for (int i = random.nextInt(3); i >= 0; i--) {
            body = damagedBody(random, body);
        }
        return new Route(sound.client(), sound.method(), sound.path(), body);
    }

    private static String damagedPath(Random random, String path) {
        String[] parts = path.split("(?<=[/=])", -1);
        int part = 2 + random.nextInt(parts.length - 2);
        parts[part] = NAMES.get(random.nextInt(NAMES.size())) + (parts[part].endsWith("/") ? "/" : "");
        return String.join("", parts);
    }

    /** One value, name or mark of the text gives way to something else. */
    private static String damagedBody(Random random, String body) {
        if (body.isEmpty() || random.nextInt(10) == 0) {
            return MORSELS.get(random.nextInt(MORSELS.size()));
        }
        if (random.nextInt(4) == 0) {
            int at = random.nextInt(body.length());
            return switch (random.nextInt(3)) {
                case 0 -> body.substring(0, at);
                case 1 -> body.substring(0, at) + (char) (33 + random.nextInt(90)) + body.substring(at + 1);
                default -> body.substring(0, at) + body.substring(random.nextInt(at + 1));
            };
        }
        List<int[]> places = new ArrayList<>();
        Matcher matcher = VALUE.matcher(body);
        while (matcher.find()) {
            places.add(new int[] {matcher.start(), matcher.end()});
        }
        if (places.isEmpty()) {
            return body + MORSELS.get(random.nextInt(MORSELS.size()));
        }
        int[] place = places.get(random.nextInt(places.size()));
        return body.substring(0, place[0]) + MORSELS.get(random.nextInt(MORSELS.size())) + body.substring(place[1]);
    }
}
