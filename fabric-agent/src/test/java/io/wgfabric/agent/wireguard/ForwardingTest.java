package io.wgfabric.agent.wireguard;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.wgfabric.api.Prefix;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ForwardingTest {
    private static final String FABRIC = "{ \"wgf0\", \"wgf1\" }";

    @TempDir
    Path temp;

    private final Forwarding forwarding = new Forwarding(Set.of("wgf0", "wgf1"));

    private static List<Prefix> prefixes(String... texts) {
        return Stream.of(texts).map(Prefix::parse).toList();
    }

    /** The rules that drop packets of one family, without what all of them begin with. */
    private List<String> drops(Forwarding.Duty duty, String family) {
        return forwarding
                .rules(duty, Set.of())
                .lines()
                .map(String::strip)
                .filter(line -> line.endsWith("drop") && line.contains("nfproto " + family))
                .map(line -> line.replace("iifname " + FABRIC + " meta nfproto " + family + " ", ""))
                .toList();
    }

    @Test
    void whatPeersSendGoesToThePoolsOnly() {
        Forwarding.Duty hub = new Forwarding.Duty(true, prefixes("10.9.0.0/24", "fd00::/64"), List.of(), List.of());
        assertEquals(
                List.of("oifname " + FABRIC + " ip daddr != { 10.9.0.0/24 } drop", "oifname != " + FABRIC + " drop"),
                drops(hub, "ipv4"));
        assertEquals(
                List.of("oifname " + FABRIC + " ip6 daddr != { fd00::/64 } drop", "oifname != " + FABRIC + " drop"),
                drops(hub, "ipv6"));
        assertFalse(forwarding.rules(hub, Set.of()).contains("masquerade"));
    }

    @Test
    void aFamilyWithoutAPoolIsNotForwarded() {
        assertEquals(
                List.of("oifname " + FABRIC + " drop", "oifname != " + FABRIC + " drop"),
                drops(new Forwarding.Duty(true, prefixes("10.9.0.0/24"), List.of(), List.of()), "ipv6"));
    }

    @Test
    void whereTheWholeHostMustForwardNobodyElseDoes() {
        String rules = forwarding.rules(
                new Forwarding.Duty(true, prefixes("fd00::/64"), List.of(), List.of()), Set.of("ipv6"));
        assertTrue(
                rules.contains("iifname != " + FABRIC + " meta nfproto ipv6 ct state != { established, related } drop"
                        + " comment \"for the fabric alone: ipv6\"\n"),
                rules);
    }

    @Test
    void networksBehindTheNodeAreForwardedToUnderItsOwnAddress_andNodesAreNotRelayed() {
        Forwarding.Duty router = new Forwarding.Duty(
                false, prefixes("10.9.0.0/24"), prefixes("192.168.7.0/24", "192.168.7.128/25"), List.of());
        assertEquals(
                List.of("oifname " + FABRIC + " drop", "oifname != " + FABRIC + " ip daddr != { 192.168.7.0/24 } drop"),
                drops(router, "ipv4"));
        String rules = forwarding.rules(router, Set.of("ipv4"));
        assertTrue(
                rules.contains(
                        "oifname != " + FABRIC + " ip saddr { 10.9.0.0/24 } ip daddr { 192.168.7.0/24 } masquerade\n"),
                rules);
        assertFalse(rules.contains("ip6 saddr"), rules);
    }

    /** The hub is in 192.168.7.0/24 itself, which is the other node's to offer: nothing leaves by its own interface. */
    @Test
    void aHubForwardsToNetworksBehindOthersByTheFabricAlone() {
        Forwarding.Duty hub = new Forwarding.Duty(
                true, prefixes("10.9.0.0/24"), prefixes("172.20.0.0/16"), prefixes("192.168.7.0/24"));
        assertEquals(
                List.of(
                        "oifname " + FABRIC + " ip daddr != { 10.9.0.0/24, 192.168.7.0/24 } drop",
                        "oifname != " + FABRIC + " ip daddr != { 172.20.0.0/16 } drop"),
                drops(hub, "ipv4"));
        String rules = forwarding.rules(hub, Set.of());
        assertTrue(rules.contains("ip daddr { 172.20.0.0/16 } masquerade"), rules);
    }

    private Path setting(String name, String value) throws IOException {
        Path file = temp.resolve(name);
        Files.createDirectories(file.resolveSibling(""));
        return Files.writeString(file, value);
    }

    @Test
    void anInterfaceIsNotToldToForwardWhatTheWholeHostForwards() throws IOException {
        Path v4 = setting("ipv4/conf/wgf0/forwarding", "0\n");
        Path v6 = setting("ipv6/conf/wgf0/force_forwarding", "0\n");
        Path host = setting("ipv6/conf/all/forwarding", "1\n");
        Forwarding here = new Forwarding(Set.of("wgf0", "wgf1"), temp);
        here.switchOnInterfaces();
        assertEquals("1", Files.readString(v4));
        assertEquals("0\n", Files.readString(v6));
        Files.writeString(host, "0\n");
        here.switchOnInterfaces();
        assertEquals("1", Files.readString(v6));
    }

    /** With all that there may be in them at once. */
    @Test
    void nftTakesTheRules() throws IOException {
        Assumptions.assumeTrue(Commands.locate("nft") != null, "skipped: 'nft' is not installed");
        Forwarding.Duty all = new Forwarding.Duty(
                true,
                prefixes("10.9.0.0/24", "fd00::/64"),
                prefixes("0.0.0.0/0", "::/0", "192.168.7.0/24", "192.168.7.128/25", "fd07::/48"),
                prefixes("172.20.0.0/16", "fd08::/48"));
        Path file = Files.writeString(temp.resolve("rules"), forwarding.rules(all, Set.of("ipv4", "ipv6")));
        try (Lab lab = Lab.openOrSkip()) {
            Lab.Node node = lab.add("f");
            node.run("nft", "-f", file.toString());
            String taken = node.run("nft", "list", "table", "inet", "wgfabric");
            assertEquals(2, taken.split("masquerade", -1).length - 1, taken);
            assertEquals(2, taken.split("for the fabric alone: ", -1).length - 1, "told to the next agent: " + taken);
        }
    }

    @Test
    void anExitNodeLeadsToTheInternet_andToNamedNetworksButToNoOtherPrivateOne() {
        Forwarding.Duty exit = new Forwarding.Duty(
                false, prefixes("10.9.0.0/24"), prefixes("0.0.0.0/0", "192.168.7.0/24", "::/0"), List.of());
        List<String> v4 = drops(exit, "ipv4");
        assertTrue(
                v4.get(1).startsWith("oifname != " + FABRIC + " ip daddr != { 192.168.7.0/24 } ip daddr { 0.0."),
                v4.get(1));
        for (String never : List.of("10.0.0.0/8", "127.0.0.0/8", "169.254.0.0/16", "192.168.0.0/16")) {
            assertTrue(v4.get(1).contains(never), never);
        }
        assertEquals("oifname " + FABRIC + " drop", v4.get(0), "not into the fabric again");
        assertEquals(
                "oifname != " + FABRIC + " ip6 daddr { ::/3, 4000::/2, 8000::/1 } drop",
                drops(exit, "ipv6").get(1));
        String rules = forwarding.rules(exit, Set.of());
        assertTrue(rules.contains("oifname != " + FABRIC + " ip saddr { 10.9.0.0/24 } masquerade\n"), rules);
    }
}
