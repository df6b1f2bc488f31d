package io.wgfabric.jgroups.wal;

import io.wgfabric.jgroups.raft.Configuration;
import io.wgfabric.jgroups.raft.SnapshotMeta;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.NoSuchFileException;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * Snapshots, each in one file that carries index, term, configuration and checksums. A file under its final name is
 * complete (write, sync, rename, sync the directory); only the newest is kept. Thread-safe.
 */
public final class SnapshotFiles {
    private static final int MAGIC = 0x57_47_53_31; // "WGS1"
    static final String SUFFIX = ".snapshot";
    private static final int HEAD = 4 + 8 + 8 + 4 + 8 + 4;

    /**
     * A snapshot on disk.
     *
     * @param dataOffset where the state begins in the file
     * @param size the state's size in bytes
     * @param checksum CRC32C of the state
     */
    public record Stored(String file, SnapshotMeta meta, long dataOffset, long size, int checksum) {}

    private final Disk disk;
    private volatile @Nullable Stored newest;
    /** The one whose state was read as a whole and matched its checksum. */
    private volatile @Nullable Stored verified;

    SnapshotFiles(Disk disk) throws IOException {
        this.disk = disk;
        List<String> found = Durable.list(disk, SUFFIX);
        if (!found.isEmpty()) {
            newest = verify(found.get(found.size() - 1));
        }
    }

    private String path(String file) {
        return disk + "/" + file;
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
        String file = String.format(Locale.ROOT, "%020d%s", meta.index(), SUFFIX);
        Durable.replace(disk, file, head.flip(), ByteBuffer.wrap(state));
        Stored stored = new Stored(file, meta, head.capacity(), state.length, checksum);
        newest = stored;
        for (String old : Durable.list(disk, SUFFIX)) {
            if (!old.equals(file)) {
                disk.delete(old);
            }
        }
        return stored;
    }

    /** The state of a snapshot, checked. */
    public byte[] read(Stored stored) throws IOException {
        byte[] state = new byte[Math.toIntExact(stored.size())];
        fill(stored, 0, ByteBuffer.wrap(state));
        if (stored.checksum() != Durable.crc(state, 0, state.length)) {
            throw new DamagedException(path(stored.file()) + ": the snapshot's state does not match its checksum");
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

    private void fill(Stored stored, long offset, ByteBuffer into) throws IOException {
        disk.read(stored.file(), stored.dataOffset() + offset, into);
        if (into.hasRemaining()) {
            throw new DamagedException(path(stored.file()) + ": the snapshot is too short");
        }
    }

    private Stored verify(String file) throws IOException {
        long fileSize = disk.size(file);
        ByteBuffer head = ByteBuffer.allocate((int) Math.min(fileSize, 1 << 16));
        disk.read(file, 0, head);
        head.flip();
        if (head.limit() < HEAD + 4 || head.getInt() != MAGIC) {
            throw new DamagedException(path(file) + ": this is no snapshot, or its beginning is damaged");
        }
        long index = head.getLong();
        long term = head.getLong();
        int length = head.getInt();
        long size = head.getLong();
        int checksum = head.getInt();
        int end = HEAD + length;
        if (length < 0 || end + 4 > head.limit() || head.getInt(end) != Durable.crc(head.array(), 0, end)) {
            throw new DamagedException(path(file) + ": the snapshot's description is damaged");
        }
        byte[] configuration = new byte[length];
        head.get(configuration);
        if (fileSize != end + 4 + size) {
            throw new DamagedException(path(file) + ": the snapshot has not the size that it should have");
        }
        SnapshotMeta meta = new SnapshotMeta(index, term, Configuration.decode(configuration));
        return new Stored(file, meta, end + 4L, size, checksum);
    }
}
