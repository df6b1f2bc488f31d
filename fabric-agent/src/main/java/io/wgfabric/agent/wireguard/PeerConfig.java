package io.wgfabric.agent.wireguard;

import io.wgfabric.api.Endpoint;
import io.wgfabric.api.Prefix;
import io.wgfabric.api.PublicKey;
import java.util.Collections;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * A peer entry as it is configured on one plane.
 *
 * @param endpoint null on the responder of the pair, or if unknown
 * @param keepaliveSeconds 0 for none
 * @param presharedKey {@link PresharedKey#NONE} for none
 */
public record PeerConfig(
        PublicKey key,
        Set<Prefix> allowedIps,
        @Nullable Endpoint endpoint,
        int keepaliveSeconds,
        PresharedKey presharedKey) {

    public PeerConfig {
        allowedIps = Collections.unmodifiableSet(new TreeSet<>(allowedIps));
    }

    /** Without a pre-shared key. */
    public PeerConfig(PublicKey key, Set<Prefix> allowedIps, @Nullable Endpoint endpoint, int keepaliveSeconds) {
        this(key, allowedIps, endpoint, keepaliveSeconds, PresharedKey.NONE);
    }
}
