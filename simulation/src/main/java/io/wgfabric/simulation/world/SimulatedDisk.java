package io.wgfabric.simulation.world;

import io.wgfabric.jgroups.wal.Disk;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.NoSuchFileException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.TreeMap;

/**
 * A directory that tells what is in the cache from what is on the disk. A killed process loses nothing of it; a power
 * failure takes what was not forced: bytes are lost, kept, or torn (a prefix, or zeros in place of the end), and of the
 * names that were made, changed and removed since the last sync only the first few are so, as a file system with a
 * journal has it.
 */
final class SimulatedDisk implements Disk {

    /** A file's bytes. They are only appended to, so both arrays may be one. */
    private static final class Inode {
        byte[] cached = new byte[256];
        int size;
        byte[] forced = cached;
        int forcedSize;

        void append(ByteBuffer bytes, int count) {
            if (size + count > cached.length) {
                cached = Arrays.copyOf(cached, Math.max(2 * cached.length, size + count));
            }
            bytes.get(cached, size, count);
            size += count;
        }

        void cut(int length) {
            cached = Arrays.copyOf(cached, Math.max(256, length));
            size = length;
        }

        void force() {
            forced = cached;
            forcedSize = size;
        }

        boolean isForced() {
            return forcedSize == size && (forced == cached || Arrays.equals(forced, 0, size, cached, 0, size));
        }
    }

    /** A change of the names that is not synced: a file gets a name, or a name goes. */
    private record Renaming(String gone, String made, Inode file) {}

    private final String name;
    private final Fuse fuse;
    private final Trace trace;
    private TreeMap<String, Inode> names = new TreeMap<>();
    private TreeMap<String, Inode> synced = new TreeMap<>();
    private final List<Renaming> pending = new ArrayList<>();
    private int failIn;
    private int forces;

    SimulatedDisk(String name, Fuse fuse, Trace trace) {
        this.name = name;
        this.fuse = fuse;
        this.trace = trace;
    }

    /** The n-th change from now fails, as on a disk that is full or broken. */
    void failIn(int changes) {
        failIn = changes;
    }

    int forces() {
        return forces;
    }

    /** The power fails: what was not forced is at the mercy of the random numbers. */
    void losePower(SplittableRandom random) {
        int kept = random.nextInt(pending.size() + 1);
        TreeMap<String, Inode> left = synced;
        for (Renaming change : pending.subList(0, kept)) {
            left.remove(change.gone());
            if (!change.made().isEmpty()) {
                left.put(change.made(), change.file());
            }
        }
        pending.clear();
        for (Inode file : left.values()) {
            if (!file.isForced()) {
                tear(file, random);
            }
            file.force();
        }
        names = left;
        synced = new TreeMap<>(left);
        failIn = 0;
    }

    private static void tear(Inode file, SplittableRandom random) {
        int fate = random.nextInt(4);
        int from = Math.min(file.forcedSize, file.size);
        if (fate == 0 || file.size < file.forcedSize) { // a cut happens or does not
            file.cached = file.forced;
            file.size = file.forcedSize;
        } else if (fate == 1) {
            file.size = from + random.nextInt(file.size - from + 1);
        } else if (fate == 2) {
            byte[] zeroed = file.cached.clone();
            Arrays.fill(zeroed, from + random.nextInt(file.size - from + 1), file.size, (byte) 0);
            file.cached = zeroed;
        }
    }

    /** Before each change: the process may end here, or the disk may refuse. */
    private void change(int what, String file) throws DiskError {
        fuse.burn();
        trace.add(what);
        trace.add(file);
        if (failIn > 0 && --failIn == 0) {
            throw new DiskError(name + "/" + file + ": input/output error");
        }
    }

    private Inode find(String file) throws NoSuchFileException {
        Inode found = names.get(file);
        if (found == null) {
            throw new NoSuchFileException(name + "/" + file);
        }
        return found;
    }

    @Override
    public List<String> list() {
        return new ArrayList<>(names.keySet());
    }

    @Override
    public boolean exists(String file) {
        return names.containsKey(file);
    }

    @Override
    public long size(String file) throws IOException {
        return find(file).size;
    }

    @Override
    public byte[] read(String file) throws IOException {
        Inode found = find(file);
        return Arrays.copyOf(found.cached, found.size);
    }

    @Override
    public void read(String file, long position, ByteBuffer into) throws IOException {
        Inode found = find(file);
        int count = (int) Math.min(into.remaining(), found.size - position);
        if (count > 0) {
            into.put(found.cached, (int) position, count);
        }
    }

    @Override
    public File create(String file) throws IOException {
        change(1, file);
        if (names.containsKey(file)) {
            throw new FileAlreadyExistsException(name + "/" + file);
        }
        Inode made = new Inode();
        names.put(file, made);
        pending.add(new Renaming("", file, made));
        return new OpenFile(file, made);
    }

    @Override
    public File open(String file) throws IOException {
        return new OpenFile(file, find(file));
    }

    private final class OpenFile implements File {
        private final String file;
        private final Inode inode;

        OpenFile(String file, Inode inode) {
            this.file = file;
            this.inode = inode;
        }

        @Override
        public void write(ByteBuffer bytes) throws IOException {
            int count = bytes.remaining();
            try {
                change(2, file);
            } catch (DiskError full) {
                inode.append(bytes, count / 2);
                throw full;
            }
            inode.append(bytes, count);
        }

        @Override
        public void truncate(long length) throws IOException {
            change(3, file);
            inode.cut((int) length);
        }

        @Override
        public void force(boolean metadata) throws IOException {
            change(4, file);
            forces++;
            inode.force();
        }

        @Override
        public void close() {
            // nothing is held
        }
    }

    @Override
    public void rename(String from, String to) throws IOException {
        change(5, to);
        Inode moved = find(from);
        names.remove(from);
        names.put(to, moved);
        pending.add(new Renaming(from, to, moved));
    }

    @Override
    public void delete(String file) throws IOException {
        change(6, file);
        Inode gone = find(file);
        names.remove(file);
        pending.add(new Renaming(file, "", gone));
    }

    @Override
    public void sync() throws IOException {
        change(7, "");
        if (!pending.isEmpty()) {
            pending.clear();
            synced = new TreeMap<>(names);
        }
    }

    @Override
    public void close() {
        // nothing is held
    }

    @Override
    public String toString() {
        return name;
    }
}
