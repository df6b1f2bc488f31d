package io.wgfabric.agent.wireguard;

import io.wgfabric.api.Address;
import io.wgfabric.api.Endpoint;
import io.wgfabric.api.Prefix;
import io.wgfabric.api.PublicKey;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** The difference of one interface that shall exist; the steps are called in the order in which they are written. */
final class PlaneDiff {
    /** For a pair that needs a handshake now, though at rest it has no keepalive. */
    static final int HANDSHAKE_KEEPALIVE_SECONDS = 25;

    private final int plane;
    private final DesiredNetwork desired;
    private final PlaneKey key;
    private final ActualPlane actual;
    private final Instant now;
    private final boolean resets;
    private final boolean held;
    private final Map<PublicKey, PeerConfig> wanted = new TreeMap<>();

    PlaneDiff(int plane, DesiredNetwork desired, PlaneKey key, ActualPlane actual, PairMoves moves, Instant now) {
        this.plane = plane;
        this.desired = desired;
        this.key = key;
        this.actual = actual;
        this.now = now;
        this.held = moves.holds(plane) && actual.publicKey() != null;
        this.resets = moves.isRekeyed(plane) && !held;
        for (DesiredPeer peer : desired.peers()) {
            PublicKey peerKey = peer.key(plane);
            PresharedKey preshared = peerKey == null ? null : preshared(peer, peerKey, moves);
            if (peerKey != null && preshared != null) {
                wanted.put(peerKey, config(peer, peerKey, preshared, moves));
            }
        }
    }

    /**
     * It belongs to both keys: while the interface keeps an older one, an entry keeps what it has. So does one that has
     * any while this node does not know which: a tunnel is not taken down for that.
     */
    private @Nullable PresharedKey preshared(DesiredPeer peer, PublicKey peerKey, PairMoves moves) {
        PresharedKey known = peer.preshared(plane);
        ActualPeer entry = resets ? null : actual.peers().get(peerKey);
        if (entry == null) {
            return known;
        }
        boolean keeps = moves.isRekeyed(plane)
                || (known == null && !entry.presharedKey().isNone());
        return keeps ? entry.presharedKey() : known;
    }

    private PeerConfig config(DesiredPeer peer, PublicKey peerKey, PresharedKey preshared, PairMoves moves) {
        if (!peer.initiator()) {
            return new PeerConfig(peerKey, peer.allowedIps(), null, 0, preshared);
        }
        int keepalive = 0;
        if (peer.plane() == plane) {
            boolean arriving = moves.uses(peer, 1 - plane);
            keepalive =
                    peer.keepaliveSeconds() == 0 && arriving ? HANDSHAKE_KEEPALIVE_SECONDS : peer.keepaliveSeconds();
        } else if (moves.uses(peer, plane)) {
            keepalive = peer.keepaliveSeconds();
        }
        return new PeerConfig(peerKey, peer.allowedIps(), peer.endpoint(plane), keepalive, preshared);
    }

    /** The port is bound last, when a failure is reported at once, and before any peer could be talked to. */
    void setUpLink(List<Change> changes) {
        if (!actual.exists()) {
            changes.add(new Change.CreateInterface(plane));
        }
        for (Address address : desired.addresses()) {
            if (!actual.addresses().contains(address)) {
                changes.add(new Change.AddAddress(plane, address));
            }
        }
        if (actual.mtu() != desired.mtu()) {
            changes.add(new Change.SetMtu(plane, desired.mtu()));
        }
        if (!actual.up()) {
            changes.add(new Change.BringUp(plane));
        }
        if (actual.listenPort() != key.listenPort()) {
            changes.add(new Change.SetListenPort(plane, key.listenPort()));
        }
    }

    void setFirstKey(List<Change> changes) {
        if (actual.publicKey() == null) {
            changes.add(setPrivateKey());
        }
    }

    void addPeers(List<Change> changes) {
        if (resets) {
            return;
        }
        Map<Prefix, PublicKey> owners = new HashMap<>();
        actual.peers().forEach((owner, peer) -> peer.allowedIps().forEach(prefix -> owners.put(prefix, owner)));
        wanted.forEach((peerKey, config) -> {
            if (actual.peers().containsKey(peerKey)) {
                addAllowedIps(config, owners, changes);
            } else {
                changes.add(new Change.AddPeer(plane, config));
                config.allowedIps().forEach(prefix -> owners.put(prefix, peerKey));
            }
        });
        wanted.forEach((peerKey, config) -> {
            ActualPeer peer = actual.peers().get(peerKey);
            if (peer != null) {
                changePeer(config, peer, owners, changes);
            }
        });
    }

    private void addAllowedIps(PeerConfig config, Map<Prefix, PublicKey> owners, List<Change> changes) {
        Set<Prefix> missing = new TreeSet<>();
        for (Prefix prefix : config.allowedIps()) {
            if (!Objects.equals(config.key(), owners.put(prefix, config.key()))) {
                missing.add(prefix);
            }
        }
        if (!missing.isEmpty()) {
            changes.add(new Change.AddAllowedIps(plane, config.key(), missing, config.allowedIps()));
        }
    }

    private void changePeer(PeerConfig config, ActualPeer peer, Map<Prefix, PublicKey> owners, List<Change> changes) {
        boolean superfluous = peer.allowedIps().stream()
                .anyMatch(prefix -> Objects.equals(config.key(), owners.get(prefix))
                        && !config.allowedIps().contains(prefix));
        if (superfluous) {
            changes.add(new Change.ReplaceAllowedIps(plane, config.key(), config.allowedIps()));
        }
        if (!config.presharedKey().equals(peer.presharedKey())) {
            changes.add(new Change.SetPresharedKey(plane, config.key(), config.presharedKey()));
        }
        // A live session knows better where the peer is: it follows the peer when it roams.
        Endpoint endpoint = config.endpoint();
        if (endpoint != null && !endpoint.equals(peer.endpoint()) && !peer.isLive(now)) {
            changes.add(new Change.SetEndpoint(plane, config.key(), endpoint));
        }
        if (config.keepaliveSeconds() != peer.keepaliveSeconds()) {
            changes.add(new Change.SetKeepalive(plane, config.key(), config.keepaliveSeconds()));
        }
    }

    void changeKey(List<Change> changes) {
        if (resets && actual.publicKey() != null) {
            changes.add(setPrivateKey());
        }
    }

    private Change setPrivateKey() {
        return new Change.SetPrivateKey(plane, key.privateKey(), key.listenPort(), List.copyOf(wanted.values()));
    }

    void removePeers(List<Change> changes) {
        if (resets) {
            return;
        }
        for (PublicKey peerKey : actual.peers().keySet()) {
            if (!wanted.containsKey(peerKey)) {
                changes.add(new Change.RemovePeer(plane, peerKey));
            }
        }
    }

    void removeAddresses(List<Change> changes) {
        for (Address address : actual.addresses()) {
            if (!desired.addresses().contains(address)) {
                changes.add(new Change.RemoveAddress(plane, address));
            }
        }
    }
}
