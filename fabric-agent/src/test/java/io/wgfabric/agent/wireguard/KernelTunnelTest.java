package io.wgfabric.agent.wireguard;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.wgfabric.agent.wireguard.Lab.Node;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * The tunnel that uses {@code ip} and {@code wg}, also on a machine whose kernel has no WireGuard: there a script in
 * front of the commands answers the one that makes a link by starting {@code wireguard-go}, which {@code wg} configures
 * in the same way.
 */
@Timeout(120)
class KernelTunnelTest {
    private static final String SCRIPT = """
            #!/bin/sh
            namespace="$1"
            shift
            if [ "$1 $2 $3 $6 $7" = "ip link add type wireguard" ]; then
              ip netns exec "$namespace" "$@" 2>/dev/null || exec ip netns exec "$namespace" wireguard-go "$5"
            else
              exec ip netns exec "$namespace" "$@"
            fi
            """;

    @TempDir
    private Path folder = Path.of("");

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

    private Node add(String id) throws IOException {
        Node node = lab.add(id);
        use(node);
        return node;
    }

    private void use(Node node) throws IOException {
        Path script = folder.resolve("with-wireguard");
        Files.writeString(script, SCRIPT);
        Files.setPosixFilePermissions(script, PosixFilePermissions.fromString("rwx------"));
        List<String> prefix = List.of(script.toString(), node.namespace);
        Tunnel tunnel = Tunnels.open(node.interfaceName, node.ownKeys, prefix);
        assertInstanceOf(KernelTunnel.class, tunnel);
        node.useTunnel(tunnel);
    }

    @Test
    void nodesReachEachOtherAndARepeatChangesNothing() throws IOException {
        Node a = add("a");
        Node b = add("b");
        Node c = lab.add("c");
        lab.settle();
        a.awaitPing(b.v4);
        b.awaitPing(c.v6);
        c.awaitPing(a.v4);
        Plan repeat = a.reconcile();
        assertEquals(new Plan(List.of(), Set.of()), repeat);
        lab.remove(c);
        assertEquals(1, a.reconcile().changes().size());
        assertEquals(0, a.lostOf(20, b.v4));
    }

    @Test
    void aKeyIsRotatedThroughTheTwoPlanesWithoutALostPacket() throws IOException {
        Node a = add("a");
        Node b = add("b");
        lab.settle();
        a.awaitPing(b.v4);
        Lab.Traffic there = a.startTraffic(b.v4);
        Lab.Traffic back = b.startTraffic(a.v4);
        a.spare = a.newKey(51821);
        b.spare = b.newKey(51821);
        lab.applyAll();
        lab.putPair(a, b, ActualNetwork.SPARE);
        lab.settle();
        a.main = a.newKey(51820);
        lab.settle();
        lab.putPair(a, b, ActualNetwork.MAIN);
        lab.settle();
        a.spare = null;
        b.spare = null;
        lab.settle();
        a.outliveSessions();
        assertFalse(a.tunnel().read().spare().exists());
        assertEquals(0, a.lostOf(20, b.v4));
        assertEquals(0, there.stop().lost());
        assertEquals(0, back.stop().lost());
    }

    @Test
    void aPortInUseIsNamedAndNothingIsLeft() throws IOException {
        Node a = add("a");
        lab.settle();
        Node other = lab.roommate(a, "x");
        use(other);
        TunnelException e = assertThrows(TunnelException.class, other::reconcile);
        assertTrue(String.valueOf(e.getMessage()).contains("UDP port 51820"), e.getMessage());
        assertFalse(other.tunnel().read().main().exists());
    }

    @Test
    void anInterfaceOfSomeoneElseIsRefused() throws IOException {
        Node a = add("a");
        lab.settle();
        a.ownKeys.clear();
        TunnelException e =
                assertThrows(TunnelException.class, () -> Tunnels.open(a.interfaceName, Set.of(), a.prefix()));
        assertTrue(String.valueOf(e.getMessage()).contains("belongs to someone else"), e.getMessage());
    }
}
