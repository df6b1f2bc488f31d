package io.wgfabric.core.wire;

import io.wgfabric.api.Bytes;
import io.wgfabric.api.ClusterId;
import io.wgfabric.api.Node;
import io.wgfabric.core.crypto.AuthorityCertificate;
import io.wgfabric.core.netmap.SignedNetmap;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What an admitted node gets.
 *
 * @param certificate the node's certificate, DER
 * @param authorities of the cluster, the one that issues first; the token's pin is of one of them
 * @param netmap a signed configuration; null for a pending node, which gets none before it is approved
 * @param deltas what has followed it, see {@link SignedNetmap#deltas}; null for nothing
 * @param sealingKey for a manager alone: what opens the secrets of the replicated state; it travels only inside TLS 1.3
 *     to a server that the pin has proved
 * @param replication for a manager alone: {@code HOST:PORT} where the others replicate
 */
public record JoinAnswer(
        ClusterId cluster,
        Node node,
        Bytes certificate,
        List<AuthorityCertificate> authorities,
        @Nullable String netmap,
        @Nullable List<String> deltas,
        @Nullable Bytes sealingKey,
        List<String> replication) {
    /** The configuration as a whole; null for a pending node. */
    public @Nullable SignedNetmap signed() {
        return netmap == null ? null : new SignedNetmap(netmap, deltas == null ? List.of() : deltas);
    }

    @Override
    public String toString() {
        return "JoinAnswer[" + node.id() + "]";
    }
}
