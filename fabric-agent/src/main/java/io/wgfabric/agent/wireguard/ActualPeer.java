package io.wgfabric.agent.wireguard;

import io.wgfabric.api.Endpoint;
import io.wgfabric.api.Prefix;
import java.time.Duration;
import java.time.Instant;
import java.util.Collections;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * A peer entry as WireGuard reports it.
 *
 * @param allowedIps the prefixes that it owns on its interface
 * @param endpoint where packets to it go now: configured, or learned from what it sent; null if neither
 * @param keepaliveSeconds 0 if off
 * @param lastHandshake when a handshake was last completed since the entry exists (the kernel's tool gives whole
 *     seconds), or null if never
 * @param receivedBytes since the entry exists
 * @param sentBytes since the entry exists
 * @param presharedKey {@link PresharedKey#NONE} if it has none
 */
public record ActualPeer(
        Set<Prefix> allowedIps,
        @Nullable Endpoint endpoint,
        int keepaliveSeconds,
        @Nullable Instant lastHandshake,
        long receivedBytes,
        long sentBytes,
        PresharedKey presharedKey) {

    /** WireGuard refuses to use a session that is older (REJECT_AFTER_TIME). */
    public static final Duration SESSION_LIFETIME = Duration.ofMinutes(3);

    public ActualPeer {
        allowedIps = Collections.unmodifiableSet(new TreeSet<>(allowedIps));
    }

    /** Without a pre-shared key. */
    public ActualPeer(
            Set<Prefix> allowedIps,
            @Nullable Endpoint endpoint,
            int keepaliveSeconds,
            @Nullable Instant lastHandshake,
            long receivedBytes,
            long sentBytes) {
        this(allowedIps, endpoint, keepaliveSeconds, lastHandshake, receivedBytes, sentBytes, PresharedKey.NONE);
    }

    /** Whether a handshake was completed so lately that its session can still carry packets. */
    public boolean isLive(Instant now) {
        return lastHandshake != null && !lastHandshake.plus(SESSION_LIFETIME).isBefore(now);
    }
}
