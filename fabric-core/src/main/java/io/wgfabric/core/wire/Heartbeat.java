package io.wgfabric.core.wire;

import io.wgfabric.api.Edition;
import io.wgfabric.api.Revision;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * {@code POST /v1/heartbeat}: a node says that it is there.
 *
 * @param epoch of the configuration that it has; the two revisions are of that epoch
 * @param applied the newest configuration that it has applied
 * @param settled the newest configuration at which every pair of it was on the plane where it belongs
 * @param version the agent's version
 * @param backend which WireGuard it runs on
 * @param peers how many peers had a handshake within the last three minutes
 * @param authority the generation of the authority that its certificate is from; null if it does not say
 */
public record Heartbeat(
        long epoch,
        Revision applied,
        Revision settled,
        String version,
        String backend,
        int peers,
        @Nullable Integer authority) {
    private static final int MAX_LENGTH = 64;

    public Heartbeat {
        Objects.requireNonNull(applied);
        Objects.requireNonNull(settled);
        if (version.length() > MAX_LENGTH || backend.length() > MAX_LENGTH || peers < 0 || epoch < 0) {
            throw new IllegalArgumentException("a heartbeat's texts have at most " + MAX_LENGTH + " characters");
        }
    }

    /** Of a node that does not say where its certificate is from. */
    public Heartbeat(long epoch, Revision applied, Revision settled, String version, String backend, int peers) {
        this(epoch, applied, settled, version, backend, peers, null);
    }

    /** Whether every pair is where this state and all before it want it. */
    public boolean isSettledAt(Edition edition) {
        return !new Edition(epoch, settled).isBefore(edition);
    }
}
