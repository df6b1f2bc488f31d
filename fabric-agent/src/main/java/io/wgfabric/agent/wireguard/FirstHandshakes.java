package io.wgfabric.agent.wireguard;

import io.wgfabric.api.PublicKey;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;

/**
 * Paces the very first handshakes of an initiator and shortens the wait for each. Confined to one thread.
 *
 * <p>A keepalive is what makes WireGuard begin a handshake. After the start of a whole mesh every node would begin all of
 * its handshakes at once, and with too little processor for that each is late, is begun again and makes the others later
 * still. So only so many pairs get their keepalive at a time, and the next ones when those have answered: what is slow
 * slows down what comes after it. All peers are configured from the beginning, so a pair that is talked on shakes hands
 * without waiting for its turn. Each node begins with those whose ids follow its own, so that not all begin with the same.
 *
 * <p>An initiation that finds the other end not ready yet is lost, and WireGuard sends the next one only after 5 s
 * (REKEY_TIMEOUT). A peer that is removed and added again starts afresh, which costs nothing while it never had a session;
 * so the initiator does that a few times, ever more slowly, and then leaves it to WireGuard.
 */
public final class FirstHandshakes {
    /** How many pairs of this node may wait for their first answer at the same time. */
    static final int AT_ONCE = 16;

    /** A pair that was begun and has no answer after that is no longer waited for: nobody is there, and it goes on alone. */
    static final Duration TURN = Duration.ofSeconds(1);

    /** How long each try waits for an answer; three round trips of a slow path. */
    private static final List<Duration> WAITS =
            List.of(Duration.ofMillis(400), Duration.ofMillis(900), Duration.ofMillis(1800));

    private record PeerOnPlane(int plane, PublicKey key) {}

    private record Try(int number, Instant since) {}

    private final String self;
    private Map<PeerOnPlane, Try> tries = new HashMap<>();
    private Map<PeerOnPlane, Instant> begun = new HashMap<>();
    private boolean queued;

    /** @param self the id of this node */
    public FirstHandshakes(String self) {
        this.self = self;
    }

    /** The same network without the keepalives of pairs whose turn has not come. */
    public DesiredNetwork pace(DesiredNetwork desired, ActualNetwork actual, Instant now) {
        Map<PeerOnPlane, Instant> still = new HashMap<>();
        List<DesiredPeer> open = new ArrayList<>();
        int pending = 0;
        for (DesiredPeer peer : desired.peers()) {
            PeerOnPlane place = new PeerOnPlane(peer.plane(), Objects.requireNonNull(peer.key(peer.plane())));
            if (!isPaced(peer) || hasShakenHands(place, actual)) {
                continue;
            }
            Instant since = begun.get(place);
            if (since == null) {
                open.add(peer);
            } else {
                still.put(place, since);
                pending += now.isBefore(since.plus(TURN)) ? 1 : 0;
            }
        }
        open.sort(Comparator.comparing((DesiredPeer peer) -> peer.nodeId().compareTo(self) < 0)
                .thenComparing(DesiredPeer::nodeId));
        int free = Math.max(0, Math.min(AT_ONCE - pending, open.size()));
        for (DesiredPeer peer : open.subList(0, free)) {
            still.put(new PeerOnPlane(peer.plane(), Objects.requireNonNull(peer.key(peer.plane()))), now);
        }
        begun = still;
        Set<DesiredPeer> waiting = Set.copyOf(open.subList(free, open.size()));
        queued = !waiting.isEmpty();
        return desired.withPeers(desired.peers().stream()
                .map(peer -> waiting.contains(peer) ? peer.withKeepalive(0) : peer)
                .toList());
    }

    /** A way that is only tried, and carries nothing, is left to WireGuard: both ends try it, each at its time. */
    private static boolean isPaced(DesiredPeer peer) {
        return peer.initiator()
                && peer.preshared(peer.plane()) != null
                && peer.keepaliveSeconds() > 0
                && !peer.allowedIps().isEmpty()
                && peer.endpoint(peer.plane()) != null;
    }

    private static boolean hasShakenHands(PeerOnPlane place, ActualNetwork actual) {
        ActualPeer entry = actual.plane(place.plane()).peers().get(place.key());
        return entry != null && entry.lastHandshake() != null;
    }

    /**
     * What to do now for pairs without a first handshake.
     *
     * @param desired as {@link #pace} answered it
     */
    public List<Change> retry(DesiredNetwork desired, ActualNetwork actual, Instant now) {
        List<Change> changes = new ArrayList<>();
        Map<PeerOnPlane, Try> next = new HashMap<>();
        for (DesiredPeer peer : desired.peers()) {
            if (isPaced(peer)) {
                retry(peer, peer.plane(), actual, now, changes, next);
            }
        }
        tries = next;
        return changes;
    }

    /** Whether a pair may still need another try, or waits for its turn. */
    public boolean isWaiting() {
        return queued || tries.values().stream().anyMatch(attempt -> attempt.number() < WAITS.size());
    }

    private void retry(
            DesiredPeer peer,
            int plane,
            ActualNetwork actual,
            Instant now,
            List<Change> changes,
            Map<PeerOnPlane, Try> next) {
        PublicKey key = peer.key(plane);
        PresharedKey preshared = peer.preshared(plane);
        ActualPeer entry = key == null ? null : actual.plane(plane).peers().get(key);
        if (key == null
                || preshared == null
                || entry == null
                || entry.lastHandshake() != null
                || peer.endpoint(plane) == null) {
            return;
        }
        PeerOnPlane place = new PeerOnPlane(plane, key);
        Try attempt = tries.getOrDefault(place, new Try(0, now));
        boolean again =
                attempt.number() < WAITS.size() && !now.isBefore(attempt.since().plus(WAITS.get(attempt.number())));
        if (again) {
            changes.add(new Change.RemovePeer(plane, key));
            changes.add(new Change.AddPeer(
                    plane,
                    new PeerConfig(key, peer.allowedIps(), peer.endpoint(plane), peer.keepaliveSeconds(), preshared)));
            attempt = new Try(attempt.number() + 1, now);
        }
        next.put(place, attempt);
    }
}
