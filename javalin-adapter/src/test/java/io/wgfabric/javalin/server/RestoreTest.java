package io.wgfabric.javalin.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.wgfabric.agent.ControlException;
import io.wgfabric.api.Actor;
import io.wgfabric.api.AuditEntry;
import io.wgfabric.api.Command.RemoveNode;
import io.wgfabric.api.FabricView;
import io.wgfabric.api.Node;
import io.wgfabric.api.RequestId;
import io.wgfabric.api.Revision;
import io.wgfabric.api.Role;
import io.wgfabric.core.Replay;
import io.wgfabric.core.backup.Backup;
import io.wgfabric.core.backup.BackupException;
import io.wgfabric.core.crypto.CryptoException;
import io.wgfabric.core.crypto.Sealer;
import io.wgfabric.core.netmap.Netmap;
import io.wgfabric.core.state.AuditChain;
import io.wgfabric.core.state.State;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Every manager is lost, and a backup is left. */
@Timeout(240)
class RestoreTest {
    @TempDir
    @SuppressWarnings("NullAway.Init")
    private Path root;

    @SuppressWarnings("NullAway.Init")
    private TestCluster cluster;

    @BeforeEach
    void prepare() {
        cluster = new TestCluster(root);
    }

    @AfterEach
    void stop() {
        cluster.close();
    }

    private static FabricView view(FabricServer server) {
        return server.fabric().view();
    }

    private static String message(Throwable thrown) {
        String message = String.valueOf(thrown.getMessage());
        assertEquals(1, message.lines().count(), message);
        return message;
    }

    /** What {@code fabric backup} gets, and the sealing key kept apart. */
    private Path backup(String manager) throws IOException {
        Path file = root.resolve("backup");
        try (InputStream in = Access.folder(cluster.data(manager)).open("/v1/backup")) {
            Files.write(file, in.readAllBytes());
        }
        Files.copy(cluster.data(manager).resolve("sealing.key"), root.resolve("key"));
        return file;
    }

    private Restore verified() throws IOException {
        return Restore.verify(root.resolve("backup"), root.resolve("key"), Passphrase.NONE);
    }

    private Revision restore(String name, Settings settings) throws IOException {
        return verified()
                .carryOut(cluster.data(name), settings, "root", "the house burnt down", TestCluster.environment());
    }

    private State backedUp() throws IOException {
        byte[] key = SealingKeyFile.open(root.resolve("key"), Passphrase.NONE).sealingKey();
        return Backup.parse(Files.readAllBytes(root.resolve("backup"))).open(new Sealer(key));
    }

    @Test
    void clusterComesBackFromABackupWithoutAnyOfItsManagers() throws Exception {
        FabricServer first = cluster.init("m1");
        FabricServer second = cluster.join("m2", TestCluster.token(first, Role.MGMT, 1));
        TestPeer peer = TestPeer.join(root.resolve("peer"), TestCluster.token(first, Role.PEER, 1));
        FabricView then = second.fabric().freshView().toCompletableFuture().join();
        backup("m2");
        for (int i = 0; i < 5; i++) {
            TestCluster.token(first, Role.PEER, 1);
        }
        TestPeer later = TestPeer.join(root.resolve("later"), TestCluster.token(first, Role.PEER, 1));
        Netmap dead = peer.admit(peer.offered());
        Settings place = FabricServer.settings(cluster.data("m1"));
        byte[] sealingKey =
                SealingKeyFile.open(root.resolve("key"), Passphrase.NONE).sealingKey();
        String late = TestPeer.late(first, sealingKey, dead, 1, new Revision(5_000));
        second.close();
        first.close();
        TestPeer.delete(cluster.data("m1"));
        TestPeer.delete(cluster.data("m2"));

        Revision begins = restore("new", place);
        FabricServer restored = cluster.run("new");

        State state = backedUp();
        assertEquals(then.digest(), Replay.of(state).digest());
        assertEquals(then.revision().number() + 2, begins.number());
        assertContinues(state, view(restored));
        assertTrue(begins.isBefore(dead.revision()), "the revisions of the new epoch begin below the old ones");
        Netmap newest = peer.admit(peer.offered());
        assertEquals(2, newest.epoch());
        assertEquals(List.of("127.0.0.1:" + place.port()), newest.managerApis());
        assertThrows(CryptoException.class, () -> peer.restarted().admit(late));
        ControlException unknown = assertThrows(ControlException.class, later::offered);
        assertEquals("node-removed", unknown.slug(), "it joined after the backup was made");
        assertEquals(2, unknown.asOf().epoch());
        FabricServer grown = cluster.join("m4", TestCluster.token(restored, Role.MGMT, 1));
        assertEquals(2, grown.fabric().log().status().voters().size());
        assertEquals(2, view(grown).edition().epoch());
    }

    /** All that the backup has but its managers, and after its audit chain the two commands of the restore. */
    private static void assertContinues(State backup, FabricView now) {
        FabricView then = Replay.of(backup);
        assertEquals(
                then.nodes().stream().filter(node -> !node.isManager()).toList(),
                now.nodes().stream().filter(node -> !node.isManager()).toList());
        assertEquals(
                List.copyOf(then.tokens()).size(), List.copyOf(now.tokens()).size());
        List<AuditEntry> added = now.audit().stream()
                .filter(entry -> entry.number() > backup.audit().count())
                .limit(2)
                .toList();
        assertEquals(
                List.of("recover-cluster", "join-node"),
                added.stream().map(AuditEntry::action).toList());
        assertTrue(AuditChain.verifies(backup.audit().last(), added.get(0)));
        assertTrue(AuditChain.verifies(added.get(0).hash(), added.get(1)));
        assertTrue(added.get(0).detail().endsWith("the house burnt down"));
        assertEquals(1, now.nodes().stream().filter(Node::isManager).count());
    }

    @Test
    void restoreElsewhereIsFoundByPeersThatAreTold() throws Exception {
        FabricServer first = cluster.init("m1");
        TestPeer peer = TestPeer.join(root.resolve("peer"), TestCluster.token(first, Role.PEER, 1));
        backup("m1");
        first.close();
        Settings elsewhere = TestCluster.settings("m9");
        restore("m9", elsewhere);
        cluster.run("m9");

        assertThrows(ControlException.class, peer::ask);
        Netmap told = peer.admit(peer.offered("127.0.0.1:" + elsewhere.port()));

        assertEquals(2, told.epoch());
        assertEquals(2, peer.admit(peer.offered()).epoch(), "from then on it knows");
    }

    @Test
    void restoreThatWasKilledIsBegunAgain() throws Exception {
        FabricServer first = cluster.init("m1");
        backup("m1");
        first.close();
        restore("new", TestCluster.settings("m1"));
        Files.delete(cluster.data("new").resolve("settings.json"));
        assertTrue(message(assertThrows(IOException.class, () -> cluster.run("new")))
                .contains("no manager has its data"));

        restore("new", TestCluster.settings("m1"));

        assertEquals(2, view(cluster.run("new")).edition().epoch());
    }

    @Test
    void restoreThatFailsMidwayLeavesNothingBehind() throws Exception {
        FabricServer first = cluster.init("m1");
        backup("m1");
        first.close();
        Environment broken = TestCluster.environment(place -> {
            throw new IllegalStateException("no log today");
        });

        assertThrows(
                IllegalStateException.class,
                () -> verified().carryOut(cluster.data("new"), TestCluster.settings("m1"), "root", "test", broken));

        assertFalse(Files.exists(cluster.data("new")));
    }

    @Test
    void wrongInputIsRefusedInOneLineAndChangesNothing() throws Exception {
        FabricServer first = cluster.init("m1");
        FabricServer other = cluster.init("other");
        Path file = backup("m1");
        Path key = root.resolve("key");

        assertTrue(message(assertThrows(IOException.class, () -> Restore.verify(file, null, Passphrase.NONE)))
                .contains("--backup-key"));
        assertTrue(message(assertThrows(
                        BackupException.class,
                        () -> Restore.verify(file, cluster.data("other").resolve("sealing.key"), Passphrase.NONE)))
                .contains("not the sealing key of the backup"));
        assertTrue(message(assertThrows(BackupException.class, () -> Restore.verify(key, key, Passphrase.NONE)))
                .contains("no backup"));
        assertTrue(message(assertThrows(IOException.class, () -> Restore.verify(file, file, Passphrase.NONE)))
                .contains("chmod 600"));
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-------"));
        assertTrue(message(assertThrows(IOException.class, () -> Restore.verify(file, file, Passphrase.NONE)))
                .contains("no sealing key"));
        assertTrue(message(assertThrows(
                        IOException.class, () -> Restore.verify(root.resolve("nothing"), key, Passphrase.NONE)))
                .contains("no file"));
        assertTrue(message(assertThrows(IOException.class, () -> restore("other", TestCluster.settings("m1"))))
                .contains("in use"));
        other.close();
        assertTrue(message(assertThrows(IOException.class, () -> restore("other", TestCluster.settings("m1"))))
                .contains("holds a manager already"));
        assertEquals(1, view(first).edition().epoch());
    }

    @Test
    void backupOfAClusterThatWasRecoveredIsOfItsEpoch() throws Exception {
        FabricServer first = cluster.init("m1");
        TestPeer peer = TestPeer.join(root.resolve("peer"), TestCluster.token(first, Role.PEER, 1));
        first.close();
        try (Recovery recovery = Recovery.open(cluster.data("m1"), TestCluster.environment())) {
            recovery.carryOut("root", "test");
        }
        FabricServer again = cluster.run("m1");
        again.fabric()
                .submit(Actor.system("test"), new RequestId("out"), new RemoveNode(peer.id(), "test"))
                .toCompletableFuture()
                .join()
                .orThrow();
        backup("m1");

        assertEquals(2, verified().contents().epoch());
        assertEquals(1, verified().contents().nodes());
    }
}
