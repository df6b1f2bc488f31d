package io.wgfabric.javalin.rest;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.wgfabric.api.Command;
import io.wgfabric.api.NodeId;
import io.wgfabric.api.Operator;
import io.wgfabric.api.Operator.Access;
import io.wgfabric.core.codec.Json;
import io.wgfabric.core.crypto.OperatorCredential;
import io.wgfabric.core.crypto.Tls;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Sessions of the web page: how they begin and end, and that no other site can use one. */
class SessionTest {
    private static final String TOKEN = "{\"role\":\"peer\"}";
    private static final String[] OWN_PAGE = {SameOrigin.HEADER, "1", "Sec-Fetch-Site", "same-origin"};

    @SuppressWarnings("NullAway.Init")
    private LoneManager manager;

    @SuppressWarnings("NullAway.Init")
    private HttpClient http;

    @BeforeEach
    void start() {
        manager = LoneManager.start();
        http = HttpClient.newBuilder().sslContext(Tls.context(manager.anyAge())).build();
    }

    @AfterEach
    void stop() {
        manager.close();
    }

    private HttpResponse<String> ask(String method, String path, String body, String... headers)
            throws IOException, InterruptedException {
        return http.send(
                HttpRequest.newBuilder(URI.create("https://127.0.0.1:" + manager.port() + path))
                        .timeout(Duration.ofSeconds(20))
                        .headers(headers)
                        .method(method, BodyPublishers.ofString(body))
                        .build(),
                BodyHandlers.ofString());
    }

    private static String[] with(String cookie, String... more) {
        return Stream.concat(Stream.of("Cookie", cookie), Arrays.stream(more)).toArray(String[]::new);
    }

    private HttpResponse<String> signIn(OperatorCredential credential) throws IOException, InterruptedException {
        return ask("POST", "/v1/session", "", "Authorization", "Bearer " + credential.reveal());
    }

    private static String cookie(HttpResponse<String> signedIn) {
        return signedIn.headers().firstValue("set-cookie").orElse("").replaceFirst(";.*", "");
    }

    private int look(String cookie) throws IOException, InterruptedException {
        return ask("GET", "/v1/nodes", "", with(cookie)).statusCode();
    }

    private OperatorCredential another(Access access) {
        OperatorCredential credential = OperatorCredential.generate();
        manager.submit(new Command.CreateOperator(new Operator(credential.id(), "other", access, credential.hash())));
        return credential;
    }

    private static String slug(HttpResponse<String> response) {
        return Json.mapper().readTree(response.body()).path("type").asString("").replace(Problem.PREFIX, "");
    }

    @Test
    void credentialIsExchangedForACookieThatNoScriptAndNoOtherSiteSees() throws Exception {
        HttpResponse<String> signedIn = signIn(manager.operator);

        assertEquals(201, signedIn.statusCode(), signedIn.body());
        String set = signedIn.headers().firstValue("set-cookie").orElse("");
        assertTrue(set.matches("__Host-fabric=[A-Za-z0-9_-]{43}; Path=/; Secure; HttpOnly; SameSite=Strict"), set);
        assertEquals("no-store", signedIn.headers().firstValue("cache-control").orElse(""));
        String secret = cookie(signedIn).substring(Sessions.COOKIE.length() + 1);
        assertFalse(signedIn.body().contains(secret));
        assertFalse(signedIn.body().contains(manager.operator.reveal()));
        assertEquals(200, look(cookie(signedIn)));
    }

    @Test
    void sessionDoesWhatItsOperatorMay() throws Exception {
        String viewer = cookie(signIn(another(Access.VIEWER)));
        String admin = cookie(signIn(manager.operator));

        assertEquals(200, look(viewer));
        assertEquals("not-allowed", slug(ask("POST", "/v1/tokens", TOKEN, with(viewer, OWN_PAGE))));
        assertEquals(
                201, ask("POST", "/v1/tokens", TOKEN, with(admin, OWN_PAGE)).statusCode());
    }

    @Test
    void sessionIsOverWhenItWasNotUsedForTooLong() throws Exception {
        String cookie = cookie(signIn(manager.operator));
        manager.clock.advance(Sessions.IDLE.minusSeconds(1));
        assertEquals(200, look(cookie));
        manager.clock.advance(Sessions.IDLE.minusSeconds(1));
        assertEquals(200, look(cookie));
        manager.clock.advance(Sessions.IDLE);

        assertEquals(401, look(cookie));
    }

    @Test
    void sessionIsOverAfterItsLifeHoweverMuchItIsUsed() throws Exception {
        String cookie = cookie(signIn(manager.operator));
        Duration step = Sessions.IDLE.minusSeconds(1);
        for (Duration gone = step; gone.compareTo(Sessions.LIFE) < 0; gone = gone.plus(step)) {
            manager.clock.advance(step);
            assertEquals(200, look(cookie));
        }
        manager.clock.advance(step);

        assertEquals(401, look(cookie));
    }

    @Test
    void noSessionIsOpenedWithASession() throws Exception {
        String cookie = cookie(signIn(manager.operator));

        HttpResponse<String> again = ask("POST", "/v1/session", "", with(cookie, OWN_PAGE));

        assertEquals(403, again.statusCode());
        assertTrue(again.headers().firstValue("set-cookie").isEmpty());
    }

    @Test
    void revokedOperatorsSessionEndsAtOnce() throws Exception {
        OperatorCredential other = another(Access.ADMIN);
        String cookie = cookie(signIn(other));
        assertEquals(200, look(cookie));

        manager.submit(new Command.RevokeOperator(other.id()));

        assertEquals(401, look(cookie));
        assertEquals(
                401, ask("POST", "/v1/tokens", TOKEN, with(cookie, OWN_PAGE)).statusCode());
    }

    @Test
    void whoSignsOutIsOut() throws Exception {
        String cookie = cookie(signIn(manager.operator));

        HttpResponse<String> out = ask("DELETE", "/v1/session", "", with(cookie, OWN_PAGE));

        assertEquals(204, out.statusCode());
        assertTrue(out.headers().firstValue("set-cookie").orElse("").startsWith("__Host-fabric=; Max-Age=0;"));
        assertEquals(401, look(cookie));
    }

    @Test
    void oneMoreSessionEndsTheOldestOfTheSameOperatorAlone() throws Exception {
        String others = cookie(signIn(another(Access.VIEWER)));
        List<String> own = new ArrayList<>();
        for (int i = 0; i <= Sessions.OF_OPERATOR; i++) {
            own.add(cookie(signIn(manager.operator)));
        }

        assertEquals(401, look(own.get(0)));
        assertEquals(200, look(own.get(1)));
        assertEquals(200, look(own.get(Sessions.OF_OPERATOR)));
        assertEquals(200, look(others));
    }

    @Test
    void anotherSiteChangesNothing() throws Exception {
        String cookie = cookie(signIn(manager.operator));
        String own = "https://127.0.0.1:" + manager.port();
        int before = manager.core.fabric().view().tokens().size();
        for (String[] headers : List.of(
                with(cookie),
                with(cookie, SameOrigin.HEADER, "1"),
                with(cookie, "Sec-Fetch-Site", "same-origin"),
                with(cookie, "Origin", own),
                with(cookie, SameOrigin.HEADER, "1", "Sec-Fetch-Site", "cross-site"),
                with(cookie, SameOrigin.HEADER, "1", "Sec-Fetch-Site", "same-site"),
                with(cookie, SameOrigin.HEADER, "1", "Sec-Fetch-Site", "none"),
                with(cookie, SameOrigin.HEADER, "1", "Origin", "null"),
                with(cookie, SameOrigin.HEADER, "1", "Origin", "https://127.0.0.1"),
                with(cookie, SameOrigin.HEADER, "1", "Origin", "https://example.org"),
                with(cookie, SameOrigin.HEADER, "1", "Sec-Fetch-Site", "same-origin", "Origin", "https://example.org"),
                with(cookie, SameOrigin.HEADER, "1", "Sec-Fetch-Site", "cross-site", "Origin", own))) {
            HttpResponse<String> refused = ask("POST", "/v1/tokens", TOKEN, headers);

            assertEquals(
                    403,
                    refused.statusCode(),
                    List.of(headers).subList(2, headers.length).toString());
            assertEquals(SameOrigin.FROM_OTHERS, slug(refused));
        }
        assertEquals(
                403,
                ask("GET", "/v1/nodes", "", with(cookie, "Sec-Fetch-Site", "cross-site"))
                        .statusCode());
        assertEquals(before, manager.core.fabric().view().tokens().size());
        assertEquals(
                201,
                ask("POST", "/v1/tokens", TOKEN, with(cookie, SameOrigin.HEADER, "1", "Origin", own))
                        .statusCode());
    }

    @Test
    void everyChangeAsksForTheOwnPage() throws Exception {
        String cookie = cookie(signIn(manager.operator));
        Documented documented = Documented.of(manager);
        int changes = 0;
        for (String route : documented.routes()) {
            String[] parts = route.split(" ", 2);
            if (!parts[0].equals("GET") && documented.isForOperators(route)) {
                NodeId node = Callers.newNode(manager);
                String path = parts[1].replaceAll("\\{[a-z]+}", node.text());
                assertEquals(SameOrigin.FROM_OTHERS, slug(ask(parts[0], path, "{}", with(cookie))), route);
                changes++;
            }
        }
        assertTrue(changes > 15, "the changes that operators may make");
    }

    @Test
    void inventedSessionsAreLimitedBySource() throws Exception {
        try (LoneManager limited = LoneManager.start(3)) {
            HttpClient client = HttpClient.newBuilder()
                    .sslContext(Tls.context(limited.trust()))
                    .build();
            HttpRequest request = HttpRequest.newBuilder(
                            URI.create("https://127.0.0.1:" + limited.port() + "/v1/nodes"))
                    .header("Cookie", Sessions.COOKIE + "=" + "A".repeat(43))
                    .timeout(Duration.ofSeconds(20))
                    .build();
            for (int i = 0; i < 3; i++) {
                assertEquals(401, client.send(request, BodyHandlers.ofString()).statusCode());
            }
            assertEquals(429, client.send(request, BodyHandlers.ofString()).statusCode());
        }
    }
}
