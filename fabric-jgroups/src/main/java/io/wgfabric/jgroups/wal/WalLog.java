package io.wgfabric.jgroups.wal;

import io.wgfabric.jgroups.raft.Configuration;
import io.wgfabric.jgroups.raft.Effects;
import io.wgfabric.jgroups.raft.Entry;
import io.wgfabric.jgroups.raft.SnapshotMeta;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.function.ObjLongConsumer;
import org.jgroups.Address;
import org.jgroups.protocols.raft.Log;
import org.jgroups.protocols.raft.LogEntries;
import org.jgroups.protocols.raft.LogEntry;
import org.jgroups.protocols.raft.RAFT;
import org.jgroups.raft.util.Utils;
import org.jgroups.util.ExtendedUUID;
import org.jspecify.annotations.Nullable;

/**
 * The write-ahead log behind jgroups-raft's {@code Log}, so that stock RAFT can be given it ({@code RAFT.log}). Every
 * change is synced when its method returns; a failure throws {@link UncheckedIOException}, and the member must stop.
 *
 * <p>Differs from the stock log on purpose: the term never goes back, appending does not set it, and a vote is never
 * cleared within its term. Not thread-safe, like the stock log.
 */
public final class WalLog implements Log {
    private @Nullable WriteAheadLog wal;
    private Path directory = Path.of("");
    private long commit;

    /** Something that touches the disk. */
    private interface Change {
        void make(WriteAheadLog wal) throws IOException;
    }

    private void change(Change change) {
        try {
            change.make(wal());
        } catch (IOException e) {
            throw new UncheckedIOException(e.getMessage(), e);
        }
    }

    private WriteAheadLog wal() {
        WriteAheadLog open = wal;
        if (open == null) {
            throw new IllegalStateException("the log is not open; call init");
        }
        return open;
    }

    /** Opens the directory of this name, or creates it. The arguments are not used. */
    @Override
    public void init(String name, @Nullable Map<String, String> args) throws IOException {
        directory = Path.of(name);
        wal = WriteAheadLog.open(directory, "jgroups-raft/" + directory.getFileName());
        commit = Math.max(wal().log().commit(), wal().log().baseIndex());
    }

    /** There is no way to switch syncing off. */
    @Override
    public WalLog useFsync(boolean ignored) {
        return this;
    }

    @Override
    public boolean useFsync() {
        return true;
    }

    @Override
    public void delete() throws IOException {
        wal().close();
        wal = null;
        try (DirectoryStream<Path> files = Files.newDirectoryStream(directory)) {
            for (Path file : files) {
                Files.delete(file);
            }
        }
        Files.delete(directory);
    }

    @Override
    public long currentTerm() {
        return wal().votes().term();
    }

    /** @throws IllegalArgumentException if the term would go back */
    @Override
    public WalLog currentTerm(long term) {
        if (term != currentTerm()) {
            change(disk -> disk.vote(new Effects.HardState(term, null)));
        }
        return this;
    }

    /** The member voted for: an address that carries its raft id, which is all that survives a restart. */
    @Override
    public @Nullable Address votedFor() {
        String vote = wal().votes().vote();
        if (vote == null) {
            return null;
        }
        byte[] utf8 = vote.getBytes(StandardCharsets.UTF_8);
        UUID id = UUID.nameUUIDFromBytes(utf8);
        return new ExtendedUUID(id.getMostSignificantBits(), id.getLeastSignificantBits()).put(RAFT.raft_id_key, utf8);
    }

    /** Null is ignored: a vote that was given stays until the term grows. */
    @Override
    public WalLog votedFor(@Nullable Address member) {
        if (member != null) {
            String raftId = Utils.extractRaftId(member);
            String vote = raftId == null ? member.toString() : raftId;
            change(disk -> disk.vote(new Effects.HardState(currentTerm(), vote)));
        }
        return this;
    }

    @Override
    public long commitIndex() {
        return commit;
    }

    /** Written with the next append; a lower one after a crash is harmless. */
    @Override
    public WalLog commitIndex(long index) {
        commit = index;
        return this;
    }

    @Override
    public long firstAppended() {
        SegmentLog log = wal().log();
        return log.entries().isEmpty() ? log.baseIndex() : log.baseIndex() + 1;
    }

    @Override
    public long lastAppended() {
        return wal().log().lastIndex();
    }

    /** Stores a snapshot of everything up to the commit index. */
    @Override
    public void setSnapshot(ByteBuffer snapshot) {
        byte[] state = new byte[snapshot.remaining()];
        snapshot.duplicate().get(state);
        SegmentLog log = wal().log();
        long index = Math.max(log.baseIndex(), Math.min(commit, log.lastIndex()));
        Configuration configuration = wal().configurationAt(index);
        SnapshotMeta meta =
                new SnapshotMeta(index, log.termAt(index), configuration == null ? Configuration.NONE : configuration);
        change(disk -> disk.snapshots().replace(meta, state));
    }

    @Override
    public @Nullable ByteBuffer getSnapshot() {
        SnapshotFiles.Stored stored = wal().snapshots().newest();
        if (stored == null) {
            return null;
        }
        try {
            return ByteBuffer.wrap(wal().snapshots().read(stored));
        } catch (IOException e) {
            throw new UncheckedIOException(e.getMessage(), e);
        }
    }

    @Override
    public long append(long index, LogEntries entries) {
        List<Entry> batch = new ArrayList<>(entries.size());
        long next = index;
        for (LogEntry entry : entries) {
            batch.add(entry(next++, entry));
        }
        change(disk -> disk.append(batch, commit));
        return lastAppended();
    }

    private static Entry entry(long index, LogEntry entry) {
        byte[] data = new byte[entry.command() == null ? 0 : entry.length()];
        if (entry.command() != null) {
            System.arraycopy(entry.command(), entry.offset(), data, 0, data.length);
        }
        Entry.Kind kind = entry.internal() ? Entry.Kind.INTERNAL : Entry.Kind.COMMAND;
        return new Entry(index, entry.term(), kind, 0, 0, data);
    }

    @Override
    public @Nullable LogEntry get(long index) {
        SegmentLog log = wal().log();
        if (index <= log.baseIndex() || index > log.lastIndex()) {
            return null;
        }
        Entry entry = log.get(index);
        boolean internal = entry.kind() != Entry.Kind.COMMAND;
        return new LogEntry(entry.term(), entry.data(), 0, entry.data().length, internal);
    }

    /** Drops entries before the index, as far as a snapshot contains them. */
    @Override
    public void truncate(long index) {
        change(disk -> disk.compactTo(Math.min(index, commit) - 1));
    }

    /** The snapshot that was set before, whose index only this call tells, stands for everything up to the index. */
    @Override
    public void reinitializeTo(long index, LogEntry entry) {
        change(disk -> {
            SnapshotFiles.Stored stored = disk.snapshots().newest();
            if (stored != null) {
                SnapshotMeta meta =
                        new SnapshotMeta(index, entry.term(), stored.meta().configuration());
                disk.snapshots().replace(meta, disk.snapshots().read(stored));
            }
            disk.log().reset(index - 1, 0);
            disk.append(List.of(entry(index, entry)), index);
        });
        commit = index;
    }

    @Override
    public void deleteAllEntriesStartingFrom(long index) {
        change(disk -> disk.log().truncateFrom(index));
        commit = Math.min(commit, lastAppended());
    }

    @Override
    public void forEach(ObjLongConsumer<LogEntry> function, long start, long end) {
        SegmentLog log = wal().log();
        for (long i = Math.max(start, log.baseIndex() + 1); i <= Math.min(end, log.lastIndex()); i++) {
            LogEntry entry = get(i);
            if (entry != null) {
                function.accept(entry, i);
            }
        }
    }

    @Override
    public void forEach(ObjLongConsumer<LogEntry> function) {
        forEach(function, 0, Long.MAX_VALUE);
    }

    @Override
    public long sizeInBytes() {
        try {
            return wal().log().sizeInBytes();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public void close() throws IOException {
        if (wal != null) {
            wal.close();
            wal = null;
        }
    }
}
