package io.wgfabric.agent;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;

import io.wgfabric.agent.wireguard.ActualNetwork;
import io.wgfabric.agent.wireguard.ActualPlane;
import io.wgfabric.agent.wireguard.PrivateKey;
import io.wgfabric.api.NodeEndpoints;
import io.wgfabric.api.NodeId;
import io.wgfabric.api.NodeKeys;
import io.wgfabric.api.NodeName;
import io.wgfabric.api.Plane;
import io.wgfabric.api.Revision;
import io.wgfabric.api.Role;
import io.wgfabric.api.Rotation;
import io.wgfabric.api.Rotation.Phase;
import io.wgfabric.core.netmap.Netmap.Member;
import java.security.SecureRandom;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class WireGuardKeysTest {
    private final WireGuardKeys keys = WireGuardKeys.generate();
    private final PrivateKey next = PrivateKey.generate(new SecureRandom());

    private static Member self(NodeKeys published, @Nullable Phase phase) {
        return new Member(
                NodeId.of(1),
                new NodeName("n"),
                Role.PEER,
                List.of(),
                published,
                new NodeEndpoints(List.of(), 51820, 51821),
                Instant.EPOCH,
                null,
                phase == null ? null : new Rotation(phase, Instant.EPOCH, new Revision(1)));
    }

    private static ActualPlane plane(@Nullable PrivateKey key) {
        return key == null
                ? ActualPlane.absent()
                : new ActualPlane(true, true, 1420, key.publicKey(), 51820, Set.of(), Map.of(), Map.of());
    }

    private ActualNetwork actual(@Nullable PrivateKey spare) {
        return new ActualNetwork(plane(keys.current(Plane.MAIN)), plane(spare));
    }

    private WireGuardKeys turned(WireGuardKeys from, NodeKeys published, @Nullable Phase phase, ActualNetwork actual) {
        return from.turned(self(published, phase), actual, () -> next);
    }

    @Test
    void theNextKeyIsMadeOnceWhenItsPhaseHasCome() {
        WireGuardKeys made = turned(keys, keys.publicKeys(), Phase.REKEY_SPARE, actual(null));
        assertEquals(next, made.next(Plane.SPARE));
        assertNull(made.next(Plane.MAIN));
        assertSame(made, turned(made, keys.publicKeys(), Phase.REKEY_SPARE, actual(null)));
        assertSame(keys, turned(keys, keys.publicKeys(), null, actual(null)));
    }

    @Test
    void aKeyThatTheOthersKnowBecomesTheCurrentOne() {
        WireGuardKeys made = keys.withNext(Plane.SPARE, next);
        NodeKeys published = new NodeKeys(keys.publicKeys().main(), next.publicKey());
        WireGuardKeys promoted = turned(made, published, Phase.READY, actual(next));
        assertEquals(next, promoted.current(Plane.SPARE));
        assertNull(promoted.next(Plane.SPARE));
    }

    /** Else an agent that is killed before it gives the interface another key finds one that it does not know. */
    @Test
    void aKeyThatAnInterfaceHasIsNotForgotten() {
        WireGuardKeys made = keys.withNext(Plane.SPARE, next);
        assertSame(made, turned(made, keys.publicKeys(), null, actual(next)), "the rotation was given up");
        assertNull(turned(made, keys.publicKeys(), null, actual(null)).next(Plane.SPARE));
        NodeKeys published = new NodeKeys(keys.publicKeys().main(), next.publicKey());
        assertSame(made, turned(made, published, Phase.READY, actual(keys.current(Plane.SPARE))));
    }
}
