package io.wgfabric.core.wire;

import io.wgfabric.api.Limits;
import io.wgfabric.api.NodeId;
import io.wgfabric.api.PublicKey;
import java.util.List;
import java.util.Objects;

/**
 * A node asks for the pre-shared keys of pairs with itself.
 *
 * @param pairs at most {@link Limits#PRESHARED_KEYS}
 */
public record PresharedKeyRequest(List<Pair> pairs) {

    /**
     * A pair on one plane.
     *
     * @param generation see {@link io.wgfabric.api.PresharedKeys}; from 1
     * @param own the public key of the node that asks
     * @param node the other end
     * @param other its public key
     */
    public record Pair(int generation, PublicKey own, NodeId node, PublicKey other) {
        public Pair {
            Objects.requireNonNull(own);
            Objects.requireNonNull(node);
            Objects.requireNonNull(other);
        }
    }

    public PresharedKeyRequest {
        pairs = List.copyOf(pairs);
        if (pairs.size() > Limits.PRESHARED_KEYS) {
            throw new IllegalArgumentException("a node asks for at most " + Limits.PRESHARED_KEYS + " pairs at once");
        }
    }
}
