package io.wgfabric.jgroups.wal;

import io.wgfabric.jgroups.raft.Configuration;
import io.wgfabric.jgroups.raft.SnapshotMeta;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * Snapshots, each in one file that carries index, term, configuration and checksums. A file under its final name is
 * complete (write, sync, rename, sync the directory); only the newest is kept. Thread-safe.
 */
public final class SnapshotFiles {
    private static final int MAGIC = 0x57_47_53_31; // "WGS1"
    private static final String SUFFIX = ".snapshot";
    private static final int HEAD = 4 + 8 + 8 + 4 + 8 + 4;

    /**
     * A snapshot on disk.
     *
     * @param dataOffset where the state begins in the file
     * @param size the state's size in bytes
     * @param checksum CRC32C of the state
     */
    public record Stored(Path file, SnapshotMeta meta, long dataOffset, long size, int checksum) {}

    private final Path directory;
    private volatile @Nullable Stored newest;
    /** The one whose state was read as a whole and matched its checksum. */
    private volatile @Nullable Stored verified;

    SnapshotFiles(Path directory) throws IOException {
        this.directory = directory;
        List<Path> found = list();
        if (!found.isEmpty()) {
            Path last = found.get(found.size() - 1);
            newest = verify(last);
        }
    }

    private List<Path> list() throws IOException {
        List<Path> found = new ArrayList<>();
        try (DirectoryStream<Path> files = Files.newDirectoryStream(directory, "*" + SUFFIX)) {
            files.forEach(found::add);
        }
        found.sort(Comparator.comparing(Path::toString));
        return found;
    }

    public @Nullable Stored newest() {
        return newest;
    }

    /** Writes a snapshot and drops the older ones. Returns when it is on disk. An older one than the newest is ignored. */
    public synchronized Stored write(SnapshotMeta meta, byte[] state) throws IOException {
        Stored last = newest;
        if (last != null && last.meta().index() >= meta.index()) {
            return last;
        }
        return replace(meta, state);
    }

    /** As {@link #write}, but even if it is not newer. */
    synchronized Stored replace(SnapshotMeta meta, byte[] state) throws IOException {
        byte[] configuration = meta.configuration().encode();
        int checksum = Durable.crc(state, 0, state.length);
        ByteBuffer head = ByteBuffer.allocate(HEAD + configuration.length + 4);
        head.putInt(MAGIC).putLong(meta.index()).putLong(meta.term());
        head.putInt(configuration.length).putLong(state.length).putInt(checksum);
        head.put(configuration);
        head.putInt(Durable.crc(head.array(), 0, head.position()));
        Path file = directory.resolve(String.format(Locale.ROOT, "%020d%s", meta.index(), SUFFIX));
        Durable.replace(file, head.flip(), ByteBuffer.wrap(state));
        Stored stored = new Stored(file, meta, head.capacity(), state.length, checksum);
        newest = stored;
        for (Path old : list()) {
            if (!old.equals(file)) {
                Files.deleteIfExists(old);
            }
        }
        return stored;
    }

    /** The state of a snapshot, checked. */
    public byte[] read(Stored stored) throws IOException {
        byte[] state = new byte[Math.toIntExact(stored.size())];
        fill(stored, 0, ByteBuffer.wrap(state));
        if (stored.checksum() != Durable.crc(state, 0, state.length)) {
            throw new DamagedException(stored.file() + ": the snapshot's state does not match its checksum");
        }
        verified = stored;
        return state;
    }

    /** A piece of the newest snapshot; null if that is another one by now. Before the first piece the whole is checked. */
    public byte @Nullable [] piece(SnapshotMeta meta, long offset, int limit) throws IOException {
        Stored stored = newest;
        if (stored == null || !stored.meta().equals(meta) || offset > stored.size()) {
            return null;
        }
        byte[] piece = new byte[(int) Math.min(limit, stored.size() - offset)];
        try {
            if (offset == 0 && !stored.equals(verified)) {
                read(stored);
            }
            fill(stored, offset, ByteBuffer.wrap(piece));
        } catch (NoSuchFileException replaced) {
            return null;
        }
        return piece;
    }

    private static void fill(Stored stored, long offset, ByteBuffer into) throws IOException {
        try (FileChannel channel = FileChannel.open(stored.file(), StandardOpenOption.READ)) {
            while (into.hasRemaining()) {
                if (channel.read(into, stored.dataOffset() + offset + into.position()) < 0) {
                    throw new DamagedException(stored.file() + ": the snapshot is too short");
                }
            }
        }
    }

    private Stored verify(Path file) throws IOException {
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
            ByteBuffer head = ByteBuffer.allocate((int) Math.min(channel.size(), 1 << 16));
            while (head.hasRemaining() && channel.read(head) >= 0) {
                // read until full
            }
            head.flip();
            if (head.limit() < HEAD + 4 || head.getInt() != MAGIC) {
                throw new DamagedException(file + ": this is no snapshot, or its beginning is damaged");
            }
            long index = head.getLong();
            long term = head.getLong();
            int length = head.getInt();
            long size = head.getLong();
            int checksum = head.getInt();
            int end = HEAD + length;
            if (length < 0 || end + 4 > head.limit() || head.getInt(end) != Durable.crc(head.array(), 0, end)) {
                throw new DamagedException(file + ": the snapshot's description is damaged");
            }
            byte[] configuration = new byte[length];
            head.get(configuration);
            if (channel.size() != end + 4 + size) {
                throw new DamagedException(file + ": the snapshot has not the size that it should have");
            }
            SnapshotMeta meta = new SnapshotMeta(index, term, Configuration.decode(configuration));
            return new Stored(file, meta, end + 4L, size, checksum);
        }
    }
}
