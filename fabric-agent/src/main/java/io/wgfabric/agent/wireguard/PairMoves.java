package io.wgfabric.agent.wireguard;

import static io.wgfabric.agent.wireguard.ActualNetwork.MAIN;
import static io.wgfabric.agent.wireguard.ActualNetwork.SPARE;

import io.wgfabric.api.Prefix;
import io.wgfabric.api.PublicKey;
import java.time.Instant;
import java.util.Collections;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * On which plane each pair is once the plan is carried out.
 *
 * <p>A pair moves as soon as the plane where it shall be has a live session under the keys that it shall have, because
 * then both ends accept on both planes and each may switch its route when it likes. It also moves when the plane where
 * it is has no live session: there is nothing to lose. A handshake of an entry that is about to be reset does not count. A
 * pair whose pre-shared key is not known yet is waited for, wherever it is.
 */
final class PairMoves {
    private final DesiredNetwork desired;
    private final ActualNetwork actual;
    private final Instant now;
    private final Map<Prefix, PublicKey> spareOwners = new HashMap<>();
    private final Set<Prefix> onSpare = new TreeSet<>();
    private final boolean[] held = new boolean[2];
    private final Set<String> awaited = new TreeSet<>();

    private PairMoves(DesiredNetwork desired, ActualNetwork actual, Instant now) {
        this.desired = desired;
        this.actual = actual;
        this.now = now;
    }

    static PairMoves decide(DesiredNetwork desired, ActualNetwork actual, Instant now) {
        PairMoves moves = new PairMoves(desired, actual, now);
        actual.spare()
                .peers()
                .forEach((key, peer) -> peer.allowedIps().forEach(prefix -> moves.spareOwners.put(prefix, key)));
        for (DesiredPeer peer : desired.peers()) {
            for (Prefix prefix : peer.allowedIps()) {
                moves.decide(peer, prefix);
            }
        }
        return moves;
    }

    private void decide(DesiredPeer peer, Prefix prefix) {
        int current = actual.spare().routes().containsKey(prefix) ? SPARE : MAIN;
        int target = peer.plane();
        boolean open = isOpen(peer, target);
        if (!open) {
            awaited.add(peer.nodeId());
        }
        boolean ready = open && !isRekeyed(target) && hasLiveSession(peer.key(target), target);
        if (current == target || ready || losesItsKey(current) || !isCarried(peer, prefix, current)) {
            if (target == SPARE) {
                onSpare.add(prefix);
            }
            return;
        }
        awaited.add(peer.nodeId());
        held[current] = true;
        if (current == SPARE) {
            onSpare.add(prefix);
        }
    }

    /** Whether the key of the interface is missing or not the one that it shall have. */
    boolean isRekeyed(int plane) {
        PlaneKey key = desired.plane(plane);
        return key != null
                && !Objects.equals(
                        key.privateKey().publicKey(), actual.plane(plane).publicKey());
    }

    /** Whether the plane gets another key whoever uses it. */
    private boolean losesItsKey(int plane) {
        PlaneKey key = desired.plane(plane);
        return key != null && key.atOnce() && isRekeyed(plane);
    }

    private boolean hasLiveSession(@Nullable PublicKey key, int plane) {
        ActualPeer entry = key == null ? null : actual.plane(plane).peers().get(key);
        return entry != null && entry.isLive(now);
    }

    /**
     * Whether an entry for the pair stays or comes on a plane: its pre-shared key is known, or the entry has one, though
     * this node does not know it any more, or belongs to an older key of the interface.
     */
    private boolean isOpen(DesiredPeer peer, int plane) {
        PublicKey key = peer.key(plane);
        ActualPeer entry = key == null ? null : actual.plane(plane).peers().get(key);
        return peer.preshared(plane) != null
                || (entry != null && (isRekeyed(plane) || !entry.presharedKey().isNone()));
    }

    /** When this node gives up plane 1, its peers are no longer told to it: then whoever owns the prefix counts. */
    private boolean isCarried(DesiredPeer peer, Prefix prefix, int plane) {
        boolean leaving = plane == SPARE && desired.spare() == null;
        return leaving
                ? hasLiveSession(spareOwners.get(prefix), plane)
                : isOpen(peer, plane) && hasLiveSession(peer.key(plane), plane);
    }

    /** Whether a pair that shall leave the plane still needs it. */
    boolean holds(int plane) {
        return held[plane];
    }

    /** The nodes whose pairs wait for a handshake on their plane. */
    Set<String> awaited() {
        return Collections.unmodifiableSet(awaited);
    }

    /** The prefixes that need a route to plane 1. */
    Set<Prefix> onSpare() {
        return Collections.unmodifiableSet(onSpare);
    }

    /** Whether some prefix of the peer is on the plane after the plan. */
    boolean uses(DesiredPeer peer, int plane) {
        return peer.allowedIps().stream().anyMatch(prefix -> onSpare.contains(prefix) == (plane == SPARE));
    }
}
