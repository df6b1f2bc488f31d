package io.wgfabric.agent.wireguard;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.wgfabric.api.Address;
import io.wgfabric.api.Endpoint;
import io.wgfabric.api.Prefix;
import io.wgfabric.api.PublicKey;
import java.time.Instant;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class ReconcilerTest {
    private static final Instant NOW = Instant.parse("2026-01-01T00:00:00Z");
    private static final Instant RECENTLY = NOW.minusSeconds(60);
    private static final Instant LONG_AGO = NOW.minusSeconds(181);
    private static final Address V4 = Address.parse("100.64.0.1");
    private static final Prefix PEER_V4 = Prefix.parse("100.64.0.2/32");
    private static final Prefix PEER_V6 = Prefix.parse("fd77::2/128");
    private static final Endpoint HERE = Endpoint.parse("192.0.2.2:51820");
    private static final Endpoint THERE = Endpoint.parse("198.51.100.2:4000");
    private static final PlaneKey MAIN = key(1, 51820);
    private static final PlaneKey NEXT_MAIN = key(2, 51820);
    private static final PlaneKey SPARE = key(3, 51821);
    private static final PublicKey PEER_MAIN = key(4, 1).privateKey().publicKey();
    private static final PublicKey PEER_SPARE = key(5, 1).privateKey().publicKey();
    private static final PublicKey PEER_NEXT = key(6, 1).privateKey().publicKey();

    private final SimulatedTunnel tunnel = new SimulatedTunnel();

    private static PlaneKey key(int seed, int port) {
        byte[] bytes = new byte[PrivateKey.BYTES];
        bytes[1] = (byte) seed;
        return new PlaneKey(PrivateKey.of(bytes), port);
    }

    private static DesiredPeer initiated(int plane, PublicKey main) {
        return new DesiredPeer("b", Set.of(PEER_V4, PEER_V6), main, PEER_SPARE, plane, true, HERE, THERE, 25);
    }

    private static DesiredPeer answered(int plane) {
        return new DesiredPeer("b", Set.of(PEER_V4, PEER_V6), PEER_MAIN, PEER_SPARE, plane, false, HERE, THERE, 25);
    }

    private static DesiredNetwork network(PlaneKey main, @Nullable PlaneKey spare, DesiredPeer... peers) {
        List<Address> addresses = List.of(V4, Address.parse("fd77::1"));
        List<Prefix> pools = List.of(Prefix.parse("100.64.0.0/16"), Prefix.parse("fd77::/48"));
        return new DesiredNetwork(addresses, pools, 1420, main, spare, List.of(peers));
    }

    private Plan apply(DesiredNetwork desired) {
        Plan plan = Reconciler.reconcile(desired, tunnel.read(), NOW);
        tunnel.apply(plan.changes());
        return plan;
    }

    private ActualPeer peer(int plane, PublicKey key) {
        ActualPeer peer = tunnel.read().plane(plane).peers().get(key);
        assertNotNull(peer);
        return peer;
    }

    @Test
    void aNewNodeGetsItsInterfaceInOneGo() {
        Plan plan = apply(network(MAIN, null, initiated(0, PEER_MAIN)));
        assertFalse(plan.settled());
        assertEquals(new Plan(List.of(), Set.of()), apply(network(MAIN, null, initiated(0, PEER_MAIN))));
        assertFalse(tunnel.read().spare().exists());
        assertEquals(2, tunnel.read().main().routes().size());
    }

    @Test
    void onlyTheInitiatorHasAnEndpointAndAKeepalive() {
        apply(network(MAIN, null, initiated(0, PEER_MAIN)));
        assertEquals(HERE, peer(0, PEER_MAIN).endpoint());
        assertEquals(25, peer(0, PEER_MAIN).keepaliveSeconds());
        tunnel.tearDown();
        apply(network(MAIN, null, answered(0)));
        assertEquals(new ActualPeer(Set.of(PEER_V4, PEER_V6), null, 0, null, 0, 0), peer(0, PEER_MAIN));
    }

    @Test
    void anEndpointIsNotSetOverALiveSession() {
        apply(network(MAIN, null, initiated(0, PEER_MAIN)));
        tunnel.apply(List.of(new Change.SetEndpoint(0, PEER_MAIN, THERE)));
        tunnel.handshake(0, PEER_MAIN, RECENTLY);
        assertEquals(
                List.of(), apply(network(MAIN, null, initiated(0, PEER_MAIN))).changes());
        tunnel.handshake(0, PEER_MAIN, LONG_AGO);
        assertEquals(
                List.of(new Change.SetEndpoint(0, PEER_MAIN, HERE)),
                apply(network(MAIN, null, initiated(0, PEER_MAIN))).changes());
    }

    @Test
    void aReplacedKeyOfAPeerIsAddedBeforeTheOldOneGoes() {
        apply(network(MAIN, null, initiated(0, PEER_MAIN)));
        PeerConfig added = new PeerConfig(PEER_NEXT, Set.of(PEER_V4, PEER_V6), HERE, 25);
        assertEquals(
                List.of(new Change.AddPeer(0, added), new Change.RemovePeer(0, PEER_MAIN)),
                apply(network(MAIN, null, initiated(0, PEER_NEXT))).changes());
    }

    @Test
    void aPrefixThatMovesBetweenPeersIsNeverReplacedOnALiveOne() {
        DesiredPeer both = new DesiredPeer("b", Set.of(PEER_V4, PEER_V6), PEER_MAIN, null, 0, false, null, null, 0);
        DesiredPeer none = new DesiredPeer("c", Set.of(), PEER_NEXT, null, 0, false, null, null, 0);
        DesiredPeer less = new DesiredPeer("b", Set.of(PEER_V4), PEER_MAIN, null, 0, false, null, null, 0);
        DesiredPeer more = new DesiredPeer("c", Set.of(PEER_V6), PEER_NEXT, null, 0, false, null, null, 0);
        apply(network(MAIN, null, both, none));
        assertEquals(
                List.of(new Change.AddAllowedIps(0, PEER_NEXT, Set.of(PEER_V6), Set.of(PEER_V6))),
                apply(network(MAIN, null, less, more)).changes());
        assertEquals(
                List.of(new Change.ReplaceAllowedIps(0, PEER_NEXT, Set.of())),
                apply(network(MAIN, null, less, none)).changes());
    }

    @Test
    void aPairMovesWhenTheOtherPlaneHasAHandshake() {
        apply(network(MAIN, SPARE, initiated(0, PEER_MAIN)));
        tunnel.handshake(0, PEER_MAIN, RECENTLY);
        DesiredNetwork moved = network(MAIN, SPARE, initiated(1, PEER_MAIN));
        assertEquals(
                List.of(new Change.SetKeepalive(1, PEER_SPARE, 25)),
                apply(moved).changes());
        assertEquals(new Plan(List.of(), Set.of("b")), apply(moved));
        tunnel.handshake(1, PEER_SPARE, NOW);
        assertEquals(
                List.of(
                        new Change.SetKeepalive(0, PEER_MAIN, 0),
                        new Change.PutRoute(1, PEER_V4, V4),
                        new Change.PutRoute(1, PEER_V6, Address.parse("fd77::1"))),
                apply(moved).changes());
        assertTrue(apply(moved).settled());
    }

    @Test
    void aPairWithoutALiveSessionMovesAtOnce() {
        apply(network(MAIN, SPARE, answered(0)));
        tunnel.handshake(0, PEER_MAIN, LONG_AGO);
        apply(network(MAIN, SPARE, answered(1)));
        assertEquals(Set.of(PEER_V4, PEER_V6), tunnel.read().spare().routes().keySet());
    }

    @Test
    void anInitiatorWithoutKeepaliveGetsOneForTheTimeOfTheMove() {
        DesiredPeer here = new DesiredPeer("b", Set.of(PEER_V4), PEER_MAIN, PEER_SPARE, 0, true, HERE, THERE, 0);
        DesiredPeer there = new DesiredPeer("b", Set.of(PEER_V4), PEER_MAIN, PEER_SPARE, 1, true, HERE, THERE, 0);
        apply(network(MAIN, SPARE, here));
        assertEquals(0, peer(0, PEER_MAIN).keepaliveSeconds());
        tunnel.handshake(0, PEER_MAIN, RECENTLY);
        apply(network(MAIN, SPARE, there));
        assertTrue(peer(1, PEER_SPARE).keepaliveSeconds() > 0);
        tunnel.handshake(1, PEER_SPARE, NOW);
        apply(network(MAIN, SPARE, there));
        assertEquals(0, peer(1, PEER_SPARE).keepaliveSeconds());
        assertTrue(apply(network(MAIN, SPARE, there)).settled());
    }

    @Test
    void aNewOwnKeyResetsThePeersInTheSameStep() {
        moveToSpare();
        Plan plan = apply(network(NEXT_MAIN, SPARE, initiated(1, PEER_MAIN)));
        PeerConfig again = new PeerConfig(PEER_MAIN, Set.of(PEER_V4, PEER_V6), HERE, 0);
        assertEquals(
                List.of(new Change.SetPrivateKey(0, NEXT_MAIN.privateKey(), 51820, List.of(again))), plan.changes());
        assertEquals(null, peer(0, PEER_MAIN).lastHandshake());
    }

    @Test
    void aPairMovesBackOnlyAfterAHandshakeUnderTheNewKey() {
        moveToSpare();
        apply(network(NEXT_MAIN, SPARE, initiated(1, PEER_MAIN)));
        DesiredNetwork back = network(NEXT_MAIN, SPARE, initiated(0, PEER_MAIN));
        apply(back);
        assertEquals(new Plan(List.of(), Set.of("b")), apply(back));
        assertEquals(2, tunnel.read().spare().routes().size());
        tunnel.handshake(0, PEER_MAIN, NOW);
        apply(back);
        assertTrue(apply(back).settled());
        assertEquals(Set.of(), tunnel.read().spare().routes().keySet());
    }

    @Test
    void aKeyIsNotChangedUnderAPairThatHasYetToLeave() {
        apply(network(MAIN, SPARE, initiated(0, PEER_MAIN)));
        tunnel.handshake(0, PEER_MAIN, RECENTLY);
        DesiredNetwork tooEarly = network(NEXT_MAIN, SPARE, initiated(1, PEER_MAIN));
        apply(tooEarly);
        assertEquals(new Plan(List.of(), Set.of("b")), apply(tooEarly));
        assertEquals(MAIN.privateKey().publicKey(), tunnel.read().main().publicKey());
        tunnel.handshake(1, PEER_SPARE, NOW);
        apply(tooEarly);
        assertTrue(apply(tooEarly).settled());
        assertEquals(NEXT_MAIN.privateKey().publicKey(), tunnel.read().main().publicKey());
    }

    @Test
    void theSparePlaneStaysUntilNoPairNeedsIt() {
        moveToSpare();
        tunnel.handshake(0, PEER_MAIN, LONG_AGO);
        DesiredPeer home = new DesiredPeer("b", Set.of(PEER_V4, PEER_V6), PEER_MAIN, null, 0, true, HERE, null, 25);
        DesiredNetwork rest = network(MAIN, null, home);
        apply(rest);
        assertEquals(new Plan(List.of(), Set.of("b")), apply(rest));
        assertTrue(tunnel.read().spare().exists());
        tunnel.handshake(0, PEER_MAIN, NOW);
        apply(rest);
        assertTrue(apply(rest).settled());
        assertTrue(tunnel.read().spare().exists(), "the other end may still send there");
        assertEquals(0, peer(1, PEER_SPARE).keepaliveSeconds());
        tunnel.handshake(1, PEER_SPARE, LONG_AGO);
        apply(rest);
        assertFalse(tunnel.read().spare().exists());
        assertTrue(apply(rest).settled());
    }

    @Test
    void aSparePlaneThatLingersForgetsANodeThatIsNoMemberAnyMore() {
        moveToSpare();
        assertTrue(apply(network(MAIN, null)).changes().contains(new Change.RemovePeer(1, PEER_SPARE)));
        assertFalse(tunnel.read().spare().exists());
    }

    @Test
    void aKeyIsChangedUnderAPairThatCouldNotLeaveWhenItsTimeHasCome() {
        apply(network(MAIN, SPARE, initiated(0, PEER_MAIN)));
        tunnel.handshake(0, PEER_MAIN, RECENTLY);
        PlaneKey now = new PlaneKey(NEXT_MAIN.privateKey(), NEXT_MAIN.listenPort(), true);
        apply(network(now, SPARE, initiated(1, PEER_MAIN)));
        assertEquals(NEXT_MAIN.privateKey().publicKey(), tunnel.read().main().publicKey());
        assertTrue(apply(network(now, SPARE, initiated(1, PEER_MAIN))).settled());
    }

    @Test
    void aLostInterfaceIsMadeAgain() {
        apply(network(MAIN, null, initiated(0, PEER_MAIN)));
        ActualNetwork before = tunnel.read();
        tunnel.tearDown();
        apply(network(MAIN, null, initiated(0, PEER_MAIN)));
        assertEquals(before, tunnel.read());
    }

    private void moveToSpare() {
        apply(network(MAIN, SPARE, initiated(0, PEER_MAIN)));
        tunnel.handshake(0, PEER_MAIN, RECENTLY);
        tunnel.handshake(1, PEER_SPARE, RECENTLY);
        apply(network(MAIN, SPARE, initiated(1, PEER_MAIN)));
        assertTrue(apply(network(MAIN, SPARE, initiated(1, PEER_MAIN))).settled());
    }

    private static PresharedKey preshared(int value) {
        byte[] bytes = new byte[PresharedKey.BYTES];
        bytes[0] = (byte) value;
        return PresharedKey.of(bytes);
    }

    private static DesiredPeer secret(int plane, @Nullable PresharedKey main, @Nullable PresharedKey spare) {
        return new DesiredPeer(
                "b", Set.of(PEER_V4, PEER_V6), PEER_MAIN, PEER_SPARE, plane, true, HERE, THERE, 25, main, spare);
    }

    @Test
    void aPairWhosePresharedKeyIsNotKnownIsNotConfiguredAndIsWaitedFor() {
        Plan plan = apply(network(MAIN, null, secret(0, null, PresharedKey.NONE)));
        assertEquals(Set.of("b"), plan.awaited());
        assertTrue(tunnel.read().main().peers().isEmpty());
        plan = apply(network(MAIN, null, secret(0, null, PresharedKey.NONE)));
        assertEquals(new Plan(List.of(), Set.of("b")), plan);
        apply(network(MAIN, null, secret(0, preshared(1), PresharedKey.NONE)));
        assertEquals(preshared(1), peer(0, PEER_MAIN).presharedKey());
        assertTrue(apply(network(MAIN, null, secret(0, preshared(1), PresharedKey.NONE)))
                .settled());
    }

    @Test
    void anotherPresharedKeyIsSetAndNothingElseIsTouched() {
        apply(network(MAIN, null, secret(0, preshared(1), PresharedKey.NONE)));
        tunnel.handshake(0, PEER_MAIN, RECENTLY);
        Plan plan = apply(network(MAIN, null, secret(0, preshared(2), PresharedKey.NONE)));
        assertEquals(List.of(new Change.SetPresharedKey(0, PEER_MAIN, preshared(2))), plan.changes());
        assertEquals(RECENTLY, peer(0, PEER_MAIN).lastHandshake());
        tunnel.apply(List.of(new Change.SetPresharedKey(0, PEER_MAIN, PresharedKey.NONE)));
        plan = apply(network(MAIN, null, secret(0, preshared(2), PresharedKey.NONE)));
        assertEquals(List.of(new Change.SetPresharedKey(0, PEER_MAIN, preshared(2))), plan.changes());
    }

    /** As long as it is not known on the plane where the pair shall be, the pair stays where it is. */
    @Test
    void aPairDoesNotMoveBeforeItsPresharedKeyIsKnown() {
        apply(network(MAIN, null, secret(0, PresharedKey.NONE, null)));
        tunnel.handshake(0, PEER_MAIN, RECENTLY);
        Plan plan = apply(network(MAIN, SPARE, secret(1, PresharedKey.NONE, null)));
        assertEquals(Set.of("b"), plan.awaited());
        assertTrue(tunnel.read().spare().peers().isEmpty());
        assertTrue(tunnel.read().spare().routes().isEmpty());
        apply(network(MAIN, SPARE, secret(1, PresharedKey.NONE, preshared(1))));
        assertEquals(preshared(1), peer(1, PEER_SPARE).presharedKey());
        tunnel.handshake(1, PEER_SPARE, RECENTLY);
        apply(network(MAIN, SPARE, secret(1, PresharedKey.NONE, preshared(1))));
        assertEquals(2, tunnel.read().spare().routes().size());
    }

    @Test
    void aNewKeyComesWithThePresharedKeysThatAreKnown() {
        apply(network(MAIN, null, secret(0, preshared(1), PresharedKey.NONE)));
        apply(network(NEXT_MAIN, null, secret(0, preshared(2), PresharedKey.NONE)));
        assertEquals(preshared(2), peer(0, PEER_MAIN).presharedKey());
        apply(network(MAIN, null, secret(0, null, PresharedKey.NONE)));
        assertTrue(tunnel.read().main().peers().isEmpty());
    }

    /** Its store was lost, and no manager is there. */
    @Test
    void anEntryWithAPresharedKeyStaysThoughItIsNotKnownAnyMore_oneWithoutGoes() {
        apply(network(MAIN, null, secret(0, preshared(1), PresharedKey.NONE)));
        tunnel.handshake(0, PEER_MAIN, RECENTLY);
        assertEquals(new Plan(List.of(), Set.of()), apply(network(MAIN, null, secret(0, null, PresharedKey.NONE))));
        tunnel.apply(List.of(new Change.SetPresharedKey(0, PEER_MAIN, PresharedKey.NONE)));
        Plan plan = apply(network(MAIN, null, secret(0, null, PresharedKey.NONE)));
        assertEquals(new Plan(List.of(new Change.RemovePeer(0, PEER_MAIN)), Set.of("b")), plan);
    }
}
