package io.wgfabric.javalin.rest;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.wgfabric.api.Bytes;
import io.wgfabric.api.ClusterId;
import io.wgfabric.api.Command.ApproveNode;
import io.wgfabric.api.Command.QuarantineNode;
import io.wgfabric.api.Command.RemoveNode;
import io.wgfabric.api.NodeId;
import io.wgfabric.api.Role;
import io.wgfabric.core.codec.Json;
import io.wgfabric.core.crypto.CertificateAuthority;
import io.wgfabric.core.crypto.Certificates;
import io.wgfabric.core.crypto.Keys;
import io.wgfabric.core.crypto.NodeIdentity;
import io.wgfabric.core.crypto.Renewal;
import io.wgfabric.core.crypto.Tls;
import io.wgfabric.core.wire.CertificateAnswer;
import io.wgfabric.core.wire.CertificateRequest;
import java.io.IOException;
import java.io.InputStream;
import java.security.KeyPair;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.HashSet;
import java.util.Set;
import javax.net.ssl.SSLContext;
import org.junit.jupiter.api.Test;

/** What a node's certificate is good for as it ages, and how it gets the next one. */
class CertificateTest {
    private static final Duration LIFE = CertificateAuthority.NODE_LIFE;

    /** A node's view of one manager. What the manager shows expires in these tests too, and is not what they are about. */
    private static Client client(LoneManager manager, KeyPair pair, X509Certificate certificate) {
        return new Client(manager.port(), tls(manager, pair, certificate), null);
    }

    private static SSLContext tls(LoneManager manager, KeyPair pair, X509Certificate certificate) {
        return Tls.context(
                pair.getPrivate(),
                certificate,
                manager.core.keyring().authority().certificate(),
                manager.anyAge());
    }

    private static Client client(LoneManager manager, LoneManager.Joined node) {
        return client(manager, node.pair(), Certificates.decode(node.answer().certificate()));
    }

    private static String path(LoneManager.Joined node) {
        return "/v1/nodes/" + node.id() + "/certificate";
    }

    private static CertificateRequest request(KeyPair pair) {
        return new CertificateRequest(Certificates.request(pair));
    }

    @Test
    void memberGetsTheNextCertificateForItsKey() throws Exception {
        try (LoneManager manager = LoneManager.start()) {
            LoneManager.Joined node = manager.join("p1");
            manager.clock.advance(LIFE.dividedBy(2));
            Reply reply = client(manager, node).ask("POST", path(node), request(node.pair()));
            assertEquals(200, reply.status(), reply.body());

            X509Certificate fresh = Certificates.decode(Json.mapper()
                    .readValue(reply.body(), CertificateAnswer.class)
                    .certificate());
            manager.clock.advance(LIFE.dividedBy(2).plusMinutes(1));
            assertEquals(
                    new NodeIdentity(manager.core.keyring().cluster(), Role.PEER, node.id()),
                    NodeIdentity.of(fresh).orElseThrow());
            assertEquals(401, client(manager, node).ask("GET", "/v1/netmap").status());
            assertEquals(
                    200,
                    client(manager, node.pair(), fresh).ask("GET", "/v1/netmap").status());
        }
    }

    @Test
    void expiredCertificateIsGoodForTheNextOneAloneAndForAWhile() throws Exception {
        try (LoneManager manager = LoneManager.start()) {
            LoneManager.Joined node = manager.join("p1");
            manager.clock.advance(LIFE.plusMinutes(1));
            Client lapsed = client(manager, node);
            for (String route : new String[] {"/v1/netmap", "/v1/status", "/v1/watch", "/v1/nodes/" + node.id()}) {
                Reply reply = lapsed.ask("GET", route);
                assertEquals(401, reply.status(), route);
                assertTrue(reply.body().contains("certificate-expired"), reply.body());
                assertTrue(reply.body().contains("expired at"), reply.body());
            }
            assertEquals(
                    200, lapsed.ask("POST", path(node), request(node.pair())).status());

            manager.clock.advance(Renewal.GRACE);
            Reply late = lapsed.ask("POST", path(node), request(node.pair()));
            assertEquals(401, late.status(), late.body());
            assertTrue(late.body().contains("too long ago"), late.body());
        }
    }

    @Test
    void whoWaitsForApprovalRenewsItsOwnAndIsLetInWithIt() throws Exception {
        try (LoneManager manager = LoneManager.start()) {
            LoneManager.Joined node = manager.joinPending("p1");
            LoneManager.Joined other = manager.joinPending("p2");
            assertEquals(
                    403,
                    client(manager, node)
                            .ask("POST", path(other), request(node.pair()))
                            .status());
            assertEquals(
                    200,
                    client(manager, node)
                            .ask("POST", path(node), request(node.pair()))
                            .status());

            manager.clock.advance(LIFE.plusMinutes(1));
            Client lapsed = client(manager, node);
            assertEquals("certificate-expired", lapsed.ask("GET", "/v1/watch").slug());
            Reply reply = lapsed.ask("POST", path(node), request(node.pair()));
            assertEquals(200, reply.status(), reply.body());
            X509Certificate fresh = Certificates.decode(Json.mapper()
                    .readValue(reply.body(), CertificateAnswer.class)
                    .certificate());
            Client renewed = client(manager, node.pair(), fresh);
            assertEquals("node-pending", renewed.ask("GET", "/v1/netmap").slug());
            manager.submit(new ApproveNode(node.id()));
            assertEquals(200, renewed.ask("GET", "/v1/netmap").status());
        }
    }

    @Test
    void nodeRenewsItselfAloneAndItsKeyAlone() throws Exception {
        try (LoneManager manager = LoneManager.start()) {
            LoneManager.Joined node = manager.join("p1");
            LoneManager.Joined other = manager.join("p2");

            assertEquals(
                    403,
                    client(manager, node)
                            .ask("POST", path(other), request(node.pair()))
                            .status());
            assertEquals(
                    400,
                    client(manager, node)
                            .ask("POST", path(node), request(other.pair()))
                            .status());
            assertEquals(
                    400,
                    client(manager, node)
                            .ask("POST", path(node), new CertificateRequest(Bytes.of(new byte[100])))
                            .status());
        }
    }

    @Test
    void whoIsQuarantinedOrRemovedGetsNone() throws Exception {
        try (LoneManager manager = LoneManager.start()) {
            LoneManager.Joined node = manager.join("p1");
            manager.submit(new QuarantineNode(node.id(), "lost"));
            for (Duration later : new Duration[] {Duration.ZERO, LIFE.plusMinutes(1)}) {
                manager.clock.advance(later);
                Reply reply = client(manager, node).ask("POST", path(node), request(node.pair()));
                assertEquals(403, reply.status(), reply.body());
                assertTrue(reply.body().contains("node-quarantined"), reply.body());
            }
            manager.submit(new RemoveNode(node.id(), "gone"));
            Reply reply = client(manager, node).ask("POST", path(node), request(node.pair()));
            assertEquals(403, reply.status(), reply.body());
            assertTrue(reply.body().contains("node-removed"), reply.body());
        }
    }

    @Test
    void foreignAuthorityIsNamed() throws Exception {
        try (LoneManager manager = LoneManager.start()) {
            LoneManager.Joined node = manager.join("p1");
            ClusterId cluster = manager.core.keyring().cluster();
            CertificateAuthority foreign =
                    CertificateAuthority.create(cluster, Keys.generateP256(), manager.clock.instant());
            KeyPair pair = Keys.generateP256();
            X509Certificate forged = foreign.issueNode(
                    pair.getPublic(), new NodeIdentity(cluster, Role.PEER, node.id()), manager.clock.instant());
            SSLContext tls = Tls.context(pair.getPrivate(), forged, foreign.certificate(), manager.anyAge());

            for (String route : new String[] {"GET /v1/netmap", "POST " + path(node)}) {
                String[] parts = route.split(" ", 2);
                Reply reply = new Client(manager.port(), tls, null).ask(parts[0], parts[1], request(pair));
                assertEquals(401, reply.status(), reply.body());
                assertTrue(reply.body().contains("not from this cluster's authority"), reply.body());
            }
        }
    }

    @Test
    void certificateOfTomorrowIsNamed() throws Exception {
        try (LoneManager manager = LoneManager.start()) {
            LoneManager.Joined node = manager.join("p1");
            KeyPair pair = Keys.generateP256();
            Instant tomorrow = manager.clock.instant().plus(Duration.ofDays(1));
            X509Certificate early = manager.core
                    .keyring()
                    .authority()
                    .issueNode(
                            pair.getPublic(),
                            new NodeIdentity(manager.core.keyring().cluster(), Role.PEER, node.id()),
                            tomorrow);
            Reply reply = client(manager, pair, early).ask("GET", "/v1/netmap");
            assertEquals(401, reply.status());
            assertTrue(reply.body().contains("clock"), reply.body());
        }
    }

    @Test
    void streamEndsWithItsCertificate() throws Exception {
        try (LoneManager manager = LoneManager.start()) {
            LoneManager.Joined node = manager.join("p1");
            try (InputStream stream = client(manager, node).open("/v1/watch")) {
                assertTrue(stream.read() >= 0);
                manager.clock.advance(LIFE.plusMinutes(1));
                await().atMost(Duration.ofSeconds(20)).until(() -> hasEnded(stream));
            }
        }
    }

    private static boolean hasEnded(InputStream stream) {
        try {
            return stream.read(new byte[1 << 16]) < 0;
        } catch (IOException e) {
            return true;
        }
    }

    @Test
    void renewalIsDueInTheSecondHalfOfTheLife() {
        ClusterId cluster = ClusterId.of(1);
        Instant now = Instant.parse("2026-01-01T00:00:00Z");
        CertificateAuthority authority = CertificateAuthority.create(cluster, Keys.generateP256(), now);
        KeyPair pair = Keys.generateP256();
        Set<Instant> dues = new HashSet<>();
        for (int i = 0; i < 20; i++) {
            X509Certificate certificate =
                    authority.issueNode(pair.getPublic(), new NodeIdentity(cluster, Role.PEER, NodeId.of(i)), now);
            Instant due = Renewal.dueAt(certificate);
            assertTrue(!due.isBefore(now.plus(LIFE.dividedBy(2))), due.toString());
            assertTrue(!due.isAfter(now.plus(LIFE.multipliedBy(2).dividedBy(3))), due.toString());
            dues.add(due);
        }
        assertTrue(dues.size() > 15, "they do not come back together: " + dues);
    }
}
