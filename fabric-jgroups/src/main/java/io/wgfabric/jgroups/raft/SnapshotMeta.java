package io.wgfabric.jgroups.raft;

/**
 * What a snapshot stands for.
 *
 * @param index the last log index that it contains; 0 for none
 * @param term that entry's term
 * @param configuration the configuration at that index
 */
public record SnapshotMeta(long index, long term, Configuration configuration) {
    public static final SnapshotMeta NONE = new SnapshotMeta(0, 0, Configuration.NONE);
}
