package io.wgfabric.agent;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;

import io.wgfabric.agent.wireguard.ActualNetwork;
import io.wgfabric.agent.wireguard.ActualPeer;
import io.wgfabric.agent.wireguard.ActualPlane;
import io.wgfabric.api.PublicKey;
import io.wgfabric.core.wire.Heartbeat.Traffic;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
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

        assertEquals(new Vitals(1, new Traffic(3L, 120L, 70, 15)), vitals);
    }

    @Test
    void nodeWithoutHandshakesHasNoAges() {
        Vitals vitals = Vitals.of(new ActualNetwork(plane(peer(null, 0, 92)), ActualPlane.absent()), NOW);

        assertEquals(new Vitals(0, new Traffic(null, null, 0, 92)), vitals);
    }

    @Test
    void handshakeOfTheFutureWasJustNow() {
        Vitals vitals = Vitals.of(new ActualNetwork(plane(peer(NOW.plusSeconds(9), 1, 1)), ActualPlane.absent()), NOW);

        assertEquals(new Vitals(1, new Traffic(0L, 0L, 1, 1)), vitals);
    }

    @Test
    void nothingIsSaidOfInterfacesThatWereNotRead() {
        assertNull(Vitals.NONE.traffic());
    }
}
