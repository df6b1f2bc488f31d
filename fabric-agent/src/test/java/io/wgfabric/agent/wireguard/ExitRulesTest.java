package io.wgfabric.agent.wireguard;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.wgfabric.agent.wireguard.ExitRules.Kept;
import io.wgfabric.agent.wireguard.Lab.Node;
import io.wgfabric.api.Address;
import io.wgfabric.api.Endpoint;
import io.wgfabric.api.Prefix;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import org.junit.jupiter.api.Test;

class ExitRulesTest {
    private static final String NOTHING = """
            0:\tfrom all lookup local
            32766:\tfrom all lookup main
            32767:\tfrom all lookup default
            """;

    private static final String IN_FORCE = """
            0:\tfrom all lookup local
            5180:\tfrom all iif lo ipproto udp sport 51820 lookup main
            5180:\tfrom all to 10.77.0.11 iif lo dport 7443 lookup main
            5181:\tfrom all lookup main suppress_prefixlength 0
            5182:\tfrom all lookup 5182
            32766:\tfrom all lookup main
            """;

    private static final Kept WIREGUARD = new Kept(null, 51820);

    private static Kept manager(String address) {
        return new Kept(Address.parse(address), 7443);
    }

    @Test
    void whatKeepsToTheMainTableIsThereBeforeAllElseIsSentAway() {
        assertEquals(
                List.of(
                        "rule add pref 5180 iif lo ipproto udp sport 51820 lookup main",
                        "rule add pref 5181 lookup main suppress_prefixlength 0",
                        "route replace unreachable default table 5182 metric 20000",
                        "rule add pref 5182 lookup 5182"),
                ExitRules.closing(Set.of(WIREGUARD), NOTHING));
    }

    @Test
    void whatIsInForceIsLeftAsItIs() {
        assertEquals(
                List.of("route replace unreachable default table 5182 metric 20000"),
                ExitRules.closing(Set.of(WIREGUARD, manager("10.77.0.11")), IN_FORCE));
    }

    @Test
    void aManagerThatMovedIsReachedBeforeItsOldAddressIsGivenUp() {
        assertEquals(
                List.of(
                        "rule add pref 5180 iif lo to fd00::12 dport 7443 lookup main",
                        "route replace unreachable default table 5182 metric 20000",
                        "rule del pref 5180 iif lo to 10.77.0.11 dport 7443 lookup main"),
                ExitRules.closing(Set.of(WIREGUARD, manager("fd00::12")), IN_FORCE));
    }

    @Test
    void allOfItIsTakenAwayAndNothingElse() {
        assertEquals(
                List.of(
                        "rule del pref 5182",
                        "rule del pref 5181",
                        "rule del pref 5180",
                        "rule del pref 5180",
                        "route del unreachable default table 5182 metric 20000"),
                ExitRules.opening(IN_FORCE));
        assertEquals(List.of(), ExitRules.opening(NOTHING));
    }

    @Test
    void aDefaultRouteIsOursInTheTableOfOursAlone() {
        Route ours = Links.parseRoute("default table 5182 scope link src 10.9.0.1 metric 1000");
        assertEquals(new Route(Prefix.parse("0.0.0.0/0"), Address.parse("10.9.0.1")), ours);
        assertEquals(
                Prefix.parse("::/0"),
                Objects.requireNonNull(Links.parseRoute("default table 5182 src fd00::1 metric 500 pref medium"))
                        .destination());
        for (String other : List.of(
                "default scope link metric 1000",
                "default table 51820 scope link",
                "10.1.0.0/16 table 5182 scope link",
                "local 10.9.0.1 table local proto kernel scope host src 10.9.0.1",
                "multicast ff00::/8 table local proto kernel metric 256 pref medium",
                "fe80::/64 proto kernel metric 256 pref medium")) {
            assertNull(Links.parseRoute(other), other);
        }
    }

    /** The system's own words, over both families: in force, repeated, changed, taken back. */
    @Test
    void aHostWithoutAnExitNodeInReachSendsToTheInternetNothing_andEverythingAgainAfterwards() {
        try (Lab lab = Lab.openOrSkip()) {
            Node node = lab.add("x");
            node.run("ip", "route", "add", "default", "via", "10.99.0.254");
            String before = node.run("ip", "-4", "rule") + node.run("ip", "-6", "rule");
            ExitRules rules = new ExitRules(node.prefix());
            Endpoint manager = Endpoint.parse("192.0.2.11:7443");
            for (int round = 0; round < 2; round++) {
                rules.set(Set.of(51820, 51821), List.of(manager, Endpoint.parse("[2001:db8::11]:7443")));
                assertEquals(5, ours(node, "-4"));
                assertEquals(5, ours(node, "-6"));
            }
            assertTrue(way(node, "192.0.2.1").contains("unreachable"), way(node, "192.0.2.1"));
            assertTrue(
                    way(node, "192.0.2.11", "ipproto", "tcp", "dport", "7443").contains("via 10.99.0.254"));
            assertTrue(
                    way(node, "192.0.2.1", "ipproto", "udp", "sport", "51820").contains("via 10.99.0.254"));
            assertTrue(way(node, "10.99.0.7").contains("dev eth0"));

            rules.set(Set.of(51820), List.of());
            assertEquals(3, ours(node, "-4"));

            rules.clear();
            rules.clear();
            assertEquals(before, node.run("ip", "-4", "rule") + node.run("ip", "-6", "rule"));
            assertTrue(way(node, "192.0.2.1").contains("via 10.99.0.254"));
        }
    }

    private static long ours(Node node, String family) {
        return node.run("ip", family, "rule")
                .lines()
                .filter(line -> line.startsWith("518"))
                .count();
    }

    /** What the system says of the way to an address, also if it says that there is none. */
    private static String way(Node node, String address, String... rest) {
        return node.run(
                "sh", "-c", "ip route get " + address + ' ' + String.join(" ", rest) + " 2>&1 || echo unreachable");
    }
}
