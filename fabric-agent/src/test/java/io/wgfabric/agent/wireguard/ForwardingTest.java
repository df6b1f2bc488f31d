package io.wgfabric.agent.wireguard;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.wgfabric.api.Prefix;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

class ForwardingTest {
    private final Forwarding forwarding = new Forwarding(Set.of("wgf0", "wgf1"));

    @Test
    void whatPeersSendGoesToThePoolsOnly() {
        String rules = forwarding.rules(List.of(Prefix.parse("10.9.0.0/24"), Prefix.parse("fd00::/64")), false);
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
        String rules = forwarding.rules(List.of(Prefix.parse("10.9.0.0/24")), false);
        assertTrue(rules.contains("meta nfproto ipv6 drop"), rules);
    }

    @Test
    void whereTheWholeHostMustForwardNobodyElseDoes() {
        String rules = forwarding.rules(List.of(Prefix.parse("fd00::/64")), true);
        assertTrue(rules.contains("iifname != { \"wgf0\", \"wgf1\" } meta nfproto ipv6 drop"), rules);
    }
}
