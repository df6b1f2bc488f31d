package io.wgfabric.javalin.server;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.wgfabric.agent.CertificateRenewal;
import io.wgfabric.agent.ControlClient;
import io.wgfabric.agent.ControlException;
import io.wgfabric.agent.NodeClients;
import io.wgfabric.agent.NodeStore;
import io.wgfabric.api.Bytes;
import io.wgfabric.api.Revision;
import io.wgfabric.api.Role;
import io.wgfabric.api.SigningKey;
import io.wgfabric.api.SigningKeys;
import io.wgfabric.core.codec.Json;
import io.wgfabric.core.crypto.Authorities;
import io.wgfabric.core.crypto.CryptoException;
import io.wgfabric.core.netmap.Netmap;
import io.wgfabric.core.wire.Heartbeat;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The authority is rotated at running managers: nobody joins again, and the old one opens nothing afterwards. */
class AuthorityRotationTest {
    private static final Duration PATIENCE = Duration.ofMinutes(2);

    @TempDir
    @SuppressWarnings("NullAway.Init")
    private Path root;

    private ControlClient admin() throws IOException {
        return Access.folder(root.resolve("m1"));
    }

    private void rotate() throws IOException {
        var unused = admin().call("POST", "/v1/signing-keys/authority/rotate", null, String.class);
    }

    private void retire() throws IOException {
        var unused = admin().call("POST", "/v1/signing-keys/authority/retire", Map.of("generation", 1), String.class);
    }

    private static SigningKeys keys(FabricServer server) {
        return server.fabric().view().signing(SigningKey.AUTHORITY);
    }

    /** Every manager has taken the step, and has stored a certificate of the authority that issues now. */
    private void awaitTurned(List<FabricServer> servers, int oldest) {
        for (FabricServer server : servers) {
            awaitTurned(server, root.resolve(server.settings().name()), oldest);
        }
    }

    private static void awaitTurned(FabricServer server, Path data, int oldest) {
        NodeStore node = new NodeStore(DataFolder.nodeFolder(data));
        await().atMost(PATIENCE).until(() -> {
            Authorities believed = node.authorities();
            return keys(server).used() == 2
                    && keys(server).oldest() == oldest
                    && believed.told().size() == 3 - oldest
                    && believed.generationOf(node.certificate()) == 2;
        });
    }

    private static String api(FabricServer server) {
        return "127.0.0.1:" + server.settings().port();
    }

    private void restart(TestCluster cluster, List<FabricServer> managers, int index) throws IOException {
        managers.get(index).close();
        managers.set(index, cluster.run("m" + (index + 1)));
    }

    private static void awaitLevel(List<FabricServer> managers) {
        await().atMost(PATIENCE)
                .until(() -> managers.stream()
                        .allMatch(server ->
                                server.fabric().view().cluster().orElseThrow().level() >= 2));
    }

    private static void awaitSame(List<FabricServer> managers) {
        await().atMost(PATIENCE)
                .until(() -> managers.stream()
                                .map(server -> server.fabric().view().revision())
                                .distinct()
                                .count()
                        == 1);
    }

    /** What the agent of a peer does, until it has a certificate of the second authority. */
    private static void turn(TestPeer peer) throws IOException {
        peer.admit(peer.offered());
        NodeStore store = peer.store();
        ControlClient client = NodeClients.of(store);
        CertificateRenewal renewal = new CertificateRenewal(store, client, InstantSource.system());
        await().atMost(PATIENCE).until(() -> {
            renewal.look();
            return renewal.authority() == 2;
        });
        assertEquals(2, store.authorities().generationOf(store.certificate()));
        var unused = client.call(
                "POST",
                "/v1/heartbeat",
                new Heartbeat(1, new Revision(1), new Revision(1), "1", "test", 0, null, renewal.authority()),
                String.class);
    }

    /** A stream that was opened with an old certificate ends by itself. */
    private static void awaitEnd(InputStream stream) throws Exception {
        CompletableFuture.runAsync(() -> {
                    try (stream) {
                        stream.transferTo(OutputStream.nullOutputStream());
                    } catch (IOException e) {
                        // Cut off is over, too.
                    }
                })
                .get(PATIENCE.toSeconds(), TimeUnit.SECONDS);
    }

    private int behind() throws IOException {
        String page = admin().call("GET", "/v1/signing-keys", null, String.class);
        return Json.mapper()
                .readTree(page)
                .path("items")
                .valueStream()
                .filter(row -> row.path("key").asString().equals("authority"))
                .mapToInt(row -> row.path("behind").asInt())
                .sum();
    }

    @Test
    void nobodyJoinsAgainAndTheOldAuthorityOpensNothingAfterwards() throws Exception {
        try (TestCluster cluster = new TestCluster(root)) {
            FabricServer first = cluster.init("m1");
            List<FabricServer> managers = new ArrayList<>(List.of(
                    first,
                    cluster.join("m2", TestCluster.token(first, Role.MGMT, 1)),
                    cluster.join("m3", TestCluster.token(first, Role.MGMT, 1))));
            awaitLevel(managers);
            String before = TestCluster.token(first, Role.PEER, 0);
            TestPeer there = TestPeer.join(root.resolve("there"), before);
            TestPeer away = TestPeer.join(root.resolve("away"), before);
            TestPeer lost = TestPeer.join(root.resolve("lost"), before);
            Path file = Files.copy(DataFolder.operatorFile(root.resolve("m1")), root.resolve("operator.json"));
            OldAuthority stolen = OldAuthority.steal(first, root.resolve("m1"));

            rotate();
            restart(cluster, managers, 2);
            awaitTurned(managers, 1);
            restart(cluster, managers, 1);
            awaitSame(managers);

            turn(there);
            // Who was away until its certificate expired is given a new one before it hears of anything.
            CertificateRenewal lapsed =
                    new CertificateRenewal(away.store(), NodeClients.of(away.store()), InstantSource.system());
            lapsed.expired();
            assertTrue(lapsed.look());
            assertEquals(2, lapsed.authority());
            TestPeer late = TestPeer.join(root.resolve("late"), before);
            assertEquals(2, late.store().authorities().generationOf(late.store().certificate()));
            TestPeer fresh = TestPeer.join(root.resolve("new"), TestCluster.token(managers.get(2), Role.PEER, 1));
            fresh.admit(fresh.offered());
            X509Certificate old = lost.store().certificate();
            Authorities both = there.store().authorities();
            for (FabricServer manager : managers) {
                assertFalse(lost.offered(api(manager)).isEmpty());
                assertTrue(stolen.opens(manager, both) && stolen.replicates(manager, both));
                assertTrue(stolen.opens(manager, lost.store().tlsKey(), old, both));
            }
            Bytes pinned = OperatorFile.read(file).authority();
            var unused = Access.operator(file).call("GET", "/v1/nodes", null, String.class);
            assertNotEquals(pinned, OperatorFile.read(file).authority());
            assertEquals("rw-------", PosixFilePermissions.toString(Files.getPosixFilePermissions(file)));
            InputStream kept =
                    NodeClients.of(lost.store(), List.of(api(managers.get(1)))).open("/v1/watch");
            await().atMost(PATIENCE).until(() -> behind() == 4);

            retire();
            awaitEnd(kept);
            awaitTurned(managers, 2);
            restart(cluster, managers, 0);
            awaitSame(managers);

            for (TestPeer peer : List.of(there, away, late, fresh)) {
                for (FabricServer manager : managers) {
                    peer.admit(peer.offered(api(manager)));
                }
                assertEquals(1, peer.store().authorities().told().size());
                peer.restarted().admit(peer.offered());
            }
            Authorities one = there.store().authorities();
            for (FabricServer manager : managers) {
                assertFalse(stolen.opens(manager, one) || stolen.replicates(manager, one));
                assertFalse(stolen.opens(manager, lost.store().tlsKey(), old, one));
                ControlClient pinnedToOld = NodeClients.of(lost.store(), List.of(api(manager)));
                assertThrows(ControlException.class, () -> pinnedToOld.call("GET", "/v1/netmap", null, String.class));
            }
            Netmap newest = there.admit(there.offered());
            assertEquals(8, newest.members().size());
            assertThrows(CryptoException.class, () -> there.admit(stolen.netmap(newest)));
            assertThrows(ControlException.class, () -> TestPeer.join(root.resolve("too-late"), before));
            assertFalse(Access.operator(file)
                    .call("GET", "/v1/nodes", null, String.class)
                    .isEmpty());
            TestPeer last = TestPeer.join(root.resolve("last"), TestCluster.token(managers.get(1), Role.PEER, 1));
            assertEquals(9, last.admit(last.offered()).members().size());
        }
    }

    /** The manager is lost, and another one comes in its place from a backup. */
    private void restore(FabricServer server, Path data, TestCluster cluster, String to) throws IOException {
        Path backup = root.resolve(to + ".backup");
        try (InputStream in = Access.folder(data).open("/v1/backup")) {
            Files.write(backup, in.readAllBytes());
        }
        Path key = Files.copy(data.resolve("sealing.key"), root.resolve(to + ".key"));
        Settings place = FabricServer.settings(data);
        server.close();
        TestPeer.delete(data);
        Restore.verify(backup, key, Passphrase.NONE)
                .carryOut(cluster.data(to), place, "root", "test", TestCluster.environment());
    }

    @Test
    void backupsOfTheOverlapAndAfterItAreRestored() throws Exception {
        try (TestCluster cluster = new TestCluster(root)) {
            FabricServer first = cluster.init("m1");
            awaitLevel(List.of(first));
            Path file = Files.copy(DataFolder.operatorFile(root.resolve("m1")), root.resolve("operator.json"));
            TestPeer away = TestPeer.join(root.resolve("away"), TestCluster.token(first, Role.PEER, 1));
            TestPeer there = TestPeer.join(root.resolve("there"), TestCluster.token(first, Role.PEER, 1));
            rotate();
            awaitTurned(List.of(first), 1);
            turn(there);

            restore(first, root.resolve("m1"), cluster, "m2");
            FabricServer second = cluster.run("m2");
            for (TestPeer peer : List.of(away, there)) {
                assertEquals(2, peer.admit(peer.offered()).epoch());
            }
            turn(away);
            var unused = Access.operator(file)
                    .call("POST", "/v1/signing-keys/authority/retire", Map.of("generation", 1), String.class);
            awaitTurned(second, root.resolve("m2"), 2);

            restore(second, root.resolve("m2"), cluster, "m3");
            cluster.run("m3");
            for (TestPeer peer : List.of(away, there)) {
                assertEquals(3, peer.admit(peer.offered()).epoch());
                assertEquals(1, peer.store().authorities().told().size());
            }
        }
    }

    @Test
    void managerThatIsLeftGoesOnInTheMiddleOfARotation() throws Exception {
        try (TestCluster cluster = new TestCluster(root)) {
            FabricServer first = cluster.init("m1");
            FabricServer second = cluster.join("m2", TestCluster.token(first, Role.MGMT, 1));
            awaitLevel(List.of(first, second));
            TestPeer peer = TestPeer.join(root.resolve("p1"), TestCluster.token(first, Role.PEER, 1));
            rotate();
            awaitTurned(List.of(first, second), 1);
            second.close();
            first.close();

            try (Recovery recovery = Recovery.open(cluster.data("m1"), TestCluster.environment())) {
                recovery.carryOut("root", "test");
            }
            FabricServer alone = cluster.run("m1");
            turn(peer);
            retire();
            awaitTurned(List.of(alone), 2);
            assertEquals(2, peer.admit(peer.offered()).epoch());
            assertEquals(1, peer.store().authorities().told().size());
        }
    }

    /** Both at once, so that neither finds the other in the step that it was in. */
    private List<FabricServer> restartAll(TestCluster cluster, List<FabricServer> managers) throws Exception {
        managers.forEach(FabricServer::close);
        CompletableFuture<FabricServer> second = CompletableFuture.supplyAsync(() -> {
            try {
                return cluster.run("m2");
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        });
        FabricServer first = cluster.run("m1");
        return List.of(first, second.get(PATIENCE.toSeconds(), TimeUnit.SECONDS));
    }

    @Test
    void everythingIsRestartedInEachStep() throws Exception {
        try (TestCluster cluster = new TestCluster(root)) {
            FabricServer first = cluster.init("m1");
            List<FabricServer> managers = List.of(first, cluster.join("m2", TestCluster.token(first, Role.MGMT, 1)));
            awaitLevel(managers);
            TestPeer peer = TestPeer.join(root.resolve("p1"), TestCluster.token(first, Role.PEER, 1));

            rotate();
            managers = restartAll(cluster, managers);
            awaitTurned(managers, 1);
            managers = restartAll(cluster, managers);
            turn(peer);

            retire();
            managers = restartAll(cluster, managers);
            awaitTurned(managers, 2);
            managers = restartAll(cluster, managers);
            peer.admit(peer.offered());
            assertEquals(1, peer.store().authorities().told().size());
            TestPeer last = TestPeer.join(root.resolve("p2"), TestCluster.token(managers.get(1), Role.PEER, 1));
            assertEquals(4, last.admit(last.offered()).members().size());
        }
    }
}
