package io.wgfabric.javalin.rest;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.wgfabric.core.codec.Json;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.TrustManager;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Requests that no HTTP client sends: what the server answers by itself is a problem document too. */
class RawRequestsTest {
    @SuppressWarnings("NullAway.Init")
    private static LoneManager manager;

    @BeforeAll
    static void start() {
        manager = LoneManager.start();
    }

    @AfterAll
    static void stop() {
        manager.close();
    }

    private static SSLSocket connect() throws Exception {
        SSLContext context = SSLContext.getInstance("TLSv1.3");
        context.init(null, new TrustManager[] {manager.trust()}, null);
        SSLSocket socket = (SSLSocket) context.getSocketFactory().createSocket("127.0.0.1", manager.port());
        socket.setSoTimeout(20_000);
        socket.startHandshake();
        return socket;
    }

    private static void write(SSLSocket socket, String text) throws IOException {
        socket.getOutputStream().write(text.getBytes(StandardCharsets.ISO_8859_1));
        socket.getOutputStream().flush();
    }

    private static String readAll(SSLSocket socket) throws IOException {
        return new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    }

    private static void assertProblem(int status, String slug, String answer) {
        String[] parts = answer.split("\r\n\r\n", 2);
        assertTrue(parts[0].startsWith("HTTP/1.1 " + status + " "), answer);
        assertTrue(parts[0].contains("application/problem+json"), answer);
        String body = parts[1].substring(parts[1].indexOf('{'), parts[1].lastIndexOf('}') + 1);
        assertEquals(
                Problem.PREFIX + slug, Json.mapper().readTree(body).path("type").asString(""));
        assertTrue(Problem.slugs().contains(slug));
    }

    @ParameterizedTest(name = "{0}")
    @CsvSource({
        "'a word that is no method', 'NONSENSE\r\n\r\n', 400, invalid",
        "'no host', 'GET /healthz HTTP/1.1\r\n\r\n', 400, invalid",
        "'a path that leads out', 'GET /%2e%2e/%00 HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n', 400, invalid",
        "'no such path', 'GET /x HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n', 404, not-found",
        "'no such method', 'PUT /healthz HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n', 405, method-not-allowed",
        "'a long body', 'POST /v1/join HTTP/1.1\r\nHost: a\r\nContent-Length: 999999\r\n\r\n', 413, too-large",
    })
    void isRefusedWithAProblem(String what, String request, int status, String slug) throws Exception {
        try (SSLSocket socket = connect()) {
            write(socket, request);

            assertProblem(status, slug, readAll(socket));
        }
    }

    @Test
    void longPathAndLongHeadersAreRefused() throws Exception {
        String much = "x".repeat(RestServer.MAX_HEADERS + 1);
        try (SSLSocket path = connect();
                SSLSocket header = connect()) {
            write(path, "GET /" + much + " HTTP/1.1\r\nHost: a\r\n\r\n");
            write(header, "GET /healthz HTTP/1.1\r\nHost: a\r\nX: " + much + "\r\n\r\n");

            assertProblem(414, "uri-too-long", readAll(path));
            assertProblem(431, "headers-too-large", readAll(header));
        }
    }

    @Test
    void bodyThatIsCutIsNoFailureOfTheServer() throws Exception {
        try (SSLSocket socket = connect()) {
            write(socket, "POST /v1/join HTTP/1.1\r\nHost: a\r\nContent-Length: 100\r\n\r\n{\"request\":");
            socket.shutdownOutput();
            String answer = readAll(socket);

            if (!answer.isEmpty()) {
                assertProblem(400, "invalid", answer);
            }
        }
        assertFalse(
                manager.operator().ask("GET", "/metrics").body().contains("reason=\"internal\""),
                "nothing failed within");
    }

    /** More of them than the server has threads; each has sent half of a body and waits. */
    @Test
    void clientsThatStopWithinTheirBodiesHoldUpNobody() throws Exception {
        List<SSLSocket> slow = new ArrayList<>();
        try {
            for (int i = 0; i < 80; i++) {
                SSLSocket socket = connect();
                slow.add(socket);
                write(socket, "POST /v1/join HTTP/1.1\r\nHost: a\r\nContent-Length: 100\r\n\r\n{");
            }
            assertEquals(200, manager.nobody().ask("GET", "/readyz").status());
            assertProblem(408, "too-slow", readAll(slow.get(0)));
        } finally {
            for (SSLSocket socket : slow) {
                socket.close();
            }
        }
    }
}
