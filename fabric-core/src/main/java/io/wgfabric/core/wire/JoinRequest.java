package io.wgfabric.core.wire;

import io.wgfabric.api.Bytes;
import io.wgfabric.api.ManagerServices;
import io.wgfabric.api.NodeEndpoints;
import io.wgfabric.api.NodeKeys;
import io.wgfabric.api.NodeName;
import io.wgfabric.api.RequestId;
import io.wgfabric.api.Role;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * {@code POST /v1/join}: everything that admits a node, in one request. Asked again under the same request id with the
 * same keys, the TLS key among them, it gets the same answer and takes no second use.
 *
 * @param token the join token, as the operator handed it out
 * @param certificateRequest PKCS #10 in DER for the node's TLS key
 * @param services where a joining manager is reached; null for a peer
 */
public record JoinRequest(
        RequestId request,
        String token,
        Role role,
        @Nullable NodeName name,
        NodeKeys keys,
        NodeEndpoints endpoints,
        @Nullable ManagerServices services,
        Bytes certificateRequest) {

    public JoinRequest {
        Objects.requireNonNull(request);
        Objects.requireNonNull(token);
        Objects.requireNonNull(role);
        Objects.requireNonNull(keys);
        Objects.requireNonNull(endpoints);
        Objects.requireNonNull(certificateRequest);
    }

    @Override
    public String toString() {
        return "JoinRequest[" + request + "]";
    }
}
