package io.wgfabric.agent.wireguard;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.wgfabric.agent.wireguard.Lab.Node;
import java.util.Base64;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The agent on a host that has WireGuard of its own, and below an overlay of the other family. */
@Timeout(180)
class CoexistenceTest {

    /** As {@code wg-quick} makes one: a key, a port, a peer that takes everything, an address and a route. */
    private static String makeForeign(Lab lab, Node node) {
        String name = lab.foreignName();
        String key = Base64.getEncoder()
                .encodeToString(node.newKey(51900).privateKey().secretBytes());
        String peer = node.newKey(51901).privateKey().publicKey().toString();
        node.run("wireguard-go", name);
        node.run(
                "sh",
                "-c",
                "echo " + key + " | wg set " + name + " listen-port 51900 private-key /dev/stdin peer " + peer
                        + " endpoint 192.0.2.1:51900 persistent-keepalive 21 allowed-ips 0.0.0.0/0,::/0");
        node.run("ip", "addr", "add", "172.31.0.2/24", "dev", name);
        node.run("ip", "link", "set", name, "mtu", "1380", "up");
        node.run("ip", "route", "add", "172.31.8.0/24", "dev", name);
        return name;
    }

    private static String shown(Node node, String name) {
        return node.run("wg", "showconf", name)
                + node.run("ip", "-d", "addr", "show", "dev", name)
                + node.run("ip", "route", "show", "dev", name)
                + node.run("ip", "-6", "route", "show", "dev", name);
    }

    @Test
    void anInterfaceThatIsNotOursIsLeftAlone() {
        try (Lab lab = Lab.openOrSkip()) {
            Node a = lab.add("a");
            Node b = lab.add("b");
            String foreign = makeForeign(lab, a);
            String before = shown(a, foreign);
            assertTrue(before.contains("PersistentKeepalive = 21"), before);
            a.spare = a.newKey(51821);
            b.spare = b.newKey(51821);
            lab.settle();
            a.awaitPing(b.v4);
            lab.putPair(a, b, ActualNetwork.SPARE);
            lab.settle();
            assertEquals(before, shown(a, foreign));
            a.tunnel().tearDown();
            assertEquals(before, shown(a, foreign));
            Set<String> sockets = Set.of(a.run("ls", "/var/run/wireguard").split("\n", -1));
            assertTrue(sockets.contains(foreign + ".sock"), sockets::toString);
            assertFalse(sockets.contains(a.interfaceName + ".sock"), sockets::toString);
        }
    }

    @Test
    void nodesReachEachOtherBelowWhichThereIsOnlyIpv6() {
        try (Lab lab = Lab.openV6OrSkip()) {
            Node a = lab.add("a");
            Node b = lab.add("b");
            assertFalse(a.run("ip", "-4", "addr", "show", "dev", "eth0").contains("inet"));
            lab.settle();
            a.awaitPing(b.v4);
            b.awaitPing(a.v6);
            assertTrue(a.run("wg", "show", a.interfaceName, "endpoints").contains("[" + b.underlay + "]:51820"));
            assertTrue(b.run("wg", "show", b.interfaceName, "endpoints").contains("[" + a.underlay + "]:51820"));
        }
    }
}
