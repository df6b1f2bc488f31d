package io.wgfabric.api;

import java.time.Instant;
import java.util.Objects;

/**
 * A node that was a member.
 *
 * @param node as it was at last; its name, keys and addresses may be another's by now
 * @param cause why it was removed, for people
 * @param by who removed it; the node itself if it left
 */
public record RemovedNode(Node node, Instant removed, String cause, Actor by) {
    public RemovedNode {
        Objects.requireNonNull(node);
        Objects.requireNonNull(removed);
        Objects.requireNonNull(cause);
        Objects.requireNonNull(by);
    }

    public NodeId id() {
        return node.id();
    }
}
