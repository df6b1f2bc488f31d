package io.wgfabric.agent.wireguard;

import io.wgfabric.api.PublicKey;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Shortens the wait for the very first handshake of a pair. An initiation that finds the other end not ready yet is lost,
 * and WireGuard sends the next one only after 5 s (REKEY_TIMEOUT). A peer that is removed and added again starts afresh,
 * which costs nothing while it never had a session; so the initiator does that a few times, ever more slowly, and then
 * leaves it to WireGuard. Confined to one thread.
 */
public final class FirstHandshakes {
    /** How long each try waits for an answer; three round trips of a slow path. */
    private static final List<Duration> WAITS =
            List.of(Duration.ofMillis(400), Duration.ofMillis(900), Duration.ofMillis(1800));

    private record PeerOnPlane(int plane, PublicKey key) {}

    private record Try(int number, Instant since) {}

    private Map<PeerOnPlane, Try> tries = new HashMap<>();

    /** What to do now for pairs without a first handshake. */
    public List<Change> retry(DesiredNetwork desired, ActualNetwork actual, Instant now) {
        List<Change> changes = new ArrayList<>();
        Map<PeerOnPlane, Try> next = new HashMap<>();
        for (DesiredPeer peer : desired.peers()) {
            if (peer.initiator() && peer.keepaliveSeconds() > 0) {
                retry(peer, peer.plane(), actual, now, changes, next);
            }
        }
        tries = next;
        return changes;
    }

    /** Whether a pair may still need another try. */
    public boolean isWaiting() {
        return tries.values().stream().anyMatch(attempt -> attempt.number() < WAITS.size());
    }

    private void retry(
            DesiredPeer peer,
            int plane,
            ActualNetwork actual,
            Instant now,
            List<Change> changes,
            Map<PeerOnPlane, Try> next) {
        PublicKey key = peer.key(plane);
        ActualPeer entry = key == null ? null : actual.plane(plane).peers().get(key);
        if (key == null || entry == null || entry.lastHandshake() != null || peer.endpoint(plane) == null) {
            return;
        }
        PeerOnPlane place = new PeerOnPlane(plane, key);
        Try attempt = tries.getOrDefault(place, new Try(0, now));
        boolean again =
                attempt.number() < WAITS.size() && !now.isBefore(attempt.since().plus(WAITS.get(attempt.number())));
        if (again) {
            changes.add(new Change.RemovePeer(plane, key));
            changes.add(new Change.AddPeer(
                    plane, new PeerConfig(key, peer.allowedIps(), peer.endpoint(plane), peer.keepaliveSeconds())));
            attempt = new Try(attempt.number() + 1, now);
        }
        next.put(place, attempt);
    }
}
