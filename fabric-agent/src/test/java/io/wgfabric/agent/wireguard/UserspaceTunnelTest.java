package io.wgfabric.agent.wireguard;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.wgfabric.agent.wireguard.Lab.Node;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.api.io.TempDir;

@Timeout(180)
class UserspaceTunnelTest {
    private Lab lab;

    @BeforeEach
    void openLab() {
        lab = Lab.openOrSkip();
    }

    @AfterEach
    void closeLab() {
        if (lab != null) {
            lab.close();
        }
    }

    @Test
    void twoNodesReachEachOtherOverBothFamilies() {
        Node a = lab.add("a");
        Node b = lab.add("b");
        lab.settle();
        a.awaitPing(b.v4);
        assertEquals(0, a.lostOf(20, b.v4));
        assertEquals(0, a.lostOf(20, b.v6));
        assertEquals(0, b.lostOf(20, a.v4));
        assertEquals(0, b.lostOf(20, a.v6));
        assertInstanceOf(UserspaceTunnel.class, a.tunnel());
        assertTrue(
                a.tunnel().backend().matches("wireguard-go v[0-9.]+"),
                a.tunnel().backend());
    }

    @Test
    void threeNodesFormAMeshAndARepeatChangesNothing() {
        List<Node> nodes = List.of(lab.add("a"), lab.add("b"), lab.add("c"));
        lab.settle();
        for (Node from : nodes) {
            for (Node to : nodes) {
                if (from != to) {
                    from.awaitPing(to.v4);
                    from.awaitPing(to.v6);
                }
            }
        }
        for (Node node : nodes) {
            ActualNetwork before = node.tunnel().read();
            Plan plan = node.reconcile();
            assertEquals(List.of(), plan.changes());
            assertTrue(plan.settled());
            assertEquals(before.main().listenPort(), node.main.listenPort());
            assertFalse(before.spare().exists());
        }
    }

    /** As when its user has no inotify instance left: its socket was there, the interface is gone with it. */
    @Test
    void aProgramThatEndsAtOnceIsNotWaitedFor(@TempDir Path folder) throws IOException {
        Path program = Files.writeString(folder.resolve("ends"), "#!/bin/sh\nexit 0\n");
        Files.setPosixFilePermissions(program, PosixFilePermissions.fromString("rwx------"));
        Commands commands = new Commands(List.of());
        UserspaceTunnel tunnel = new UserspaceTunnel(
                new InterfaceNames("wgfends0", "wgfends1"),
                Set.of(),
                commands,
                new Links(commands),
                program.toString());
        TunnelException ended = assertThrows(TunnelException.class, () -> tunnel.create("wgfends0"));
        String line = String.valueOf(ended.getMessage());
        assertTrue(line.contains("ended as soon as it was started for wgfends0"), line);
        assertTrue(line.contains("fs.inotify.max_user_instances"), line);
    }

    private static PresharedKey preshared(int value) {
        byte[] bytes = new byte[PresharedKey.BYTES];
        bytes[5] = (byte) value;
        return PresharedKey.of(bytes);
    }

    /** For the next handshake: the session that lives carries on, and neither end has to be told at the same moment. */
    @Test
    void presharedKeysChangeUnderTrafficAndCostNoPacket() {
        Node a = lab.add("a");
        Node b = lab.add("b");
        lab.settle();
        a.awaitPing(b.v4);
        Lab.Traffic traffic = a.startTraffic(b.v4);
        for (int round = 1; round <= 5; round++) {
            for (Node node : List.of(a, b)) {
                node.preshared = preshared(round);
                node.reconcile();
                ActualPeer peer =
                        node.tunnel().read().main().peers().values().iterator().next();
                assertEquals(preshared(round), peer.presharedKey());
                assertEquals(List.of(), node.reconcile().changes());
            }
        }
        Lab.Counted counted = traffic.stop();
        assertEquals(0, counted.lost(), counted.toString());
    }

    @Test
    void nobodyIsTalkedToWithoutThePresharedKey() {
        Node a = lab.add("a");
        Node b = lab.add("b");
        a.preshared = preshared(1);
        b.preshared = null;
        lab.applyAll();
        assertEquals(Set.of(), b.tunnel().read().main().peers().keySet());
        b.preshared = preshared(2);
        lab.applyAll();
        assertEquals(3, a.lostOf(3, b.v4));
        b.preshared = preshared(1);
        lab.settle();
        a.awaitPing(b.v4);
        assertEquals(0, a.lostOf(20, b.v4));
    }

    @Test
    void aNodeThatLeavesIsRemovedWithoutTouchingTheOthers() {
        Node a = lab.add("a");
        Node b = lab.add("b");
        Node c = lab.add("c");
        lab.settle();
        a.awaitPing(b.v4);
        a.awaitPing(c.v4);
        Lab.Traffic traffic = a.startTraffic(b.v4);
        lab.remove(c);
        Plan plan = a.reconcile();
        assertEquals(List.of(new Change.RemovePeer(0, c.main.privateKey().publicKey())), plan.changes());
        assertEquals(0, a.lostOf(20, b.v4));
        assertEquals(0, traffic.stop().lost());
    }

    @Test
    void aKilledProcessOfTheInitiatorIsHealedByApplyingAgain() {
        Node a = lab.add("a");
        Node b = lab.add("b");
        lab.settle();
        a.awaitPing(b.v4);
        kill(a);
        lab.settle();
        a.awaitPing(b.v4);
        b.awaitPing(a.v6);
    }

    @Test
    void aKilledProcessOfTheResponderIsHealedByApplyingAgain() {
        Node a = lab.add("a");
        Node b = lab.add("b");
        lab.settle();
        a.awaitPing(b.v4);
        kill(b);
        lab.settle();
        a.awaitPing(b.v4);
        b.awaitPing(a.v6);
    }

    private static void kill(Node node) {
        List<ProcessHandle> processes = node.processes(node.interfaceName);
        assertEquals(1, processes.size());
        processes.forEach(ProcessHandle::destroyForcibly);
        Awaitility.await().until(() -> !node.tunnel().read().main().exists());
        assertTrue(Files.exists(socket(node.interfaceName)), "a stale socket is left");
    }

    private static String failure(Executable action) {
        return String.valueOf(assertThrows(TunnelException.class, action).getMessage());
    }

    private static Path socket(String interfaceName) {
        return Path.of("/var/run/wireguard", interfaceName + ".sock");
    }

    @Test
    void theTunnelOutlivesTheOneWhoOpenedIt() {
        Node a = lab.add("a");
        Node b = lab.add("b");
        lab.settle();
        a.awaitPing(b.v4);
        ActualNetwork before = a.tunnel().read();
        Tunnel reopened = Tunnels.open(a.interfaceName, a.ownKeys, a.prefix());
        assertEquals(before.main().publicKey(), reopened.read().main().publicKey());
        a.useTunnel(reopened);
        assertEquals(List.of(), a.reconcile().changes());
    }

    @Test
    void tearDownRemovesEverythingAndMayBeRepeated() {
        Node a = lab.add("a");
        a.spare = a.newKey(51821);
        lab.settle();
        a.tunnel().tearDown();
        a.tunnel().tearDown();
        assertEquals(
                new ActualNetwork(ActualPlane.absent(), ActualPlane.absent()),
                a.tunnel().read());
        assertFalse(Files.exists(socket(a.interfaceName)));
        Awaitility.await().until(() -> a.processes("wireguard-go").isEmpty());
        lab.settle();
        assertTrue(a.tunnel().read().spare().exists());
    }

    @Test
    void aPortInUseIsNamedAndNothingIsLeft() {
        Node a = lab.add("a");
        lab.settle();
        Node other = lab.roommate(a, "x");
        String message = failure(other::reconcile);
        assertTrue(message.contains("UDP port 51820"), message);
        assertFalse(message.contains("\n"));
        assertFalse(other.tunnel().read().main().exists());
        Awaitility.await().until(() -> !Files.exists(socket(other.interfaceName)));
        assertEquals(List.of(), a.reconcile().changes());
    }

    @Test
    void aPortChangedToOneInUseLeavesTheTunnelOnItsOldPort() {
        Node a = lab.add("a");
        lab.settle();
        Node other = lab.roommate(a, "x");
        PlaneKey free = new PlaneKey(other.main.privateKey(), 51999);
        PlaneKey taken = other.main;
        other.main = free;
        other.reconcile();
        other.main = taken;
        assertTrue(failure(other::reconcile).contains("UDP port 51820"));
        other.main = free;
        assertEquals(List.of(), other.reconcile().changes());
    }

    @Test
    void anInterfaceOfSomeoneElseIsRefused() {
        Node a = lab.add("a");
        lab.settle();
        String message = failure(() -> Tunnels.open(a.interfaceName, Set.of(), a.prefix()));
        assertTrue(message.contains("interface " + a.interfaceName + " belongs to someone else"));
        assertEquals(List.of(), a.reconcile().changes());
    }

    @Test
    void anInterfaceOfAnotherKindIsRefused() {
        Node a = lab.add("a");
        lab.occupyName(a);
        String message = failure(a::tunnel);
        assertTrue(message.contains("interface " + a.interfaceName + " exists but no WireGuard process"), message);
    }

    @Test
    void aNodeWithoutRightsIsToldSo() {
        String message = failure(() -> Tunnels.open(
                "wgf0", Set.of(), List.of("setpriv", "--reuid=65534", "--clear-groups", "--inh-caps=-all")));
        assertTrue(message.contains("CAP_NET_ADMIN"), message);
    }

    @Test
    void aMissingProgramIsNamed() {
        Node a = lab.add("a");
        String message = failure(() -> Tunnels.open(a.interfaceName, Set.of(), a.prefix(), "no-such-wireguard"));
        assertTrue(message.contains("'no-such-wireguard' is not installed"), message);
    }

    @Test
    void aKeyIsRotatedThroughTheTwoPlanesWithoutALostPacket() {
        Node a = lab.add("a");
        Node b = lab.add("b");
        Node c = lab.add("c");
        // For one pair it is the initiator, for the other one the responder.
        assertEquals(0, rotateUnderTraffic(List.of(a, b, c), List.of(b)));
    }

    @Test
    void twoNodesRotateAtTheSameTimeWithoutALostPacket() {
        Node a = lab.add("a");
        Node b = lab.add("b");
        assertEquals(0, rotateUnderTraffic(List.of(a, b), List.of(a, b)));
    }

    private int rotateUnderTraffic(List<Node> nodes, List<Node> rotating) {
        lab.settle();
        List<Lab.Traffic> traffics = new ArrayList<>();
        for (Node from : nodes) {
            for (Node to : nodes) {
                if (from != to) {
                    from.awaitPing(to.v6);
                    from.awaitPing(to.v4);
                    traffics.add(from.startTraffic(traffics.size() % 2 == 0 ? to.v4 : to.v6));
                }
            }
        }
        var oldKeys = rotating.stream().map(UserspaceTunnelTest::mainKey).toList();
        nodes.forEach(node -> node.spare = node.newKey(51821));
        lab.applyAll();
        putPairs(nodes, rotating, ActualNetwork.SPARE);
        lab.settle();
        rotating.forEach(node -> {
            assertEquals(
                    2 * (nodes.size() - 1),
                    node.tunnel().read().spare().routes().size());
            node.main = node.newKey(51820);
        });
        lab.settle();
        assertNotEquals(
                oldKeys, rotating.stream().map(UserspaceTunnelTest::mainKey).toList());
        putPairs(nodes, rotating, ActualNetwork.MAIN);
        lab.settle();
        nodes.forEach(node -> node.spare = null);
        lab.settle();
        nodes.forEach(Node::outliveSessions);
        nodes.forEach(node -> assertFalse(node.tunnel().read().spare().exists()));
        nodes.forEach(node ->
                assertEquals(0, node.lostOf(20, nodes.get(0) == node ? nodes.get(1).v4 : nodes.get(0).v4)));
        int lost = 0;
        for (Lab.Traffic traffic : traffics) {
            Lab.Counted counted = traffic.stop();
            assertTrue(counted.sent() > 20, "there was traffic");
            lost += counted.lost();
        }
        return lost;
    }

    private void putPairs(List<Node> nodes, List<Node> rotating, int plane) {
        for (Node one : rotating) {
            nodes.stream().filter(other -> other != one).forEach(other -> lab.putPair(one, other, plane));
        }
    }

    private static Object mainKey(Node node) {
        return String.valueOf(node.tunnel().read().main().publicKey());
    }
}
