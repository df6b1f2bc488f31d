package io.wgfabric.agent;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.wgfabric.agent.paths.Path;
import io.wgfabric.agent.paths.Paths;
import io.wgfabric.agent.wireguard.DesiredNetwork;
import io.wgfabric.agent.wireguard.DesiredPeer;
import io.wgfabric.agent.wireguard.Forwarding;
import io.wgfabric.agent.wireguard.PresharedKey;
import io.wgfabric.agent.wireguard.PrivateKey;
import io.wgfabric.api.Address;
import io.wgfabric.api.ClusterId;
import io.wgfabric.api.NodeEndpoints;
import io.wgfabric.api.NodeId;
import io.wgfabric.api.NodeKeys;
import io.wgfabric.api.NodeName;
import io.wgfabric.api.Plane;
import io.wgfabric.api.Prefix;
import io.wgfabric.api.Revision;
import io.wgfabric.api.Role;
import io.wgfabric.api.Rotation;
import io.wgfabric.api.Rotation.Phase;
import io.wgfabric.api.Topology;
import io.wgfabric.core.netmap.Netmap;
import io.wgfabric.core.netmap.Netmap.Member;
import java.security.SecureRandom;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class DesiredNetworksTest {
    private final WireGuardKeys ownKeys = WireGuardKeys.generate();
    private final NodeKeys otherKeys = WireGuardKeys.generate().publicKeys();

    private static Member member(long id, NodeKeys keys, List<Address> reach, @Nullable Phase phase) {
        return new Member(
                NodeId.of(id),
                new NodeName("n" + id),
                Role.PEER,
                List.of(Address.parse("10.0.0." + id), Address.parse("fd00::" + id)),
                keys,
                new NodeEndpoints(reach, 51820, 51821),
                Instant.EPOCH.plusSeconds(10 - id),
                null,
                phase == null ? null : new Rotation(phase, Instant.EPOCH, new Revision(1)));
    }

    private static List<Address> reach(long id) {
        return List.of(Address.parse("192.0.2." + id));
    }

    private Member hub() {
        return new Member(
                NodeId.of(2),
                new NodeName("hub"),
                Role.MGMT,
                List.of(Address.parse("10.0.0.2")),
                otherKeys,
                new NodeEndpoints(reach(2), 51820, 51821),
                Instant.EPOCH,
                null,
                null);
    }

    private static Netmap netmap(Member... members) {
        return new Netmap(
                ClusterId.of(1), 1, new Revision(5), 1420, List.of(Prefix.parse("10.0.0.0/24")), List.of(members));
    }

    /** Of a node without a hub and without pre-shared keys. */
    private static DesiredNetworks.Surroundings around(
            Map<NodeId, Path> paths, List<Prefix> attached, @Nullable NodeId exit) {
        return new DesiredNetworks.Surroundings(paths, null, 1400, attached, exit, pair -> null);
    }

    private static DesiredNetwork desired(WireGuardKeys keys, Member self, Member other) {
        Netmap netmap = netmap(self, other);
        return DesiredNetworks.of(netmap, self, keys);
    }

    private DesiredPeer peer(@Nullable Phase own, @Nullable Phase others) {
        return desired(ownKeys, member(1, ownKeys.publicKeys(), reach(1), own), member(2, otherKeys, reach(2), others))
                .peers()
                .get(0);
    }

    @Test
    void keysThatABackupHasAndTheNodeHasNotAreMissed() {
        NodeKeys older = WireGuardKeys.generate().publicKeys();

        assertTrue(DesiredNetworks.lacksKeys(member(1, older, reach(1), null), ownKeys));
        assertFalse(DesiredNetworks.lacksKeys(member(1, ownKeys.publicKeys(), reach(1), null), ownKeys));
        assertFalse(DesiredNetworks.lacksKeys(member(1, older, reach(1), Phase.REKEY_SPARE), ownKeys));
    }

    @Test
    void atRestThereIsOnePlaneAndTheNewerNodeInitiates() {
        Member one = member(1, ownKeys.publicKeys(), reach(1), null);
        Member two = member(2, otherKeys, reach(2), null);
        DesiredNetwork network = desired(ownKeys, one, two);
        assertNull(network.spare());
        assertEquals(0, network.peers().get(0).plane());
        assertEquals("192.0.2.2:51820", String.valueOf(network.peers().get(0).mainEndpoint()));
        DesiredPeer seenFromTwo =
                desired(WireGuardKeys.generate(), two, one).peers().get(0);
        assertNull(seenFromTwo.mainEndpoint());
        assertEquals(0, seenFromTwo.keepaliveSeconds());
    }

    @Test
    void whoCannotBeReachedReachesOut() {
        Member hidden = member(2, otherKeys, List.of(), null);
        Member open = member(1, ownKeys.publicKeys(), reach(1), null);
        assertEquals(false, Paths.initiates(open, hidden));
        assertEquals(true, Paths.initiates(hidden, open));
    }

    @ParameterizedTest
    @EnumSource(
            value = Phase.class,
            names = {"MOVE_OUT", "REKEY_MAIN", "MOVE_BACK"})
    void exactlyOneEndInitiatesAndWhileOneRotatesTheOtherDoes(Phase phase) {
        for (Phase own : new Phase[] {null, phase}) {
            for (Phase others : new Phase[] {null, phase}) {
                Member one = member(1, ownKeys.publicKeys(), reach(1), own);
                Member two = member(2, otherKeys, reach(2), others);
                assertNotEquals(Paths.initiates(one, two), Paths.initiates(two, one));
                if (own != null && others == null) {
                    assertEquals(true, Paths.initiates(two, one));
                }
            }
        }
    }

    @Test
    void aPairIsOnTheSparePlaneWhileEitherEndIsOut() {
        assertEquals(1, peer(Phase.MOVE_OUT, null).plane());
        assertEquals(1, peer(null, Phase.REKEY_MAIN).plane());
        assertEquals(1, peer(Phase.MOVE_BACK, Phase.MOVE_OUT).plane());
        assertEquals(0, peer(Phase.MOVE_BACK, null).plane());
        assertEquals(0, peer(Phase.WAITING, Phase.WAITING).plane());
    }

    @Test
    void theSparePlaneStaysUntilTheRotationIsOver() {
        assertEquals(otherKeys.spare(), peer(null, Phase.MOVE_BACK).spareKey());
        assertNull(peer(null, Phase.REKEY_SPARE).spareKey());
        assertNull(peer(null, null).spareKey());
    }

    @Test
    void theRotatingNodeHasItsSparePlaneReadyBeforeItPublishesTheKey() {
        WireGuardKeys keys = ownKeys.withNext(Plane.SPARE, PrivateKey.generate(new SecureRandom()));
        DesiredNetwork network = desired(
                keys,
                member(1, ownKeys.publicKeys(), reach(1), Phase.REKEY_SPARE),
                member(2, otherKeys, reach(2), null));
        assertNotNull(network.spare());
        assertEquals(keys.next(Plane.SPARE), network.spare().privateKey());
        assertEquals(otherKeys.spare(), network.peers().get(0).spareKey());
        assertEquals(0, network.peers().get(0).plane());
    }

    @Test
    void aPlaneGetsItsKeyWhoeverIsStillThereOnceItsPhaseHasCome() {
        for (Phase phase : Phase.values()) {
            DesiredNetwork network = desired(
                    ownKeys, member(1, ownKeys.publicKeys(), reach(1), phase), member(2, otherKeys, reach(2), null));
            assertEquals(phase == Phase.MOVE_BACK, network.main().atOnce());
            assertEquals(
                    phase == Phase.REKEY_SPARE,
                    network.spare() != null && network.spare().atOnce());
        }
    }

    @Test
    void theMainPlaneGetsItsNextKeyOnlyWhenTheOthersKnowIt() {
        WireGuardKeys keys = ownKeys.withNext(Plane.MAIN, PrivateKey.generate(new SecureRandom()));
        PrivateKey next = Objects.requireNonNull(keys.next(Plane.MAIN));
        NodeKeys published = new NodeKeys(next.publicKey(), ownKeys.publicKeys().spare());
        Member other = member(2, otherKeys, reach(2), null);
        for (Phase phase : List.of(Phase.MOVE_OUT, Phase.REKEY_MAIN)) {
            Member self = member(1, ownKeys.publicKeys(), reach(1), phase);
            assertEquals(
                    keys.current(Plane.MAIN), desired(keys, self, other).main().privateKey());
        }
        Member self = member(1, published, reach(1), Phase.MOVE_BACK);
        assertEquals(next, desired(keys, self, other).main().privateKey());
    }

    @Test
    void allowedIpsAreExactlyTheNodesOwnAddresses() {
        assertEquals(
                List.of("10.0.0.2/32", "fd00::2/128"),
                peer(null, null).allowedIps().stream().map(Prefix::toString).toList());
    }

    @Test
    void aRelaysEntryCarriesWhatItForwardsAndOneThatIsTriedCarriesNothing() {
        Member self = member(1, ownKeys.publicKeys(), reach(1), null);
        Member relay = member(2, otherKeys, reach(2), null);
        Member hidden = member(3, WireGuardKeys.generate().publicKeys(), reach(3), null);
        Netmap netmap = netmap(self, relay, hidden);
        DesiredNetwork network = DesiredNetworks.of(
                netmap,
                self,
                ownKeys,
                around(
                        Map.of(
                                relay.id(), new Path.Direct(null, true, 25),
                                hidden.id(), new Path.Relayed(relay.id(), new Path.Direct(null, false, 0))),
                        List.of(),
                        null));
        assertEquals(
                List.of("10.0.0.2/32", "10.0.0.3/32", "fd00::2/128", "fd00::3/128"),
                network.peers().get(0).allowedIps().stream()
                        .map(Prefix::toString)
                        .toList());
        assertEquals(Set.of(), network.peers().get(1).allowedIps());
        assertEquals(1400, network.mtu());
    }

    /** Of two ends the older generation counts; what is not known yet is not configured without. */
    @Test
    void aPairHasThePresharedKeyOfTheLowerGeneration() {
        assertEquals(PresharedKey.NONE, preshared(0, 2, true));
        assertEquals(PresharedKey.NONE, preshared(2, 0, true));
        assertNull(preshared(1, 2, false));
        assertEquals(derived(1), preshared(1, 2, true));
        assertEquals(derived(1), preshared(2, 1, true));
        assertEquals(derived(2), preshared(2, 2, true));
    }

    private static PresharedKey derived(int generation) {
        byte[] bytes = new byte[PresharedKey.BYTES];
        bytes[0] = (byte) generation;
        return PresharedKey.of(bytes);
    }

    private @Nullable PresharedKey preshared(int own, int others, boolean known) {
        Member self = member(1, ownKeys.publicKeys().of(own), reach(1), null);
        Member other = member(2, otherKeys.of(others), reach(2), null);
        DesiredNetwork network = DesiredNetworks.of(
                netmap(self, other),
                self,
                ownKeys,
                new DesiredNetworks.Surroundings(
                        Map.of(other.id(), new Path.Direct(null, true, 25)),
                        null,
                        1400,
                        List.of(),
                        null,
                        pair -> known && pair.node().equals(other.id()) ? derived(pair.generation()) : null));
        return network.peers().get(0).mainPreshared();
    }

    /** Which generation it will be is decided when it is published; until then nobody shakes hands there. */
    @Test
    void aKeyThatIsNotPublishedYetHasNoPresharedKeys() {
        WireGuardKeys keys = ownKeys.withNext(Plane.SPARE, PrivateKey.generate(new SecureRandom()));
        Member self = member(1, ownKeys.publicKeys().of(1), reach(1), Phase.REKEY_SPARE);
        Member other = member(2, otherKeys.of(1), reach(2), null);
        DesiredPeer peer = DesiredNetworks.of(
                        netmap(self, other),
                        self,
                        keys,
                        new DesiredNetworks.Surroundings(
                                Map.of(other.id(), new Path.Direct(null, true, 25)),
                                null,
                                1400,
                                List.of(),
                                null,
                                pair -> derived(pair.generation())))
                .peers()
                .get(0);
        assertEquals(derived(1), peer.mainPreshared());
        assertNull(peer.sparePreshared());
        assertNotNull(peer.spareKey());
    }

    @Test
    void theHubOfASpokeCarriesThePools() {
        Member self = member(1, ownKeys.publicKeys(), reach(1), null);
        Member hub = hub();
        Member other = member(3, WireGuardKeys.generate().publicKeys(), reach(3), null);
        Netmap netmap = new Netmap(
                ClusterId.of(1),
                1,
                new Revision(5),
                1420,
                List.of(Prefix.parse("10.0.0.0/24"), Prefix.parse("fd00::/64")),
                List.of(self, hub, other),
                null,
                null,
                Topology.HUB,
                new Netmap.Spoke(self.id(), List.of(Prefix.parse("192.168.7.0/24"))));
        DesiredNetwork network = DesiredNetworks.of(netmap, self, ownKeys);
        assertEquals(1, network.peers().size());
        assertEquals(
                List.of("10.0.0.0/24", "10.0.0.2/32", "192.168.7.0/24", "fd00::/64"),
                network.peers().get(0).allowedIps().stream()
                        .map(Prefix::toString)
                        .toList());
    }

    /** Of three networks behind a router: one is ours too, one lies in one of ours, one is reached through the router. */
    @Test
    void networkBehindANodeIsRoutedToIt_unlessThisMachineIsInIt() {
        Member self = member(1, ownKeys.publicKeys(), reach(1), null);
        Prefix office = Prefix.parse("192.168.7.0/24");
        Prefix shared = Prefix.parse("192.168.8.0/24");
        Prefix within = Prefix.parse("172.20.4.0/24");
        Member router = new Member(
                NodeId.of(2),
                new NodeName("router"),
                Role.PEER,
                List.of(Address.parse("10.0.0.2")),
                otherKeys,
                new NodeEndpoints(reach(2), 51820, 51821),
                Instant.EPOCH,
                null,
                null,
                null,
                List.of(office, shared, within));
        Netmap netmap = netmap(self, router);
        DesiredNetwork network = DesiredNetworks.of(
                netmap,
                self,
                ownKeys,
                around(
                        Map.of(router.id(), new Path.Direct(null, true, 25)),
                        List.of(shared, Prefix.parse("172.20.0.0/16")),
                        null));
        assertEquals(
                Set.of(office, Prefix.parse("10.0.0.2/32")),
                network.peers().get(0).allowedIps());
        assertEquals(List.of(Prefix.parse("10.0.0.0/24"), office), network.pools());
    }

    private static Member exitNode(long id) {
        return new Member(
                NodeId.of(id),
                new NodeName("exit-" + id),
                Role.PEER,
                List.of(Address.parse("10.0.0." + id)),
                WireGuardKeys.generate().publicKeys(),
                new NodeEndpoints(reach(id), 51820, 51821),
                Instant.EPOCH,
                null,
                null,
                null,
                List.of(Prefix.parse("0.0.0.0/0"), Prefix.parse("192.168." + id + ".0/24")));
    }

    private static boolean leadsOut(DesiredPeer peer) {
        return peer.allowedIps().contains(Prefix.parse("0.0.0.0/0"));
    }

    @Test
    void theInternetIsReachedThroughTheChosenExitNodeAloneAndOnlyWithoutARelay() {
        Member self = member(1, ownKeys.publicKeys(), reach(1), null);
        Member one = exitNode(2);
        Member two = exitNode(3);
        Netmap netmap = netmap(self, one, two);
        Path.Direct direct = new Path.Direct(null, true, 25);
        Prefix everything = Prefix.parse("0.0.0.0/0");

        DesiredNetwork none = DesiredNetworks.of(
                netmap, self, ownKeys, around(Map.of(one.id(), direct, two.id(), direct), List.of(), null));
        assertTrue(none.peers().stream().noneMatch(DesiredNetworksTest::leadsOut));
        assertFalse(none.pools().contains(everything));

        DesiredNetwork chosen = DesiredNetworks.of(
                netmap, self, ownKeys, around(Map.of(one.id(), direct, two.id(), direct), List.of(), two.id()));
        assertFalse(leadsOut(chosen.peers().get(0)));
        assertTrue(leadsOut(chosen.peers().get(1)));
        assertTrue(chosen.pools().contains(everything));

        DesiredNetwork relayed = DesiredNetworks.of(
                netmap,
                self,
                ownKeys,
                around(Map.of(one.id(), direct, two.id(), new Path.Relayed(one.id(), direct)), List.of(), two.id()));
        assertTrue(relayed.peers().stream().noneMatch(DesiredNetworksTest::leadsOut));
        assertFalse(relayed.pools().contains(everything));
        assertTrue(relayed.peers().get(0).allowedIps().contains(Prefix.parse("192.168.3.0/24")));
    }

    @Test
    void onlyWhoRelaysForwardsToNetworksBehindOthersAndNeverToTheInternetBehindThem() {
        Member peer = member(1, ownKeys.publicKeys(), reach(1), null);
        Member hub = hub();
        Member router = exitNode(3);
        Netmap netmap = netmap(peer, hub, router);

        assertEquals(
                new Forwarding.Duty(true, netmap.pools(), List.of(), List.of(Prefix.parse("192.168.3.0/24"))),
                DesiredNetworks.forwarding(netmap, hub));
        assertEquals(
                new Forwarding.Duty(
                        false,
                        netmap.pools(),
                        List.of(Prefix.parse("0.0.0.0/0"), Prefix.parse("192.168.3.0/24")),
                        List.of()),
                DesiredNetworks.forwarding(netmap, router));
        assertEquals(
                new Forwarding.Duty(false, netmap.pools(), List.of(), List.of()),
                DesiredNetworks.forwarding(netmap, peer));
    }
}
