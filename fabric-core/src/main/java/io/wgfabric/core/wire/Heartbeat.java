package io.wgfabric.core.wire;

import io.wgfabric.api.Bytes;
import io.wgfabric.api.Edition;
import io.wgfabric.api.NodeId;
import io.wgfabric.api.Revision;
import java.util.List;
import java.util.Objects;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * {@code POST /v1/heartbeat}: a node says that it is there.
 *
 * @param epoch of the configuration that it has; the two revisions are of that epoch
 * @param applied the newest configuration that it has applied
 * @param settled the newest configuration at which every pair of it was on the plane where it belongs
 * @param version the agent's version
 * @param backend which WireGuard it runs on, and its version where that is known
 * @param peers how many peers had a handshake within the last three minutes
 * @param traffic null from a node that has no pairs
 * @param authority the generation of the authority that its certificate is from; null if it does not say
 * @param digest of the configuration that it has applied, which says the same to everybody who has that; null if it does
 *     not say
 * @param refused how many configurations it has refused since its agent started; null if it does not say
 * @param awaits the nodes with which it waits for a handshake, where nothing else keeps it from being settled at what it
 *     has applied; null or empty if something else does, or if they are more than {@link #MAX_AWAITED}
 * @param pairs some of the node's pairs, other ones the next time until all have had their turn; null from a node that
 *     says nothing of single pairs
 */
public record Heartbeat(
        long epoch,
        Revision applied,
        Revision settled,
        String version,
        String backend,
        int peers,
        @Nullable Traffic traffic,
        @Nullable Integer authority,
        @Nullable Bytes digest,
        @Nullable Long refused,
        @Nullable List<NodeId> awaits,
        @Nullable List<PairReport> pairs) {
    /** The {@link #backend} of a node that takes no part in the mesh: its keys are on no interface. */
    public static final String NO_TUNNEL = "none";

    /** So that a heartbeat stays small whatever has happened to a mesh. */
    public static final int MAX_AWAITED = 64;

    /** The same; of a thousand pairs each is told every hundred seconds. */
    public static final int MAX_PAIRS = 32;

    private static final int MAX_LENGTH = 64;

    /** Of SHA-256. */
    private static final int DIGEST_BYTES = 32;

    /**
     * What passes through a node's interfaces, all of its pairs together.
     *
     * @param newestHandshakeSeconds how long ago the newest handshake of all pairs was; null if there was none
     * @param oldestHandshakeSeconds the same of the pair whose last handshake is the longest ago, of those with a session
     *     that is alive; null if there is none
     * @param receivedBytes since the entries of the pairs exist
     * @param sentBytes since the entries of the pairs exist
     */
    public record Traffic(
            @Nullable Long newestHandshakeSeconds,
            @Nullable Long oldestHandshakeSeconds,
            long receivedBytes,
            long sentBytes) {
        public Traffic {
            if (isNegative(newestHandshakeSeconds)
                    || isNegative(oldestHandshakeSeconds)
                    || receivedBytes < 0
                    || sentBytes < 0) {
                throw new IllegalArgumentException("ages and counts of a heartbeat are not negative");
            }
        }

        private static boolean isNegative(@Nullable Long value) {
            return value != null && value < 0;
        }
    }

    public Heartbeat {
        Objects.requireNonNull(applied);
        Objects.requireNonNull(settled);
        if ((digest != null && digest.length() != DIGEST_BYTES) || (refused != null && refused < 0)) {
            throw new IllegalArgumentException("a digest has " + DIGEST_BYTES + " bytes, and a count is not negative");
        }
        if (version.length() > MAX_LENGTH || backend.length() > MAX_LENGTH || peers < 0 || epoch < 0) {
            throw new IllegalArgumentException("a heartbeat's texts have at most " + MAX_LENGTH + " characters");
        }
        if (awaits != null && awaits.size() > MAX_AWAITED) {
            throw new IllegalArgumentException("a heartbeat names at most " + MAX_AWAITED + " nodes");
        }
        if (pairs != null && pairs.size() > MAX_PAIRS) {
            throw new IllegalArgumentException("a heartbeat tells of at most " + MAX_PAIRS + " pairs");
        }
        awaits = awaits == null ? null : List.copyOf(awaits);
        pairs = pairs == null ? null : List.copyOf(pairs);
    }

    /** Of a node that says nothing of its pairs, nor of where its certificate is from. */
    public Heartbeat(long epoch, Revision applied, Revision settled, String version, String backend, int peers) {
        this(epoch, applied, settled, version, backend, peers, null, null, null, null, null, null);
    }

    /** Of a node that says nothing of the configuration that it has. */
    public Heartbeat(
            long epoch,
            Revision applied,
            Revision settled,
            String version,
            String backend,
            int peers,
            @Nullable Traffic traffic,
            @Nullable Integer authority) {
        this(epoch, applied, settled, version, backend, peers, traffic, authority, null, null, null, null);
    }

    /** The same without a word of single pairs. */
    public Heartbeat withoutPairs() {
        return pairs == null
                ? this
                : new Heartbeat(
                        epoch, applied, settled, version, backend, peers, traffic, authority, digest, refused, awaits,
                        null);
    }

    /** Whether every pair is where this state and all before it want it. */
    public boolean isSettledAt(Edition edition) {
        return !new Edition(epoch, settled).isBefore(edition);
    }

    /** The same, but for pairs with nodes that are away: those catch up later. */
    public boolean isSettledAt(Edition edition, Predicate<NodeId> away) {
        boolean forThosePresent = awaits != null
                && !awaits.isEmpty()
                && awaits.stream().allMatch(away)
                && !new Edition(epoch, applied).isBefore(edition);
        return forThosePresent || isSettledAt(edition);
    }
}
