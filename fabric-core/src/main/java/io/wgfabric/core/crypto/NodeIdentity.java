package io.wgfabric.core.crypto;

import io.wgfabric.api.ClusterId;
import io.wgfabric.api.NodeId;
import io.wgfabric.api.Role;
import java.security.cert.X509Certificate;
import java.util.List;
import java.util.Optional;

/**
 * Who a node certificate speaks for. It stands in the certificate as the URI {@code wgfabric://CLUSTER/ROLE/NODE} among
 * the subject alternative names (RFC 5280 section 4.2.1.6).
 */
public record NodeIdentity(ClusterId cluster, Role role, NodeId node) {
    private static final String SCHEME = "wgfabric://";

    public String uri() {
        return SCHEME + cluster + "/" + role.text() + "/" + node;
    }

    /** Empty if the certificate carries none, or more than one. */
    public static Optional<NodeIdentity> of(X509Certificate certificate) {
        List<String> uris = Certificates.uris(certificate).stream()
                .filter(uri -> uri.startsWith(SCHEME))
                .toList();
        return uris.size() == 1 ? parse(uris.get(0)) : Optional.empty();
    }

    private static Optional<NodeIdentity> parse(String uri) {
        String[] parts = uri.substring(SCHEME.length()).split("/", -1);
        if (parts.length != 3) {
            return Optional.empty();
        }
        try {
            return Optional.of(new NodeIdentity(new ClusterId(parts[0]), Role.parse(parts[1]), new NodeId(parts[2])));
        } catch (IllegalArgumentException e) {
            return Optional.empty();
        }
    }
}
