package io.wgfabric.api;

import java.util.Objects;

/**
 * Which state of which epoch: the epoch counts first, since the revisions of a cluster that was restored begin again
 * where its backup ended.
 */
public record Edition(long epoch, Revision revision) implements Comparable<Edition> {
    /** Before every state of every cluster. */
    public static final Edition NONE = new Edition(0, Revision.ZERO);

    public Edition {
        Objects.requireNonNull(revision);
        if (epoch < 0) {
            throw new IllegalArgumentException("an epoch is not negative");
        }
    }

    public boolean isBefore(Edition other) {
        return compareTo(other) < 0;
    }

    @Override
    public int compareTo(Edition other) {
        int byEpoch = Long.compare(epoch, other.epoch);
        return byEpoch != 0 ? byEpoch : revision.compareTo(other.revision);
    }

    @Override
    public String toString() {
        return "revision " + revision + " of epoch " + epoch;
    }
}
