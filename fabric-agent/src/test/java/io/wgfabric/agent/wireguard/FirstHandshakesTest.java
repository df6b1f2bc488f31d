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
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class FirstHandshakesTest {
    private static final Instant START = Instant.parse("2026-01-01T00:00:00Z");
    private static final Set<Prefix> ALLOWED = Set.of(Prefix.parse("10.0.0.2/32"));
    private static final Endpoint ENDPOINT = Endpoint.parse("192.0.2.2:51820");

    private final PublicKey other = PrivateKey.generate(new SecureRandom()).publicKey();
    private final FirstHandshakes first = new FirstHandshakes("self");

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

    private static final int MANY = 40;
    private static final List<PublicKey> KEYS = IntStream.range(0, MANY)
            .mapToObj(number -> PrivateKey.generate(new SecureRandom()).publicKey())
            .toList();

    private static DesiredPeer peer(int number) {
        return new DesiredPeer(
                String.format(Locale.ROOT, "n%02d", number),
                Set.of(Prefix.parse("10.0.1." + number + "/32")),
                KEYS.get(number),
                null,
                ActualNetwork.MAIN,
                true,
                ENDPOINT,
                null,
                25);
    }

    private static DesiredNetwork mesh() {
        return new DesiredNetwork(
                List.of(Address.parse("10.0.0.1")),
                List.of(),
                1420,
                new PlaneKey(PrivateKey.generate(new SecureRandom()), 51820),
                null,
                IntStream.range(0, MANY).mapToObj(FirstHandshakesTest::peer).toList());
    }

    /** All peers are configured, and these have answered. */
    private static ActualNetwork answered(Set<Integer> numbers) {
        Map<PublicKey, ActualPeer> peers = new HashMap<>();
        for (int number = 0; number < MANY; number++) {
            Instant handshake = numbers.contains(number) ? START : null;
            peers.put(KEYS.get(number), new ActualPeer(peer(number).allowedIps(), ENDPOINT, 0, handshake, 0, 0));
        }
        return new ActualNetwork(
                new ActualPlane(true, true, 1420, null, 51820, Set.of(), peers, Map.of()), ActualPlane.absent());
    }

    private static Set<Integer> begun(DesiredNetwork paced) {
        return IntStream.range(0, MANY)
                .filter(number -> paced.peers().get(number).keepaliveSeconds() > 0)
                .boxed()
                .collect(Collectors.toCollection(TreeSet::new));
    }

    @Test
    void soManyBeginAtATimeAndTheNextWhenThoseHaveAnswered() {
        FirstHandshakes paced = new FirstHandshakes("n30");
        Set<Integer> begun = begun(paced.pace(mesh(), answered(Set.of()), START));
        assertEquals(FirstHandshakes.AT_ONCE, begun.size());
        assertTrue(begun.contains(30) && begun.contains(39) && begun.contains(0), "from its own id on: " + begun);
        assertEquals(begun, begun(paced.pace(mesh(), answered(Set.of()), START.plusMillis(60))));
        assertTrue(paced.isWaiting());

        Set<Integer> next = begun(paced.pace(mesh(), answered(Set.of(30, 31)), START.plusMillis(120)));
        assertEquals(FirstHandshakes.AT_ONCE + 2, next.size(), "who has answered keeps its keepalive");
        assertTrue(next.containsAll(begun));
    }

    @Test
    void whoDoesNotAnswerHoldsNobodyUp() {
        FirstHandshakes paced = new FirstHandshakes("n00");
        Set<Integer> begun = Set.of();
        int turns = 0;
        for (; begun.size() < MANY; turns++) {
            assertTrue(turns <= MANY / FirstHandshakes.AT_ONCE, "it ends");
            Instant now = START.plus(FirstHandshakes.TURN.multipliedBy(turns));
            Set<Integer> later = begun(paced.pace(mesh(), answered(Set.of()), now));
            assertTrue(later.containsAll(begun), "what was begun is not stopped");
            begun = later;
        }
        assertEquals(1 + (MANY - 1) / FirstHandshakes.AT_ONCE, turns);
    }

    @Test
    void everythingElseStaysAsItWas() {
        DesiredNetwork mesh = mesh();
        DesiredNetwork paced = first.pace(mesh, answered(Set.of()), START);
        assertEquals(
                mesh.peers(),
                paced.peers().stream().map(peer -> peer.withKeepalive(25)).toList());
        Set<Integer> all = IntStream.range(0, MANY).boxed().collect(Collectors.toSet());
        assertEquals(mesh.peers(), first.pace(mesh, answered(all), START).peers());
        assertFalse(first.isWaiting());
        DesiredNetwork responder = desired(false);
        assertEquals(
                responder.peers(), first.pace(responder, actual(null), START).peers());
    }
}
