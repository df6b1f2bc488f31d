package io.wgfabric.agent;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.wgfabric.agent.HostNetworks.Attached;
import io.wgfabric.agent.HostNetworks.Overlap;
import io.wgfabric.api.Address;
import io.wgfabric.api.Bytes;
import io.wgfabric.api.ClusterId;
import io.wgfabric.api.NodeName;
import io.wgfabric.api.Prefix;
import io.wgfabric.api.Revision;
import io.wgfabric.api.Role;
import io.wgfabric.api.TokenId;
import io.wgfabric.core.crypto.JoinToken;
import io.wgfabric.core.crypto.JoinTokens;
import io.wgfabric.core.crypto.Keys;
import io.wgfabric.core.netmap.Netmap;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyPair;
import java.time.Instant;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class HostNetworksTest {
    private static final ClusterId CLUSTER = ClusterId.of(1);
    private static final List<Prefix> POOLS = List.of(Prefix.parse("10.80.0.0/16"), Prefix.parse("fd00:80::/64"));

    @TempDir
    Path temp;

    private static Attached attached(String name, String address, int length) {
        return new Attached(name, Address.parse(address), length);
    }

    @ParameterizedTest
    @CsvSource({
        "10.80.3.4, 24, 10.80.3.0/24",
        "10.0.0.1, 8, 10.0.0.0/8",
        "10.80.255.255, 32, 10.80.255.255/32",
        "fd00:80::5, 48, fd00:80::/48",
    })
    void networkWithinOrAroundAPoolOverlaps(String address, int length, String network) {
        List<Overlap> found = HostNetworks.overlaps(POOLS, List.of(attached("eth1", address, length)), Set.of("wgf0"));

        assertEquals(1, found.size());
        assertEquals(Prefix.parse(network), found.get(0).network());
        assertEquals("eth1", found.get(0).interfaceName());
    }

    @ParameterizedTest
    @CsvSource({"10.81.0.1, 16", "192.168.0.1, 24", "fe80::1, 64", "fd00:81::1, 64", "172.17.0.1, 16"})
    void otherNetworksDoNot(String address, int length) {
        assertEquals(
                List.of(), HostNetworks.overlaps(POOLS, List.of(attached("eth1", address, length)), Set.of("wgf0")));
    }

    @Test
    void fabricsOwnInterfacesAreNoOverlap() {
        List<Attached> own = List.of(attached("wgf0", "10.80.0.1", 32), attached("wgf1", "10.80.0.1", 32));

        assertEquals(List.of(), HostNetworks.overlaps(POOLS, own, Set.of("wgf0", "wgf1")));
        assertEquals(2, HostNetworks.overlaps(POOLS, own, Set.of()).size());
    }

    @Test
    void interfacesOfThisHostAreRead() {
        for (Attached each : HostNetworks.attached()) {
            assertFalse(each.interfaceName().isEmpty());
            assertTrue(each.network().contains(each.address()), each.toString());
        }
    }

    @Test
    void changesAreToldOnce() {
        Overlap overlap = new Overlap(POOLS.get(0), "eth1", Prefix.parse("10.80.3.0/24"));

        assertEquals(
                List.of("the cluster's pool 10.80.0.0/16 overlaps with 10.80.3.0/24 on interface eth1 of this host:"
                        + " nodes or hosts with the same address cannot both be reached"),
                HostNetworks.news(List.of(), List.of(overlap)));
        assertEquals(List.of(), HostNetworks.news(List.of(overlap), List.of(overlap)));
        assertTrue(HostNetworks.news(List.of(overlap), List.of()).get(0).startsWith("no longer: "));
    }

    @Test
    void statusWarnsOfAnOverlap() {
        Netmap netmap = new Netmap(CLUSTER, 1, new Revision(1), 1420, POOLS, List.of());

        assertEquals(
                List.of("the cluster's pool 10.80.0.0/16 overlaps with 10.80.3.0/24 on interface eth1 of this host"),
                LocalStatus.warnings(
                        netmap, "wgf0", List.of(attached("eth1", "10.80.3.4", 24), attached("wgf1", "10.80.0.1", 32))));
    }

    @Test
    void joinIsRefusedBeforeTheTokenIsUsed() {
        KeyPair pair = Keys.generateEd25519();
        Instant now = Instant.now();
        // Nobody listens there: an attempt to use the token would end as unreachable.
        String token = new JoinTokens(CLUSTER, pair.getPrivate(), pair.getPublic())
                .sign(new JoinToken(
                        CLUSTER,
                        TokenId.of(1),
                        Role.PEER,
                        now,
                        now.plusSeconds(60),
                        Bytes.of(new byte[32]),
                        List.of("127.0.0.1:1"),
                        POOLS));
        Join.Plan plan = new Join.Plan(token, Role.PEER, new NodeName("a"), "wgf0", 51820, 51821, null, null);
        NodeStore store = new NodeStore(temp.resolve("node"));

        ControlException refused = assertThrows(
                ControlException.class, () -> Join.join(store, plan, List.of(attached("eth1", "10.80.3.4", 24))));

        assertEquals("pool-overlap", refused.slug());
        assertEquals(
                "the cluster's pool 10.80.0.0/16 overlaps with 10.80.3.0/24 on interface eth1 of this host, and one"
                        + " would hide the other; the token is not used: take that network off this host, or choose"
                        + " another --pool for the cluster",
                refused.getMessage());
        assertFalse(Files.exists(temp.resolve("node")));
    }
}
