package io.wgfabric.jgroups.wal;

import io.wgfabric.jgroups.raft.Entry;
import java.nio.ByteBuffer;
import java.util.List;

/**
 * The format of a segment file: frames, one for each sync. A frame is a head of 16 bytes (magic, length of the body,
 * CRC32C of the body, CRC32C of the 12 bytes before) and a body of records. The first frame holds one {@code BASE}
 * record and nothing else.
 *
 * <p>Because every frame was synced before the next was written, at most the last one of a file can be incomplete.
 */
final class Segment {
    static final int MAGIC = 0x57_47_46_31; // "WGF1"
    static final int HEAD = 16;
    static final int VERSION = 1;

    private static final byte ENTRY = 1;
    private static final byte COMMIT = 2;
    private static final byte TRUNCATE = 3;
    private static final byte BASE = 4;
    /** Closes every frame, so that no complete frame ends in zeros. */
    private static final byte END = 0x7f;

    private static final int ENTRY_HEAD = 1 + 8 + 8 + 1 + 8 + 8 + 4;

    private Segment() {}

    /** Hears the records of a frame in order. */
    interface Reader {
        /** An entry; it replaces what is at its index or after it. */
        void entry(Entry entry);

        void commit(long index);

        void truncate(long from);

        /**
         * The beginning of a segment.
         *
         * @param reset whether all that came before is void
         */
        void base(long index, long term, boolean reset);
    }

    static ByteBuffer baseFrame(long index, long term, boolean reset) {
        ByteBuffer frame = ByteBuffer.allocate(HEAD + 1 + 4 + 8 + 8 + 1 + 1);
        frame.position(HEAD);
        frame.put(BASE).putInt(VERSION).putLong(index).putLong(term).put((byte) (reset ? 1 : 0));
        return seal(frame);
    }

    static ByteBuffer truncateFrame(long from) {
        ByteBuffer frame = ByteBuffer.allocate(HEAD + 1 + 8 + 1);
        frame.position(HEAD);
        frame.put(TRUNCATE).putLong(from);
        return seal(frame);
    }

    /** A frame of entries and, if it is positive, a commit index. */
    static ByteBuffer entryFrame(List<Entry> entries, long commit) {
        long size = HEAD + 9L + 1;
        for (Entry entry : entries) {
            size += ENTRY_HEAD + entry.data().length;
        }
        ByteBuffer frame = ByteBuffer.allocate(Math.toIntExact(size));
        frame.position(HEAD);
        for (Entry entry : entries) {
            frame.put(ENTRY).putLong(entry.index()).putLong(entry.term());
            frame.put((byte) entry.kind().code());
            frame.putLong(entry.origin()).putLong(entry.request());
            frame.putInt(entry.data().length).put(entry.data());
        }
        if (commit > 0) {
            frame.put(COMMIT).putLong(commit);
        }
        return seal(frame);
    }

    private static ByteBuffer seal(ByteBuffer frame) {
        frame.put(END);
        int length = frame.position() - HEAD;
        frame.putInt(0, MAGIC).putInt(4, length);
        frame.putInt(8, Durable.crc(frame, HEAD, length));
        frame.putInt(12, Durable.crc(frame, 0, 12));
        return frame.flip();
    }

    /** The whole size of a valid frame at this offset, or 0. */
    static int validFrame(byte[] file, int offset) {
        int length = bodyLength(file, offset);
        if (length < 0 || offset + HEAD + (long) length > file.length) {
            return 0;
        }
        int crc = ByteBuffer.wrap(file).getInt(offset + 8);
        return crc == Durable.crc(file, offset + HEAD, length) ? HEAD + length : 0;
    }

    /** The body's length according to an intact head, or -1. */
    private static int bodyLength(byte[] file, int offset) {
        if (offset + HEAD > file.length) {
            return -1;
        }
        ByteBuffer in = ByteBuffer.wrap(file);
        boolean intact = in.getInt(offset) == MAGIC && in.getInt(offset + 12) == Durable.crc(file, offset, 12);
        return intact ? in.getInt(offset + 4) : -1;
    }

    /**
     * Whether what is at this offset may be the rest of a write that a crash cut off: nothing valid follows, and bytes
     * are missing, by the file's length or because the file system filled them with zeros. A complete frame with other
     * contents than it should have is damage.
     */
    static boolean isTorn(byte[] file, int offset) {
        for (int i = offset + 1; i + HEAD <= file.length; i++) {
            if (file[i] == (byte) (MAGIC >>> 24) && validFrame(file, i) > 0) {
                return false;
            }
        }
        int rest = file.length - offset;
        if (rest < HEAD) {
            return true;
        }
        int length = bodyLength(file, offset);
        if (length >= 0 && HEAD + (long) length > rest) {
            return true;
        }
        int end = length >= 0 ? offset + HEAD + length : file.length;
        // A complete frame never ends in a zero, so a single one shows that its end was never written.
        return file[end - 1] == 0;
    }

    static void replay(byte[] file, int offset, int size, Reader reader) throws DamagedException {
        ByteBuffer in = ByteBuffer.wrap(file, offset + HEAD, size - HEAD);
        while (in.hasRemaining()) {
            byte type = in.get();
            switch (type) {
                case ENTRY -> reader.entry(entry(in));
                case COMMIT -> reader.commit(in.getLong());
                case TRUNCATE -> reader.truncate(in.getLong());
                case BASE -> {
                    int version = in.getInt();
                    if (version != VERSION) {
                        throw new DamagedException("the log has format " + version + ", this program knows " + VERSION);
                    }
                    reader.base(in.getLong(), in.getLong(), in.get() == 1);
                }
                case END -> {
                    // nothing follows
                }
                default -> throw new DamagedException("the log has a record of unknown type " + type);
            }
        }
    }

    private static Entry entry(ByteBuffer in) {
        long index = in.getLong();
        long term = in.getLong();
        Entry.Kind kind = Entry.Kind.of(in.get());
        long origin = in.getLong();
        long request = in.getLong();
        byte[] data = new byte[in.getInt()];
        in.get(data);
        return new Entry(index, term, kind, origin, request, data);
    }
}
