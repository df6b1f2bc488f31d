package io.wgfabric.agent.wireguard;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.wgfabric.api.Address;
import io.wgfabric.api.Endpoint;
import io.wgfabric.api.Prefix;
import io.wgfabric.api.PublicKey;
import java.security.SecureRandom;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class FirstHandshakesTest {
    private static final Instant START = Instant.parse("2026-01-01T00:00:00Z");
    private static final Set<Prefix> ALLOWED = Set.of(Prefix.parse("10.0.0.2/32"));
    private static final Endpoint ENDPOINT = Endpoint.parse("192.0.2.2:51820");

    private final PublicKey other = PrivateKey.generate(new SecureRandom()).publicKey();
    private final FirstHandshakes first = new FirstHandshakes();

    private DesiredNetwork desired(boolean initiator) {
        return new DesiredNetwork(
                List.of(Address.parse("10.0.0.1")),
                List.of(),
                1420,
                new PlaneKey(PrivateKey.generate(new SecureRandom()), 51820),
                null,
                List.of(new DesiredPeer(
                        "n",
                        ALLOWED,
                        other,
                        null,
                        ActualNetwork.MAIN,
                        initiator,
                        initiator ? ENDPOINT : null,
                        null,
                        initiator ? 25 : 0)));
    }

    private ActualNetwork actual(@Nullable Instant handshake) {
        return new ActualNetwork(
                new ActualPlane(
                        true,
                        true,
                        1420,
                        null,
                        51820,
                        Set.of(),
                        Map.of(other, new ActualPeer(ALLOWED, ENDPOINT, 25, handshake, 0, 148)),
                        Map.of()),
                ActualPlane.absent());
    }

    private int tries(boolean initiator, @Nullable Instant handshake, long millis) {
        List<Change> changes = first.retry(desired(initiator), actual(handshake), START.plusMillis(millis));
        if (!changes.isEmpty()) {
            assertEquals(2, changes.size());
            assertInstanceOf(Change.RemovePeer.class, changes.get(0));
            assertInstanceOf(Change.AddPeer.class, changes.get(1));
        }
        return changes.size() / 2;
    }

    @Test
    void aPairWithoutAHandshakeIsTriedAgainThreeTimesAndThenLeftAlone() {
        int count = 0;
        for (long millis = 0; millis <= 60_000; millis += 50) {
            count += tries(true, null, millis);
        }
        assertEquals(3, count);
        assertFalse(first.isWaiting());
    }

    @Test
    void aPairWithAHandshakeIsNeverTouched() {
        tries(true, null, 0);
        assertTrue(first.isWaiting());
        for (long millis = 50; millis <= 60_000; millis += 50) {
            assertEquals(0, tries(true, START, millis));
        }
        assertFalse(first.isWaiting());
    }

    @Test
    void onlyTheInitiatorTries() {
        for (long millis = 0; millis <= 60_000; millis += 50) {
            assertEquals(0, tries(false, null, millis));
        }
    }
}
