package io.wgfabric.javalin.rest;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.wgfabric.core.crypto.Tls;
import java.io.IOException;
import java.net.http.HttpClient.Version;
import java.util.Map;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLHandshakeException;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.TrustManager;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

class TransportTest {
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

    @Test
    void negotiatesHttp2() throws Exception {
        assertEquals(Version.HTTP_2, manager.nobody().ask("GET", "/healthz").version());
    }

    @Test
    void alsoSpeaksHttp11() throws Exception {
        Reply reply = manager.nobody().askOver(Version.HTTP_1_1, "/healthz");

        assertEquals(Version.HTTP_1_1, reply.version());
        assertEquals(200, reply.status());
    }

    @Test
    void speaksTls13() throws Exception {
        try (SSLSocket socket = socket("TLSv1.3")) {
            socket.startHandshake();

            assertEquals("TLSv1.3", socket.getSession().getProtocol());
        }
    }

    @Test
    void refusesTls12() throws Exception {
        try (SSLSocket socket = socket("TLSv1.2")) {
            assertThrows(SSLHandshakeException.class, socket::startHandshake);
        }
    }

    private static SSLSocket socket(String protocol) throws Exception {
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(null, new TrustManager[] {manager.trust()}, null);
        SSLSocket socket = (SSLSocket) context.getSocketFactory().createSocket("127.0.0.1", manager.port());
        socket.setEnabledProtocols(new String[] {protocol});
        return socket;
    }

    @Test
    void certificateOfAnotherClusterCountsAsNone() throws Exception {
        try (LoneManager other = LoneManager.start()) {
            LoneManager.Joined stranger = other.join("stranger");
            SSLContext strange = other.reTrusted(stranger, manager.trust());
            Reply reply = new Client(manager.port(), strange, null).ask("GET", "/v1/netmap");

            assertEquals(401, reply.status());
            assertEquals("unauthenticated", reply.slug());
        }
    }

    @Test
    void problemsAreProblemDocuments() throws Exception {
        Reply reply = manager.nobody().ask("GET", "/v1/nothing");

        assertEquals(404, reply.status());
        assertEquals("application/problem+json", reply.type());
        assertEquals("not-found", reply.slug());
        assertEquals(404, reply.json().path("status").asInt());
        assertFalse(reply.json().path("detail").asString().isEmpty());
    }

    @Test
    void wrongMethodIsRefused() throws Exception {
        assertEquals(
                "method-not-allowed",
                manager.operator().ask("PUT", "/v1/tokens").slug());
    }

    @Test
    void bodyBeyondTheLimitIsRefused() throws Exception {
        String large = "\"" + "x".repeat(RestServer.MAX_BODY) + "\"";

        assertEquals(
                "too-large", manager.nobody().ask("POST", "/v1/join", large).slug());
    }

    @Test
    void healthAndReadinessNeedNoCredential() throws Exception {
        assertEquals(200, manager.nobody().ask("GET", "/healthz").status());
        assertEquals(200, manager.nobody().ask("GET", "/readyz").status());
    }

    @Test
    void metricsTellOfTheFabric() throws Exception {
        manager.nobody().ask("POST", "/v1/join", "{}");
        manager.operator().ask("POST", "/v1/tokens", Map.of("role", "peer"));
        String metrics = manager.operator().ask("GET", "/metrics").body();

        for (String name : new String[] {
            "fabric_revision",
            "fabric_nodes{status=\"online\"}",
            "fabric_tokens",
            "fabric_raft_term",
            "fabric_raft_leader",
            "fabric_raft_commit_index",
            "fabric_joins_total{outcome=\"admitted\"}",
            "fabric_join_seconds_bucket",
            "fabric_refusals_total{reason=\"invalid\"}",
            "fabric_replication_refusals_total",
            "fabric_refusals_waiting",
            "fabric_watchers",
            "jvm_memory_used_bytes"
        }) {
            assertTrue(metrics.contains(name), name + " is missing");
        }
    }

    @Test
    void unknownAuthorityOfTheServerIsTheClientsToRefuse() throws IOException {
        try (LoneManager other = LoneManager.start()) {
            Client client = new Client(manager.port(), Tls.context(other.trust()), null);

            assertThrows(SSLHandshakeException.class, () -> client.ask("GET", "/healthz"));
        }
    }
}
