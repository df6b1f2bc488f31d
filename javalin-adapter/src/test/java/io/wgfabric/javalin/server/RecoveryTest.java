package io.wgfabric.javalin.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.wgfabric.agent.NodeStore;
import io.wgfabric.api.Actor;
import io.wgfabric.api.AuditEntry;
import io.wgfabric.api.Command.RemoveNode;
import io.wgfabric.api.FabricView;
import io.wgfabric.api.Node;
import io.wgfabric.api.NodeName;
import io.wgfabric.api.RequestId;
import io.wgfabric.api.Revision;
import io.wgfabric.api.Role;
import io.wgfabric.core.crypto.CryptoException;
import io.wgfabric.core.netmap.Netmap;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletionException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A majority of the managers is lost, or a manager's disk. */
@Timeout(240)
class RecoveryTest {
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

    private Recovery open(String name) throws IOException {
        return Recovery.open(cluster.data(name), TestCluster.environment());
    }

    private Revision recover(String name) throws IOException {
        try (Recovery recovery = open(name)) {
            return recovery.carryOut("root", "two disks died");
        }
    }

    private static String message(Throwable thrown) {
        String message = String.valueOf(thrown.getMessage());
        assertEquals(1, message.lines().count(), message);
        return message;
    }

    private String refusalOfRun(String name) {
        return message(assertThrows(IOException.class, () -> cluster.run(name)));
    }

    /** Two managers and none of them running; the second was lost. */
    private FabricServer twoStopped() throws IOException {
        FabricServer first = cluster.init("m1");
        FabricServer second = cluster.join("m2", TestCluster.token(first, Role.MGMT, 1));
        second.close();
        first.close();
        return first;
    }

    @Test
    void lastOfThreeManagersGoesOnAndTheClusterGrowsAgain() throws Exception {
        FabricServer first = cluster.init("m1");
        String managers = TestCluster.token(first, Role.MGMT, 2);
        FabricServer second = cluster.join("m2", managers);
        FabricServer third = cluster.join("m3", managers);
        TestPeer peer = TestPeer.join(root.resolve("peer"), TestCluster.token(first, Role.PEER, 1));
        peer.admit(peer.offered());
        Revision before = view(third).revision();
        first.close();
        second.close();
        assertThrows(CompletionException.class, () -> TestCluster.token(third, Role.PEER, 1));
        third.close();

        Revision begins = recover("m3");
        FabricServer again = cluster.run("m3");

        assertTrue(before.isBefore(begins));
        assertEquals(2, view(again).edition().epoch());
        assertEquals(
                List.of("m3"),
                view(again).nodes().stream()
                        .filter(Node::isManager)
                        .map(node -> node.name().text())
                        .toList());
        FabricServer fourth = cluster.join("m4", TestCluster.token(again, Role.MGMT, 1));
        assertEquals(2, fourth.fabric().log().status().voters().size());
        Netmap newest = peer.admit(peer.offered());
        assertEquals(2, newest.epoch());
        assertEquals(2, newest.managerApis().size());
        String late = TestPeer.late(
                again,
                SealingKeyFile.open(cluster.data("m3").resolve("sealing.key"), Passphrase.NONE)
                        .sealingKey(),
                newest,
                1,
                new Revision(9_999));
        CryptoException refused = assertThrows(CryptoException.class, () -> peer.admit(late));
        assertTrue(message(refused).contains("epoch that is over"));
        assertThrows(CryptoException.class, () -> peer.restarted().admit(late));
        AuditEntry entry = view(again).audit().stream()
                .filter(found -> found.action().equals("recover-cluster"))
                .findFirst()
                .orElseThrow();
        assertEquals("root", entry.actor().id());
        assertTrue(entry.detail().contains("m1 (") && entry.detail().contains("m2 ("), entry.detail());
        assertTrue(entry.detail().endsWith("two disks died"), entry.detail());
    }

    @Test
    void lookingAtARecoveryChangesNothing() throws Exception {
        twoStopped();
        try (Recovery recovery = open("m1")) {
            Recovery.Plan plan = recovery.plan();
            assertEquals(2, plan.epoch());
            assertEquals("m1", plan.survivor().text());
            assertEquals(1, plan.dropped().size());
            assertTrue(plan.dropped().get(0).startsWith("m2 ("));
            assertTrue(plan.hasVote());
            assertFalse(plan.begun());
        }
        FabricServer second = startBoth();

        assertEquals(1, view(second).edition().epoch());
    }

    /** Neither of the two serves before the other is there. */
    private FabricServer startBoth() throws Exception {
        Thread starting = new Thread(() -> {
            try {
                cluster.run("m1");
            } catch (IOException e) {
                throw new IllegalStateException(e);
            }
        });
        starting.start();
        FabricServer second = cluster.run("m2");
        starting.join();
        return second;
    }

    @Test
    void recoveryIsRefusedWhileAnotherManagerAnswers() throws Exception {
        FabricServer first = cluster.init("m1");
        cluster.join("m2", TestCluster.token(first, Role.MGMT, 1));
        first.close();

        String refused = message(assertThrows(IOException.class, () -> recover("m1")));

        assertTrue(refused.contains("manager m2 at 127.0.0.1:"), refused);
        try (DataFolder folder = DataFolder.open(cluster.data("m1"))) {
            assertEquals(new DataFolder.Epoch(1, true, null), folder.epoch());
        }
    }

    @Test
    void recoveryIsRefusedWhileTheManagerRuns() throws Exception {
        cluster.init("m1");

        assertTrue(message(assertThrows(IOException.class, () -> open("m1"))).contains("in use"));
    }

    /** @param steps how many of the steps were done when the process was killed */
    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3})
    void recoveryThatWasKilledIsRefusedToRunAndRepeated(int steps) throws Exception {
        twoStopped();
        try (Recovery recovery = open("m1")) {
            recovery.begin("root", "two disks died");
            if (steps >= 2) {
                recovery.isolate();
            }
            if (steps >= 3) {
                recovery.decide();
            }
        }
        assertTrue(refusalOfRun("m1").contains("fabric server recover --data " + cluster.data("m1") + " --yes"));
        try (Recovery recovery = open("m1")) {
            assertTrue(recovery.plan().begun());
            assertEquals(2, recovery.plan().epoch());
            recovery.carryOut("somebody else", "another reason");
        }

        FabricServer again = cluster.run("m1");

        assertEquals(2, view(again).edition().epoch());
        List<AuditEntry> recoveries = view(again).audit().stream()
                .filter(entry -> entry.action().equals("recover-cluster"))
                .toList();
        assertEquals(1, recoveries.size());
        assertEquals("root", recoveries.get(0).actor().id());
        TestCluster.token(again, Role.PEER, 1);
    }

    @Test
    void clusterCanBeRecoveredMoreThanOnce() throws Exception {
        twoStopped();
        recover("m1");

        recover("m1");

        assertEquals(3, view(cluster.run("m1")).edition().epoch());
    }

    @Test
    void managerThatWasLeftBehindStopsAndSaysWhy() throws Exception {
        twoStopped();
        recover("m1");
        FabricServer recovered = cluster.run("m1");

        String refused = refusalOfRun("m2");

        assertTrue(refused.contains("recovered as epoch 2"), refused);
        assertTrue(refused.contains("left behind in epoch 1"), refused);
        assertEquals(1, recovered.fabric().log().status().voters().size());
        assertEquals(1, view(recovered).nodes().size());
    }

    /** Else it could not ask whether it was left behind, if it stops before it has heard of them in any other way. */
    @Test
    void managerKnowsWhereTheOthersAreBeforeItHasTheirState() throws Exception {
        FabricServer first = cluster.init("m1");
        List<String> known = new ArrayList<>();
        Replication looks = place -> {
            try {
                known.add(Files.readString(cluster.data("m2").resolve("managers.json")));
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
            return Replication.jgroups(place);
        };

        cluster.join("m2", TestCluster.token(first, Role.MGMT, 1), TestCluster.environment(looks));

        String api = Objects.requireNonNull(first.self().services()).api();
        assertTrue(known.get(0).contains("\"" + api + "\""), known + " without " + api);
    }

    @Test
    void managerThatWasRemovedWhileItWasDownStopsAndSaysWhy() throws Exception {
        FabricServer first = cluster.init("m1");
        String token = TestCluster.token(first, Role.MGMT, 2);
        FabricServer second = cluster.join("m2", token);
        FabricServer third = cluster.join("m3", token);
        third.close();
        second.fabric()
                .submit(
                        Actor.system("test"),
                        new RequestId("out"),
                        new RemoveNode(third.self().id(), "test"))
                .toCompletableFuture()
                .join()
                .orThrow();

        assertTrue(refusalOfRun("m3").contains("no member of the cluster any more"));
    }

    /** An empty voter under an old id would lose votes and commands that it has acknowledged. */
    @Test
    void managerWithoutItsLogIsRefused() throws Exception {
        FabricServer first = cluster.init("m1");
        cluster.join("m2", TestCluster.token(first, Role.MGMT, 1)).close();
        TestPeer.delete(cluster.data("m2").resolve("raft"));

        String refused = refusalOfRun("m2");

        assertTrue(refused.contains("the log of this manager is gone"), refused);
        assertFalse(Files.exists(cluster.data("m2").resolve("raft")));
        assertTrue(message(assertThrows(IOException.class, () -> open("m2"))).contains("log of this manager is gone"));
    }

    @Test
    void managerThatLostItsDiskComesBackUnderANewId() throws Exception {
        FabricServer first = cluster.init("m1");
        String token = TestCluster.token(first, Role.MGMT, 3);
        cluster.join("m2", token);
        FabricServer third = cluster.join("m3", token);
        third.close();
        TestPeer.delete(cluster.data("m3"));
        Access.folder(cluster.data("m1")).call("DELETE", "/v1/nodes/m3", null, Void.class);

        FabricServer again = cluster.join("m3", token);

        assertNotEquals(third.self().id(), again.self().id());
        assertEquals(new NodeName("m3"), again.self().name());
    }

    @Test
    void copyOfAManagerThatRunsIsRefused() throws Exception {
        cluster.init("m1").close();
        Path copy = cluster.data("copy");
        copy(cluster.data("m1"), copy);
        cluster.run("m1");

        IOException refused = assertThrows(
                IOException.class, () -> FabricServer.run(copy, TestCluster.settings("m1"), TestCluster.environment()));

        assertTrue(message(refused).contains("is a copy of its folder"));
    }

    private static void copy(Path from, Path to) throws IOException {
        Files.walkFileTree(from, new SimpleFileVisitor<>() {
            @Override
            public FileVisitResult preVisitDirectory(Path folder, BasicFileAttributes attributes) throws IOException {
                Files.createDirectories(to.resolve(from.relativize(folder)));
                return FileVisitResult.CONTINUE;
            }

            @Override
            public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) throws IOException {
                Files.copy(file, to.resolve(from.relativize(file)));
                return FileVisitResult.CONTINUE;
            }
        });
    }

    @Test
    void managerKnowsTheEpochThatItJoined() throws Exception {
        FabricServer first = cluster.init("m1");
        first.close();
        recover("m1");
        FabricServer again = cluster.run("m1");
        cluster.join("m2", TestCluster.token(again, Role.MGMT, 1)).close();

        try (DataFolder folder = DataFolder.open(cluster.data("m2"))) {
            assertEquals(new DataFolder.Epoch(2, true, null), folder.epoch());
            NodeStore node = folder.node();
            assertTrue(node.hasJoined());
            assertNull(folder.epoch().recovering());
        }
    }
}
