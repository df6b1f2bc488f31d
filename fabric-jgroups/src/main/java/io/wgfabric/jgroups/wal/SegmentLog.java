package io.wgfabric.jgroups.wal;

import io.wgfabric.jgroups.raft.Entry;
import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * The write-ahead log: numbered segment files of {@link Segment} frames, and the live entries in memory. Every change is
 * synced when the method returns; any failure to write leaves this object unusable. Not thread-safe.
 */
final class SegmentLog implements Closeable {
    static final String SUFFIX = ".wal";
    /** A segment that has grown to this many bytes is closed and a new one begun. */
    static final long SEGMENT_BYTES = 16L << 20;

    /** A segment file and the index before its first entry. */
    private record Piece(long number, String file, long baseIndex) {}

    private final Disk disk;
    private final long segmentBytes;
    private final List<Piece> pieces = new ArrayList<>();
    private final List<Entry> entries = new ArrayList<>();
    private long baseIndex;
    private long baseTerm;
    private long commit;
    private Disk.@Nullable File current;
    private long currentBytes;
    private @Nullable IOException broken;

    SegmentLog(Disk disk, long segmentBytes) throws IOException {
        this.disk = disk;
        this.segmentBytes = segmentBytes;
        List<String> files = Durable.list(disk, SUFFIX);
        for (int i = 0; i < files.size(); i++) {
            load(files.get(i), i == files.size() - 1);
        }
        if (pieces.isEmpty()) {
            begin(0, 0, true);
        } else {
            String last = pieces.get(pieces.size() - 1).file();
            currentBytes = disk.size(last);
            Disk.File open = disk.open(last);
            current = open;
            // A process that was killed may have written what it never forced; it counts from now on.
            open.force(true);
        }
    }

    private void load(String file, boolean last) throws IOException {
        long number = Long.parseLong(file.substring(0, file.length() - SUFFIX.length()));
        if (!pieces.isEmpty() && number != pieces.get(pieces.size() - 1).number() + 1) {
            throw new DamagedException(path(file) + ": the segment of the log before this one is missing");
        }
        byte[] bytes = disk.read(file);
        Loader loader = new Loader(file, number);
        int offset = 0;
        while (offset < bytes.length) {
            int size = Segment.validFrame(bytes, offset);
            if (size == 0) {
                break;
            }
            Segment.replay(bytes, offset, size, loader);
            offset += size;
        }
        if (offset < bytes.length || offset == 0) {
            cut(file, bytes, offset, last);
        }
    }

    /** The end of the last segment may be torn by a crash; it was acknowledged to nobody. All else is damage. */
    private void cut(String file, byte[] bytes, int offset, boolean last) throws IOException {
        if (!last || !Segment.isTorn(bytes, offset)) {
            throw new DamagedException(path(file) + ": the log is damaged at byte " + offset);
        }
        if (offset == 0) {
            disk.delete(file);
        } else {
            try (Disk.File torn = disk.open(file)) {
                torn.truncate(offset);
                torn.force(true);
            }
        }
        disk.sync();
    }

    private String path(String file) {
        return disk + "/" + file;
    }

    /** Puts the records of a file together to the log that they describe. */
    private final class Loader implements Segment.Reader {
        private final String file;
        private final long number;
        private @Nullable String problem;

        Loader(String file, long number) {
            this.file = file;
            this.number = number;
        }

        @Override
        public void entry(Entry entry) {
            if (entry.index() <= baseIndex || entry.index() > lastIndex() + 1) {
                problem = "entry " + entry.index() + " does not follow " + lastIndex();
            } else {
                dropFrom(entry.index());
                entries.add(entry);
            }
            check();
        }

        @Override
        public void commit(long index) {
            commit = Math.max(commit, Math.min(index, lastIndex()));
        }

        @Override
        public void truncate(long from) {
            dropFrom(Math.max(from, baseIndex + 1));
        }

        @Override
        public void base(long index, long term, boolean reset) {
            // One that overwrote an earlier one may begin before what is left of that: a compaction needed it alone,
            // and
            // a crash kept it from removing the other. Whether a snapshot reaches so far is checked later.
            if (pieces.isEmpty() || reset || index < baseIndex) {
                entries.clear();
                baseIndex = index;
                baseTerm = term;
                commit = Math.min(commit, index);
            } else if (index > lastIndex() || termAt(index) != term) {
                problem = "the segment does not follow the one before it";
            } else {
                dropFrom(index + 1);
            }
            pieces.add(new Piece(number, file, index));
            check();
        }

        private void check() {
            if (problem != null) {
                throw new IllegalStateException(
                        path(file) + ": the log is damaged: " + problem + DamagedException.ADVICE);
            }
        }
    }

    private void dropFrom(long index) {
        if (index <= lastIndex()) {
            entries.subList((int) (index - baseIndex - 1), entries.size()).clear();
        }
    }

    long baseIndex() {
        return baseIndex;
    }

    long baseTerm() {
        return baseTerm;
    }

    long lastIndex() {
        return baseIndex + entries.size();
    }

    long commit() {
        return commit;
    }

    List<Entry> entries() {
        return entries;
    }

    /** The term at an index from the base to the end. */
    long termAt(long index) {
        return index == baseIndex ? baseTerm : get(index).term();
    }

    Entry get(long index) {
        return entries.get((int) (index - baseIndex - 1));
    }

    /**
     * Writes entries in one frame with one sync. They replace what is at the first one's index and after it.
     *
     * @param commitIndex remembered as a hint for the next start
     */
    void append(List<Entry> batch, long commitIndex) throws IOException {
        if (batch.isEmpty()) {
            return;
        }
        long first = batch.get(0).index();
        if (first <= baseIndex || first > lastIndex() + 1) {
            throw fail(new IOException("entry " + first + " does not follow " + lastIndex()));
        }
        boolean overwritesOlderSegment = first <= pieces.get(pieces.size() - 1).baseIndex();
        if (overwritesOlderSegment || currentBytes >= segmentBytes) {
            begin(first - 1, termAt(first - 1), false);
        }
        write(Segment.entryFrame(
                batch, Math.min(commitIndex, batch.get(batch.size() - 1).index())));
        dropFrom(first);
        entries.addAll(batch);
        commit = Math.max(commit, Math.min(commitIndex, lastIndex()));
    }

    void truncateFrom(long index) throws IOException {
        if (index > lastIndex()) {
            return;
        }
        if (index <= baseIndex) {
            throw fail(new IOException("index " + index + " is compacted"));
        }
        if (index <= pieces.get(pieces.size() - 1).baseIndex()) {
            begin(index - 1, termAt(index - 1), false);
        } else {
            write(Segment.truncateFrame(index));
        }
        dropFrom(index);
    }

    /** Forgets entries at and before this index, and removes the files that hold nothing else. */
    void compactTo(long index) throws IOException {
        long to = Math.min(index, lastIndex());
        if (to <= baseIndex) {
            return;
        }
        baseTerm = termAt(to);
        entries.subList(0, (int) (to - baseIndex)).clear();
        baseIndex = to;
        int needed = pieces.size() - 1;
        while (pieces.get(needed).baseIndex() > to) {
            needed--; // a later piece may begin lower, where it overwrote an earlier one; then it is enough
        }
        for (int i = 0; i < needed; i++) {
            // Oldest first, so that what is left after a crash has no gap.
            disk.delete(pieces.remove(0).file());
        }
        if (needed > 0) {
            disk.sync();
        }
    }

    /** Starts anew after this index. */
    void reset(long index, long term) throws IOException {
        begin(index, term, true);
        entries.clear();
        baseIndex = index;
        baseTerm = term;
        commit = index;
        while (pieces.size() > 1) {
            disk.delete(pieces.remove(0).file());
        }
        disk.sync();
    }

    private void begin(long index, long term, boolean reset) throws IOException {
        long number = pieces.isEmpty() ? 1 : pieces.get(pieces.size() - 1).number() + 1;
        String file = String.format(Locale.ROOT, "%020d%s", number, SUFFIX);
        try {
            if (current != null) {
                current.close();
            }
            current = disk.create(file);
            currentBytes = 0;
        } catch (IOException e) {
            throw fail(e);
        }
        pieces.add(new Piece(number, file, index));
        write(Segment.baseFrame(index, term, reset));
        disk.sync();
    }

    private void write(ByteBuffer frame) throws IOException {
        Disk.File open = current;
        if (broken != null || open == null) {
            throw new IOException("the log in " + disk + " is closed after an error", broken);
        }
        try {
            currentBytes += frame.remaining();
            open.write(frame);
            open.force(false);
        } catch (IOException e) {
            throw fail(e);
        }
    }

    /** After a failed write or sync nobody knows what is on the disk; nothing may be acknowledged any more. */
    private IOException fail(IOException cause) {
        broken = cause;
        return cause;
    }

    long sizeInBytes() throws IOException {
        long size = 0;
        for (Piece piece : pieces) {
            size += disk.size(piece.file());
        }
        return size;
    }

    @Override
    public void close() throws IOException {
        if (current != null) {
            current.close();
            current = null;
        }
    }
}
