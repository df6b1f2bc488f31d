package io.wgfabric.core;

import io.wgfabric.api.Cluster;
import io.wgfabric.api.FabricView;
import io.wgfabric.api.MeshPolicy;
import io.wgfabric.api.Node;
import io.wgfabric.api.NodeId;
import io.wgfabric.core.presence.Presence;
import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Whose keys are old enough to be rotated unasked ({@link MeshPolicy#rotateEvery}). A few at a time, the oldest first and
 * only while nobody else rotates: the batch is what all others have to shake hands with at once. Confined to the
 * conductor's thread.
 */
final class KeyAges {
    /** How many nodes begin together. */
    static final int BATCH = 8;

    /** How long a node is left alone after its rotation was begun: one that was given up is tried again then. */
    static final Duration REST = Duration.ofMinutes(10);

    private final Map<NodeId, Instant> begun = new HashMap<>();

    /** @param now by the clock that the state's times are of */
    List<Node> due(FabricView view, Presence presence, Instant now) {
        Duration age = view.cluster()
                .map(Cluster::meshPolicy)
                .map(MeshPolicy::rotateEvery)
                .orElse(null);
        if (age == null || view.nodes().stream().anyMatch(node -> node.rotation() != null)) {
            return List.of();
        }
        begun.keySet().removeIf(id -> view.node(id).isEmpty());
        return view.nodes().stream()
                .filter(Node::isActive)
                .filter(node -> !node.keysFrom().plus(age).isAfter(now))
                .filter(node -> isRested(node, age, now))
                // Who is away could do nothing; it is due when it is back.
                .filter(node -> presence.status(node.id()) == Presence.Status.ONLINE)
                .sorted(Comparator.comparing(Node::keysFrom))
                .limit(BATCH)
                .toList();
    }

    private boolean isRested(Node node, Duration age, Instant now) {
        Instant last = begun.get(node.id());
        Duration rest = age.compareTo(REST) < 0 ? age : REST;
        return last == null || !last.plus(rest).isAfter(now);
    }

    void begin(NodeId node, Instant now) {
        begun.put(node, now);
    }

    /** Another manager leads. */
    void forget() {
        begun.clear();
    }
}
