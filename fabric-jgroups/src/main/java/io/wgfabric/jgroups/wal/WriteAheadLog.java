package io.wgfabric.jgroups.wal;

import io.wgfabric.jgroups.raft.Configuration;
import io.wgfabric.jgroups.raft.Effects;
import io.wgfabric.jgroups.raft.Entry;
import io.wgfabric.jgroups.raft.Restored;
import io.wgfabric.jgroups.raft.SnapshotMeta;
import java.io.Closeable;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * All that a member keeps in its data directory: term and vote, log, snapshots. Every method returns after a sync, and
 * an {@link IOException} means that the member must halt. Used by one thread; {@link #snapshots()} by any.
 */
public final class WriteAheadLog implements Closeable {
    private final Path directory;
    private final FileChannel lockChannel;
    private final VoteFile votes;
    private final SegmentLog log;
    private final SnapshotFiles snapshots;

    private WriteAheadLog(Path directory, String owner, FileChannel lockChannel) throws IOException {
        this.directory = directory;
        this.lockChannel = lockChannel;
        if (!Files.exists(directory.resolve("vote")) && holds(directory, "*.{wal,snapshot}")) {
            throw new DamagedException(directory + ": there is a log but term and vote are missing");
        }
        this.votes = VoteFile.open(directory.resolve("vote"), owner);
        this.snapshots = new SnapshotFiles(directory);
        this.log = new SegmentLog(directory);
        agree();
    }

    /**
     * Opens or creates the data directory, and takes it for this process alone.
     *
     * @param owner whose data these are; another one's are refused
     */
    public static WriteAheadLog open(Path directory, String owner) throws IOException {
        Files.createDirectories(directory);
        FileChannel lock = lock(directory);
        try {
            try (DirectoryStream<Path> left = Files.newDirectoryStream(directory, "*" + Durable.TEMPORARY)) {
                for (Path file : left) {
                    Files.delete(file); // a crash left it; it never counted
                }
            }
            return new WriteAheadLog(directory, owner, lock);
        } catch (IOException | RuntimeException e) {
            lock.close();
            throw e instanceof IOException io ? io : new IOException(e.getMessage(), e);
        }
    }

    private static FileChannel lock(Path directory) throws IOException {
        FileChannel channel =
                FileChannel.open(directory.resolve("lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
        FileLock taken;
        try {
            taken = channel.tryLock();
        } catch (OverlappingFileLockException e) {
            taken = null;
        }
        if (taken == null) {
            channel.close();
            throw new IOException(directory + " is in use by another process or member; give each its own directory");
        }
        return channel;
    }

    private static boolean holds(Path directory, String pattern) throws IOException {
        try (DirectoryStream<Path> files = Files.newDirectoryStream(directory, pattern)) {
            return files.iterator().hasNext();
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
            throw new DamagedException(directory + ": the log begins after index " + log.baseIndex()
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
            throw new IllegalStateException(directory + " has data already");
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
            throw new IllegalStateException(directory + " has data already");
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

    Path directory() {
        return directory;
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
        lockChannel.close();
    }
}
