package io.wgfabric.core.wire;

import io.wgfabric.api.Bytes;
import io.wgfabric.api.ClusterId;
import io.wgfabric.api.Node;
import io.wgfabric.core.crypto.AuthorityCertificate;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What an admitted node gets.
 *
 * @param certificate the node's certificate, DER
 * @param authorities of the cluster, the one that issues first; the token's pin is of one of them
 * @param netmap the signed configuration; null for a pending node, which gets none before it is approved
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
        @Nullable Bytes sealingKey,
        List<String> replication) {
    @Override
    public String toString() {
        return "JoinAnswer[" + node.id() + "]";
    }
}
