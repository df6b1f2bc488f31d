package io.wgfabric.core;

import io.wgfabric.api.Cluster;
import io.wgfabric.api.FabricView;
import io.wgfabric.api.MeshPolicy;
import io.wgfabric.api.Node;
import io.wgfabric.api.NodeId;
import io.wgfabric.api.Plane;
import io.wgfabric.api.PresharedKeys;
import io.wgfabric.core.presence.Presence;
import io.wgfabric.core.wire.Heartbeat;
import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Whose keys are to be rotated unasked: those that are old enough ({@link MeshPolicy#rotateEvery}), or of another
 * generation of pre-shared keys than is in force ({@link PresharedKeys}). A few at a time, the oldest first and
 * only while nobody else rotates: each of a batch is one more that all others change interfaces for and shake hands
 * with at once, and nothing hurries. Confined to the conductor's thread.
 */
final class KeyAges {
    /** How many nodes begin together at most. */
    static final int BATCH = 8;

    /** For so many nodes of the mesh one more may begin. */
    static final int SHARE = 16;

    /** How long a node is left alone after its rotation was begun: one that was given up is tried again then. */
    static final Duration REST = Duration.ofMinutes(10);

    private final Map<NodeId, Try> tries = new HashMap<>();

    /** @param generation of the pre-shared keys that was in force then */
    private record Try(Instant begun, int generation) {}

    /** @param now by the clock that the state's times are of */
    List<Node> due(FabricView view, Presence presence, Instant now) {
        Duration age = view.cluster()
                .map(Cluster::meshPolicy)
                .map(MeshPolicy::rotateEvery)
                .orElse(null);
        int generation = inForce(view);
        if (view.nodes().stream().anyMatch(node -> node.rotation() != null)) {
            return List.of();
        }
        tries.keySet().removeIf(id -> view.node(id).isEmpty());
        List<Node> active = view.nodes().stream().filter(Node::isActive).toList();
        return active.stream()
                .filter(node -> isOld(node, age, now) || isOfAnother(node, generation))
                .filter(node -> isRested(node, age, generation, now))
                .filter(node -> hasTunnel(presence, node))
                // Who is away could do nothing; it is due when it is back.
                .filter(node -> presence.status(node.id()) == Presence.Status.ONLINE)
                .sorted(Comparator.comparing(Node::keysFrom))
                .limit(together(active.size()))
                .toList();
    }

    /** How many of so many nodes begin together. */
    static int together(int nodes) {
        return Math.min(BATCH, 1 + nodes / SHARE);
    }

    private static int inForce(FabricView view) {
        return view.cluster()
                .map(Cluster::presharedKeys)
                .map(PresharedKeys::inForce)
                .orElse(0);
    }

    /** Who takes no part in the mesh never makes other keys, and would hold up those that begin with it. */
    private static boolean hasTunnel(Presence presence, Node node) {
        return presence.last(node.id())
                .map(sighting -> !sighting.heartbeat().backend().equals(Heartbeat.NO_TUNNEL))
                .orElse(true);
    }

    private static boolean isOld(Node node, @Nullable Duration age, Instant now) {
        return age != null && !node.keysFrom().plus(age).isAfter(now);
    }

    private static boolean isOfAnother(Node node, int generation) {
        return node.keys().generation(Plane.MAIN) != generation || node.keys().generation(Plane.SPARE) != generation;
    }

    /** What was begun for another generation says nothing of this one. */
    private boolean isRested(Node node, @Nullable Duration age, int generation, Instant now) {
        Try last = tries.get(node.id());
        Duration rest = age != null && age.compareTo(REST) < 0 ? age : REST;
        return last == null
                || last.generation() != generation
                || !last.begun().plus(rest).isAfter(now);
    }

    void begin(FabricView view, NodeId node, Instant now) {
        tries.put(node, new Try(now, inForce(view)));
    }

    /** Another manager leads. */
    void forget() {
        tries.clear();
    }
}
