package io.wgfabric.jgroups.wal;

import io.wgfabric.jgroups.raft.Configuration;
import io.wgfabric.jgroups.raft.Effects;
import io.wgfabric.jgroups.raft.Entry;
import io.wgfabric.jgroups.raft.Restored;
import io.wgfabric.jgroups.raft.SnapshotMeta;
import java.io.Closeable;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * All that a member keeps in its data directory: term and vote, log, snapshots. Every method returns after a sync, and
 * an {@link IOException} means that the member must halt. Used by one thread; {@link #snapshots()} by any.
 */
public final class WriteAheadLog implements Closeable {
    private static final String VOTE = "vote";

    private final Disk disk;
    private final VoteFile votes;
    private final SegmentLog log;
    private final SnapshotFiles snapshots;

    private WriteAheadLog(Disk disk, String owner, long segmentBytes) throws IOException {
        this.disk = disk;
        for (String left : Durable.list(disk, Durable.TEMPORARY)) {
            disk.delete(left); // a crash left it; it never counted
        }
        // A process that was killed may have left names that were never synced; they count from now on.
        disk.sync();
        boolean holds = !Durable.list(disk, SegmentLog.SUFFIX).isEmpty()
                || !Durable.list(disk, SnapshotFiles.SUFFIX).isEmpty();
        if (holds && !disk.exists(VOTE)) {
            throw new DamagedException(disk + ": there is a log but term and vote are missing");
        }
        this.votes = VoteFile.open(disk, VOTE, owner);
        this.snapshots = new SnapshotFiles(disk);
        this.log = new SegmentLog(disk, segmentBytes);
        agree();
    }

    /**
     * Opens or creates the data directory, and takes it for this process alone.
     *
     * @param owner whose data these are; another one's are refused
     */
    public static WriteAheadLog open(Path directory, String owner) throws IOException {
        return open(DirectoryDisk.open(directory), owner, SegmentLog.SEGMENT_BYTES);
    }

    /**
     * Opens what is on a disk, and closes the disk with it.
     *
     * @param segmentBytes a file of the log that has grown to this size is followed by a new one
     */
    public static WriteAheadLog open(Disk disk, String owner, long segmentBytes) throws IOException {
        try {
            return new WriteAheadLog(disk, owner, segmentBytes);
        } catch (IOException | RuntimeException e) {
            disk.close();
            throw e instanceof IOException io ? io : new IOException(e.getMessage(), e);
        }
    }

    /**
     * Brings log and snapshot together after a crash between the two. The snapshot wins: what the log lacks or has with
     * another term at the snapshot's index is void.
     */
    private void agree() throws IOException {
        SnapshotFiles.Stored stored = snapshots.newest();
        long index = stored == null ? 0 : stored.meta().index();
        if (log.baseIndex() > index) {
            throw new DamagedException(disk + ": the log begins after index " + log.baseIndex()
                    + " but the snapshot before it is " + (stored == null ? "missing" : "at index " + index));
        }
        if (stored == null) {
            return;
        }
        boolean continues =
                log.lastIndex() >= index && log.termAt(index) == stored.meta().term();
        if (!continues) {
            log.reset(index, stored.meta().term());
        }
    }

    /** Whose data those of a member are. */
    public static String owner(String cluster, String self) {
        return cluster + "/" + self;
    }

    /** What the core starts with. */
    public Restored restored() {
        SnapshotFiles.Stored stored = snapshots.newest();
        // Only a bootstrap that was cut off leaves an entry with a term that was not written yet.
        long lastTerm = log.termAt(log.lastIndex());
        return new Restored(
                Math.max(votes.term(), lastTerm),
                votes.term() >= lastTerm ? votes.vote() : null,
                stored == null ? SnapshotMeta.NONE : stored.meta(),
                stored == null ? 0 : stored.size(),
                log.baseIndex(),
                log.baseTerm(),
                List.copyOf(log.entries()),
                log.commit());
    }

    /** Whether this member has never had a log, a snapshot or a term. */
    public boolean isNew() {
        return votes.term() == 0 && log.lastIndex() == 0 && snapshots.newest() == null;
    }

    /** Makes this member the only voter of a new cluster: the first entry of its log says so. */
    public void bootstrap(String self) throws IOException {
        if (!isNew()) {
            throw new IllegalStateException(disk + " has data already");
        }
        log.append(List.of(Entry.configuration(1, 1, Configuration.of(List.of(self)))), 1);
        votes.write(1, null);
    }

    /**
     * Makes this member the only voter, with all that it has, at a term above all that it has seen. Repeated, it does
     * nothing.
     */
    public void recover(String self) throws IOException {
        Configuration alone = Configuration.of(List.of(self));
        if (alone.equals(configuration())) {
            return;
        }
        long term = Math.max(votes.term(), log.termAt(log.lastIndex())) + 1;
        log.append(List.of(Entry.configuration(log.lastIndex() + 1, term, alone)), log.commit());
        votes.write(term, null);
    }

    /** Makes this member the only voter of a log that begins with a snapshot. */
    public void bootstrap(String self, byte[] state) throws IOException {
        if (!isNew()) {
            throw new IllegalStateException(disk + " has data already");
        }
        votes.write(1, null);
        install(new SnapshotMeta(1, 1, Configuration.of(List.of(self))), state);
    }

    public void vote(Effects.HardState state) throws IOException {
        votes.write(state.term(), state.vote());
    }

    public void append(List<Entry> entries, long commit) throws IOException {
        log.append(entries, commit);
    }

    /** Stores a snapshot that the leader sent; the log goes on after it. */
    public void install(SnapshotMeta meta, byte[] state) throws IOException {
        snapshots.write(meta, state);
        agree();
    }

    /** Drops entries at and before this index; a snapshot must contain them. */
    public void compactTo(long index) throws IOException {
        SnapshotFiles.Stored stored = snapshots.newest();
        log.compactTo(Math.min(index, stored == null ? 0 : stored.meta().index()));
    }

    public SnapshotFiles snapshots() {
        return snapshots;
    }

    SegmentLog log() {
        return log;
    }

    VoteFile votes() {
        return votes;
    }

    /** The newest configuration, known to be committed or not. */
    public Configuration configuration() {
        Configuration newest = configurationAt(log.lastIndex());
        return newest == null ? Configuration.NONE : newest;
    }

    @Nullable Configuration configurationAt(long index) {
        Configuration found = null;
        SnapshotFiles.Stored stored = snapshots.newest();
        if (stored != null) {
            found = stored.meta().configuration();
        }
        for (Entry entry : log.entries()) {
            if (entry.index() <= index && entry.kind() == Entry.Kind.CONFIGURATION) {
                found = Configuration.decode(entry.data());
            }
        }
        return found;
    }

    @Override
    public void close() throws IOException {
        log.close();
        disk.close();
    }
}
