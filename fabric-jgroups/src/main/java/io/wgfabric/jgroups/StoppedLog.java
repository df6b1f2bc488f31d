package io.wgfabric.jgroups;

import io.wgfabric.core.log.Replica;
import io.wgfabric.jgroups.raft.Entry;
import io.wgfabric.jgroups.raft.Restored;
import io.wgfabric.jgroups.wal.SnapshotFiles;
import io.wgfabric.jgroups.wal.WriteAheadLog;
import java.io.Closeable;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.SortedSet;

/**
 * The stored log of a member that does not run: to look at, and to go on with alone when a majority is lost for good.
 * Used by one thread; holds the directory for itself until it is closed.
 */
public final class StoppedLog implements Closeable {
    private final WriteAheadLog wal;
    private final String self;

    private StoppedLog(WriteAheadLog wal, String self) {
        this.wal = wal;
        this.self = self;
    }

    /** Whether a log was ever begun there. */
    public static boolean exists(Path directory) {
        return Files.exists(directory.resolve("vote"));
    }

    /**
     * Opens what {@link JGroupsLog} stored under the same names.
     *
     * @throws IOException if it is in use, damaged, or another member's; the message says what to do
     */
    public static StoppedLog open(Path directory, String cluster, String self) throws IOException {
        return new StoppedLog(WriteAheadLog.open(directory, WriteAheadLog.owner(cluster, self)), self);
    }

    /**
     * Feeds a replica with the snapshot and every command after it, known to be committed or not: a majority may have
     * acknowledged any of them.
     */
    public void replay(Replica replica) throws IOException {
        Restored restored = wal.restored();
        SnapshotFiles.Stored snapshot = wal.snapshots().newest();
        if (snapshot != null) {
            replica.restore(wal.snapshots().read(snapshot));
        }
        for (Entry entry : restored.entries()) {
            if (entry.index() > restored.snapshot().index() && entry.kind() == Entry.Kind.COMMAND) {
                replica.apply(entry.index(), entry.data());
            }
        }
    }

    /** Who has a vote by the newest configuration in it, known to be committed or not. */
    public SortedSet<String> voters() {
        return wal.configuration().voters();
    }

    /**
     * Makes this member the only voter, with all that is in its log; on disk when it returns. To be done only when the
     * others cannot come back, or in a new epoch, in which they do not meet this one. Repeated, it does nothing.
     */
    public void keepAlone() throws IOException {
        wal.recover(self);
    }

    /** Begins a log whose state is this snapshot and whose only voter is this member. */
    public static void create(Path directory, String cluster, String self, byte[] snapshot) throws IOException {
        try (WriteAheadLog fresh = WriteAheadLog.open(directory, WriteAheadLog.owner(cluster, self))) {
            fresh.bootstrap(self, snapshot);
        }
    }

    @Override
    public void close() throws IOException {
        wal.close();
    }
}
