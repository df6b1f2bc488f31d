package io.wgfabric.jgroups.raft;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a member found on its disk.
 *
 * @param snapshot the newest snapshot, or {@link SnapshotMeta#NONE}
 * @param snapshotSize its size in bytes
 * @param baseIndex the index before the first entry; at most the snapshot's
 * @param baseTerm that entry's term
 * @param entries without a gap; they reach at least to the snapshot's index unless empty
 * @param commit an index known to be committed; a lower one than the truth is fine
 */
public record Restored(
        long term,
        @Nullable String vote,
        SnapshotMeta snapshot,
        long snapshotSize,
        long baseIndex,
        long baseTerm,
        List<Entry> entries,
        long commit) {

    /** An empty disk. */
    public static Restored nothing() {
        return new Restored(0, null, SnapshotMeta.NONE, 0, 0, 0, List.of(), 0);
    }
}
