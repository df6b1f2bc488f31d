package io.wgfabric.jgroups.stack;

/**
 * When a snapshot is taken by itself.
 *
 * @param entries after this many applied entries
 * @param bytes or this many bytes of commands
 * @param keepEntries so many entries before the snapshot stay in the log for followers that lag a little
 */
public record SnapshotPolicy(long entries, long bytes, long keepEntries) {
    public SnapshotPolicy {
        if (entries < 1 || bytes < 1 || keepEntries < 0) {
            throw new IllegalArgumentException("a snapshot needs at least one entry and one byte");
        }
    }
}
