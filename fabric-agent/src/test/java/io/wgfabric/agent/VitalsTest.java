package io.wgfabric.agent;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;

import io.wgfabric.agent.paths.Path;
import io.wgfabric.agent.wireguard.ActualNetwork;
import io.wgfabric.agent.wireguard.ActualPeer;
import io.wgfabric.agent.wireguard.ActualPlane;
import io.wgfabric.api.Address;
import io.wgfabric.api.ClusterId;
import io.wgfabric.api.NodeEndpoints;
import io.wgfabric.api.NodeId;
import io.wgfabric.api.NodeKeys;
import io.wgfabric.api.NodeName;
import io.wgfabric.api.Prefix;
import io.wgfabric.api.PublicKey;
import io.wgfabric.api.Revision;
import io.wgfabric.api.Role;
import io.wgfabric.core.netmap.Netmap;
import io.wgfabric.core.netmap.Netmap.Member;
import io.wgfabric.core.wire.Heartbeat.Traffic;
import io.wgfabric.core.wire.PairReport;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class VitalsTest {
    private static final Instant NOW = Instant.parse("2026-01-02T03:04:05Z");

    private static ActualPlane plane(ActualPeer... peers) {
        Map<PublicKey, ActualPeer> byKey = new HashMap<>();
        for (ActualPeer peer : peers) {
            byte[] key = new byte[PublicKey.BYTES];
            key[0] = (byte) (byKey.size() + 1);
            byKey.put(PublicKey.of(key), peer);
        }
        return new ActualPlane(true, true, 1420, null, 51820, Set.of(), byKey, Map.of());
    }

    private static ActualPeer peer(@Nullable Instant handshake, long received, long sent) {
        return new ActualPeer(Set.of(), null, 0, handshake, received, sent);
    }

    @Test
    void bothPlanesCountAndDeadSessionsAreNotTheOldest() {
        Instant fresh = NOW.minusSeconds(3);
        Instant lately = NOW.minusSeconds(120);
        Instant longAgo = NOW.minus(Duration.ofHours(5));

        Vitals vitals = Vitals.of(
                new ActualNetwork(
                        plane(peer(lately, 10, 1), peer(longAgo, 20, 2), peer(null, 0, 4)), plane(peer(fresh, 40, 8))),
                NOW);

        assertEquals(new Vitals(1, new Traffic(3L, 120L, 70, 15), List.of()), vitals);
    }

    @Test
    void nodeWithoutHandshakesHasNoAges() {
        Vitals vitals = Vitals.of(new ActualNetwork(plane(peer(null, 0, 92)), ActualPlane.absent()), NOW);

        assertEquals(new Vitals(0, new Traffic(null, null, 0, 92), List.of()), vitals);
    }

    @Test
    void handshakeOfTheFutureWasJustNow() {
        Vitals vitals = Vitals.of(new ActualNetwork(plane(peer(NOW.plusSeconds(9), 1, 1)), ActualPlane.absent()), NOW);

        assertEquals(new Vitals(1, new Traffic(0L, 0L, 1, 1), List.of()), vitals);
    }

    @Test
    void nothingIsSaidOfInterfacesThatWereNotRead() {
        assertNull(Vitals.NONE.traffic());
    }

    private static PublicKey key(long number) {
        byte[] key = new byte[PublicKey.BYTES];
        key[0] = (byte) number;
        return PublicKey.of(key);
    }

    private static Member member(long id) {
        return new Member(
                NodeId.of(id),
                new NodeName("n" + id),
                Role.PEER,
                List.of(Address.parse("10.0.0." + id)),
                new NodeKeys(key(id), key(id == 2 ? 1 : 100 + id)),
                new NodeEndpoints(List.of(Address.parse("192.0.2." + id)), 51820, 51821),
                Instant.EPOCH,
                null,
                null);
    }

    @Test
    void eachPairSaysWhetherItIsDirectAndHowOldItsHandshakeIs() {
        Netmap netmap = new Netmap(
                ClusterId.of(1),
                1,
                new Revision(1),
                1420,
                List.of(Prefix.parse("10.0.0.0/16")),
                List.of(member(1), member(2), member(3), member(4), member(5)));
        // The main plane has entries of members 1 and 2, the spare one a session with member 2.
        ActualNetwork actual = new ActualNetwork(
                plane(peer(NOW.minusSeconds(70), 1, 1), peer(null, 1, 1)), plane(peer(NOW.minusSeconds(9), 1, 1)));
        Path direct = new Path.Direct(null, false, 0);
        Map<NodeId, Path> paths = Map.of(
                NodeId.of(1), direct,
                NodeId.of(2), direct,
                NodeId.of(3), new Path.Relayed(NodeId.of(1), null),
                NodeId.of(4), direct);

        assertEquals(
                List.of(
                        PairReport.direct(NodeId.of(1), 70L),
                        PairReport.direct(NodeId.of(2), 9L),
                        PairReport.relayed(NodeId.of(3), NodeId.of(1)),
                        PairReport.direct(NodeId.of(4), null)),
                Vitals.of(netmap, paths, actual, NOW).pairs(),
                "of this node itself it says nothing");
    }
}
