package io.wgfabric.agent.wireguard;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.wgfabric.api.Prefix;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

class ForwardingTest {
    private final Forwarding forwarding = new Forwarding(Set.of("wgf0", "wgf1"));

    @Test
    void whatPeersSendGoesToThePoolsOnly() {
        String rules =
                forwarding.rules(List.of(Prefix.parse("10.9.0.0/24"), Prefix.parse("fd00::/64")), List.of(), Set.of());
        assertEquals(
                List.of(
                        "iifname { \"wgf0\", \"wgf1\" } meta nfproto ipv4 ip daddr != { 10.9.0.0/24 } drop",
                        "iifname { \"wgf0\", \"wgf1\" } meta nfproto ipv6 ip6 daddr != { fd00::/64 } drop"),
                rules.lines()
                        .map(String::strip)
                        .filter(line -> line.endsWith("drop"))
                        .toList());
    }

    @Test
    void aFamilyWithoutAPoolIsNotForwarded() {
        String rules = forwarding.rules(List.of(Prefix.parse("10.9.0.0/24")), List.of(), Set.of());
        assertTrue(rules.contains("meta nfproto ipv6 drop"), rules);
    }

    @Test
    void whereTheWholeHostMustForwardNobodyElseDoes() {
        String rules = forwarding.rules(List.of(Prefix.parse("fd00::/64")), List.of(), Set.of("ipv6"));
        assertTrue(
                rules.contains("iifname != { \"wgf0\", \"wgf1\" } meta nfproto ipv6 ct state != { established,"
                        + " related } drop"),
                rules);
        assertFalse(rules.contains("masquerade"), rules);
    }

    @Test
    void networksBehindTheNodeAreForwardedToUnderItsOwnAddress() {
        String rules = forwarding.rules(
                List.of(Prefix.parse("10.9.0.0/24")),
                List.of(Prefix.parse("192.168.7.0/24"), Prefix.parse("192.168.7.128/25")),
                Set.of("ipv4"));
        assertTrue(rules.contains("ip daddr != { 10.9.0.0/24, 192.168.7.0/24 } drop"), rules);
        assertTrue(rules.contains("oifname != { \"wgf0\", \"wgf1\" } ip saddr { 10.9.0.0/24 } masquerade"), rules);
        assertTrue(rules.contains("meta nfproto ipv4 ct state != { established, related } drop"), rules);
    }
}
