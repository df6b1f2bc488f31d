package io.wgfabric.core.state;

import io.wgfabric.api.Limits;
import io.wgfabric.api.NodeId;
import io.wgfabric.api.RemovedNode;
import java.time.Instant;
import java.util.Collection;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.pcollections.TreePMap;

/**
 * The newest nodes that were removed, so that it can be told who removed them, when and why. Immutable; at most
 * {@link Limits#REMOVED_NODES}, and those older than {@link Limits#REMOVED_NODES_FOR} go with the next removal.
 *
 * @param order the same by when they were removed
 */
public record RemovedNodes(TreePMap<NodeId, RemovedNode> nodes, TreePMap<Order, NodeId> order) {

    /** Nodes that one command removed are in the order of their ids. */
    public record Order(Instant removed, NodeId node) implements Comparable<Order> {
        @Override
        public int compareTo(Order other) {
            int byTime = removed.compareTo(other.removed);
            return byTime != 0 ? byTime : node.compareTo(other.node);
        }
    }

    static RemovedNodes empty() {
        return new RemovedNodes(TreePMap.empty(), TreePMap.empty());
    }

    public static RemovedNodes of(Collection<RemovedNode> removed) {
        RemovedNodes all = empty();
        for (RemovedNode each : removed) {
            all = all.with(each);
        }
        return all;
    }

    /** Oldest first. */
    public List<RemovedNode> oldestFirst() {
        return order.values().stream()
                .map(id -> Objects.requireNonNull(nodes.get(id)))
                .toList();
    }

    public @Nullable RemovedNode find(NodeId id) {
        return nodes.get(id);
    }

    private RemovedNodes with(RemovedNode removed) {
        RemovedNodes rest = without(removed.id());
        return new RemovedNodes(
                rest.nodes.plus(removed.id(), removed),
                rest.order.plus(new Order(removed.removed(), removed.id()), removed.id()));
    }

    /** With one more, and without those for which there is no more room or time. */
    RemovedNodes plus(RemovedNode removed) {
        RemovedNodes all = with(removed);
        Instant keepFrom = removed.removed().minus(Limits.REMOVED_NODES_FOR);
        while (all.order.size() > Limits.REMOVED_NODES
                || all.order.firstKey().removed().isBefore(keepFrom)) {
            all = all.without(all.order.firstKey().node());
        }
        return all;
    }

    RemovedNodes without(NodeId id) {
        RemovedNode before = nodes.get(id);
        return before == null ? this : new RemovedNodes(nodes.minus(id), order.minus(new Order(before.removed(), id)));
    }
}
