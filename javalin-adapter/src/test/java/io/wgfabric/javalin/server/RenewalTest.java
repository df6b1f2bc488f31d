package io.wgfabric.javalin.server;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.wgfabric.agent.AtomicFiles;
import io.wgfabric.agent.CertificateRenewal;
import io.wgfabric.agent.ControlClient;
import io.wgfabric.agent.ControlException;
import io.wgfabric.agent.NodeClients;
import io.wgfabric.agent.NodeStore;
import io.wgfabric.api.Actor;
import io.wgfabric.api.Command;
import io.wgfabric.api.NodeId;
import io.wgfabric.api.Operator;
import io.wgfabric.api.RequestId;
import io.wgfabric.api.Role;
import io.wgfabric.core.codec.Json;
import io.wgfabric.core.crypto.CertificateAuthority;
import io.wgfabric.core.crypto.OperatorCredential;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Certificates and credentials at several running managers. */
class RenewalTest {
    private static final Duration PATIENCE = Duration.ofMinutes(2);

    @TempDir
    @SuppressWarnings("NullAway.Init")
    private Path root;

    private static X509Certificate certificate(Path folder) {
        try {
            return new NodeStore(folder).certificate();
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    @Test
    void managersAndPeersOutliveTheirCertificates() throws Exception {
        Duration life = Duration.ofSeconds(40);
        Environment environment = TestCluster.environment().withCertificateLife(life);
        try (TestCluster cluster = new TestCluster(root)) {
            FabricServer first = cluster.init("m1", environment);
            FabricServer second = cluster.join("m2", TestCluster.token(first, Role.MGMT, 1), environment);
            Path folder = root.resolve("p1");
            TestPeer.join(folder, TestCluster.token(first, Role.PEER, 1));
            List<Path> folders = List.of(
                    folder, DataFolder.nodeFolder(root.resolve("m1")), DataFolder.nodeFolder(root.resolve("m2")));
            List<X509Certificate> joined =
                    folders.stream().map(RenewalTest::certificate).toList();
            NodeStore store = new NodeStore(folder);
            ControlClient client = NodeClients.of(store);
            CertificateRenewal renewal = new CertificateRenewal(store, client, InstantSource.system());

            await().atMost(PATIENCE).pollInterval(Duration.ofMillis(500)).until(() -> {
                renewal.look();
                return joined.stream().allMatch(old -> isExpired(old, InstantSource.system()));
            });

            for (int i = 0; i < folders.size(); i++) {
                assertNotEquals(joined.get(i), certificate(folders.get(i)));
                assertEquals(
                        joined.get(i).getPublicKey(),
                        certificate(folders.get(i)).getPublicKey());
            }
            assertFalse(client.call("GET", "/v1/netmap", null, String.class).isEmpty());
            // Another connection, to each manager: what they show is young too.
            for (FabricServer server : List.of(first, second)) {
                String api = server.self().services() == null
                        ? ""
                        : server.self().services().api();
                assertFalse(NodeClients.of(store, List.of(api))
                        .call("GET", "/v1/netmap", null, String.class)
                        .isEmpty());
            }
            // New connections between the managers: one goes and comes back.
            second.close();
            FabricServer back = cluster.run("m2", environment);
            await().atMost(PATIENCE)
                    .until(() -> back.fabric()
                            .view()
                            .revision()
                            .equals(first.fabric().view().revision()));
        }
    }

    /** Its tunnels go on without one; the first manager that answers again gives it the next. */
    @Test
    void peerWhoseCertificateLapsesWhileNoManagerAnswersGetsTheNextOne() throws Exception {
        Environment environment = TestCluster.environment().withCertificateLife(Duration.ofSeconds(15));
        try (TestCluster cluster = new TestCluster(root)) {
            FabricServer only = cluster.init("m1", environment);
            Path folder = root.resolve("p1");
            TestPeer.join(folder, TestCluster.token(only, Role.PEER, 1));
            X509Certificate joined = certificate(folder);
            only.close();
            NodeStore store = new NodeStore(folder);
            CertificateRenewal renewal = new CertificateRenewal(store, NodeClients.of(store), InstantSource.system());
            await().atMost(PATIENCE).until(() -> {
                assertFalse(renewal.look(), "nobody is there to ask");
                return isExpired(joined, InstantSource.system());
            });

            cluster.run("m1", environment);
            await().atMost(PATIENCE).until(renewal::look);

            X509Certificate next = certificate(folder);
            assertNotEquals(joined, next);
            assertEquals(joined.getPublicKey(), next.getPublicKey());
            assertFalse(NodeClients.of(store)
                    .call("GET", "/v1/netmap", null, String.class)
                    .isEmpty());
        }
    }

    /** All of them were away for so long that none could ask another for a certificate. */
    @Test
    void managersWhoseCertificatesHaveAllExpiredComeBack() throws Exception {
        InstantSource later = () -> InstantSource.system()
                .instant()
                .plus(CertificateAuthority.NODE_LIFE)
                .plus(Duration.ofHours(1));
        Environment now = TestCluster.environment();
        Environment then = new Environment(now.replication(), now.mesh(), later, now.progress());
        try (TestCluster cluster = new TestCluster(root)) {
            FabricServer first = cluster.init("m1");
            cluster.join("m2", TestCluster.token(first, Role.MGMT, 1)).close();
            first.close();
            Path folder = DataFolder.nodeFolder(root.resolve("m1"));
            Path other = DataFolder.nodeFolder(root.resolve("m2"));
            assertTrue(isExpired(certificate(folder), later) && isExpired(certificate(other), later));

            CompletableFuture<FabricServer> beside = CompletableFuture.supplyAsync(() -> {
                try {
                    return cluster.run("m2", then);
                } catch (IOException e) {
                    throw new UncheckedIOException(e);
                }
            });
            FabricServer back = cluster.run("m1", then);
            beside.get(PATIENCE.toSeconds(), TimeUnit.SECONDS);

            assertFalse(isExpired(certificate(folder), later) || isExpired(certificate(other), later));
            assertEquals(2, back.fabric().log().status().voters().size());
        }
    }

    private static boolean isExpired(X509Certificate certificate, InstantSource clock) {
        return certificate.getNotAfter().toInstant().isBefore(clock.instant());
    }

    @Test
    void removedNodeIsShutOutByTheManagerThatDidNotRemoveIt() throws Exception {
        try (TestCluster cluster = new TestCluster(root)) {
            FabricServer first = cluster.init("m1");
            FabricServer second = cluster.join("m2", TestCluster.token(first, Role.MGMT, 1));
            Path folder = root.resolve("p1");
            TestPeer peer = TestPeer.join(folder, TestCluster.token(first, Role.PEER, 1));
            NodeId joined = peer.id();
            await().atMost(PATIENCE)
                    .until(() -> second.fabric().view().node(joined).isPresent());
            String api = second.self().services() == null
                    ? ""
                    : second.self().services().api();
            ControlClient client = NodeClients.of(new NodeStore(folder), List.of(api));
            try (InputStream stream = client.open("/v1/watch")) {
                submit(first, new Command.RemoveNode(peer.id(), "test"));
                String heard = new String(stream.readAllBytes(), StandardCharsets.UTF_8);
                assertTrue(heard.contains("removed"), "the stream ended, and said why");
            }
            ControlException refused =
                    assertThrows(ControlException.class, () -> client.call("GET", "/v1/netmap", null, String.class));
            assertEquals("node-removed", refused.slug());
        }
    }

    @Test
    void revokedOperatorIsShutOutByEveryManager() throws Exception {
        try (TestCluster cluster = new TestCluster(root)) {
            FabricServer first = cluster.init("m1");
            FabricServer second = cluster.join("m2", TestCluster.token(first, Role.MGMT, 1));
            OperatorCredential credential = OperatorCredential.generate();
            await().atMost(PATIENCE)
                    .until(() -> first.fabric().view().cluster().orElseThrow().level() >= 2);
            submit(
                    first,
                    new Command.CreateOperator(
                            new Operator(credential.id(), "second", Operator.Access.VIEWER, credential.hash())));
            Path file = root.resolve("second.json");
            OperatorFile own = OperatorFile.read(DataFolder.operatorFile(root.resolve("m1")));
            for (FabricServer server : List.of(first, second)) {
                String api = server.self().services() == null
                        ? ""
                        : server.self().services().api();
                AtomicFiles.write(
                        file,
                        Json.mapper()
                                .writeValueAsBytes(new OperatorFile(
                                        own.cluster(), List.of(api), own.authority(), credential.reveal())));
                ControlClient client = Access.operator(file);
                await().atMost(PATIENCE)
                        .ignoreException(ControlException.class)
                        .until(() -> !client.call("GET", "/v1/tokens", null, String.class)
                                .isEmpty());
                if (server == second) {
                    submit(first, new Command.RevokeOperator(credential.id()));
                    ControlException refused =
                            await().atMost(PATIENCE).until(() -> refusal(client), e -> e.status() == 401);
                    assertTrue(String.valueOf(refused.getMessage()).contains("revoked"), refused.getMessage());
                }
            }
        }
    }

    private static ControlException refusal(ControlClient client) {
        try {
            client.call("GET", "/v1/tokens", null, String.class);
            return new ControlException(200, "ok", "");
        } catch (ControlException e) {
            return e;
        }
    }

    private static void submit(FabricServer server, Command command) {
        server.fabric()
                .submit(Actor.system("test"), new RequestId(UUID.randomUUID().toString()), command)
                .toCompletableFuture()
                .join()
                .orThrow();
    }
}
