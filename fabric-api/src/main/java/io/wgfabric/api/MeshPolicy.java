package io.wgfabric.api;

import java.time.Duration;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * What the administrators want of the mesh as a whole.
 *
 * @param rotateEvery after which age the keys of a node are rotated unasked, {@link Limits#KEY_AGE_MIN} to {@link
 *     Limits#KEY_AGE_MAX}; null for never
 */
public record MeshPolicy(Topology topology, @Nullable Duration rotateEvery) {
    /** Of a cluster that was told nothing else. */
    public static final MeshPolicy FIRST = new MeshPolicy(Topology.MESH, null);

    public MeshPolicy {
        Objects.requireNonNull(topology);
        if (rotateEvery != null
                && (rotateEvery.compareTo(Limits.KEY_AGE_MIN) < 0 || rotateEvery.compareTo(Limits.KEY_AGE_MAX) > 0)) {
            throw new IllegalArgumentException("keys are rotated every " + Limits.KEY_AGE_MIN.toSeconds() + " s to "
                    + Limits.KEY_AGE_MAX.toDays() + " days, or never");
        }
    }
}
