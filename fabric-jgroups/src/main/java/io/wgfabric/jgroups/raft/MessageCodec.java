package io.wgfabric.jgroups.raft;

import io.wgfabric.jgroups.raft.Message.AppendRequest;
import io.wgfabric.jgroups.raft.Message.AppendResponse;
import io.wgfabric.jgroups.raft.Message.SnapshotRequest;
import io.wgfabric.jgroups.raft.Message.SnapshotResponse;
import io.wgfabric.jgroups.raft.Message.TimeoutNow;
import io.wgfabric.jgroups.raft.Message.VoteRequest;
import io.wgfabric.jgroups.raft.Message.VoteResponse;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;

/**
 * Messages as bytes: version (1 byte), type (1 byte), term (8 bytes), then the type's fields in the order of its
 * record, big-endian. Decoding makes nothing but these records.
 */
@SuppressWarnings("ByteBufferBackingArray") // every buffer comes whole from allocate
public final class MessageCodec {
    private static final byte VERSION = 1;
    private static final byte VOTE_REQUEST = 1;
    private static final byte VOTE_RESPONSE = 2;
    private static final byte APPEND_REQUEST = 3;
    private static final byte APPEND_RESPONSE = 4;
    private static final byte SNAPSHOT_REQUEST = 5;
    private static final byte SNAPSHOT_RESPONSE = 6;
    private static final byte TIMEOUT_NOW = 7;

    private static final int HEAD = 10;
    private static final int ENTRY_HEAD = 8 + 1 + 8 + 8 + 4;

    private MessageCodec() {}

    public static byte[] encode(Message message) {
        if (message instanceof AppendRequest m) {
            return encode(m);
        } else if (message instanceof AppendResponse m) {
            return head(APPEND_RESPONSE, m.term(), 25)
                    .putLong(m.round())
                    .put(flag(m.success()))
                    .putLong(m.index())
                    .putLong(m.hint())
                    .array();
        } else if (message instanceof VoteRequest m) {
            return head(VOTE_REQUEST, m.term(), 18)
                    .put(flag(m.pre()))
                    .put(flag(m.transfer()))
                    .putLong(m.lastIndex())
                    .putLong(m.lastTerm())
                    .array();
        } else if (message instanceof VoteResponse m) {
            return head(VOTE_RESPONSE, m.term(), 2)
                    .put(flag(m.pre()))
                    .put(flag(m.granted()))
                    .array();
        } else if (message instanceof SnapshotRequest m) {
            return encode(m);
        } else if (message instanceof SnapshotResponse m) {
            return head(SNAPSHOT_RESPONSE, m.term(), 24)
                    .putLong(m.round())
                    .putLong(m.index())
                    .putLong(m.offset())
                    .array();
        } else if (message instanceof TimeoutNow m) {
            return head(TIMEOUT_NOW, m.term(), 0).array();
        }
        throw new IllegalArgumentException("unknown message " + message);
    }

    private static ByteBuffer head(byte type, long term, int body) {
        return ByteBuffer.allocate(HEAD + body).put(VERSION).put(type).putLong(term);
    }

    private static byte flag(boolean value) {
        return (byte) (value ? 1 : 0);
    }

    private static byte[] encode(AppendRequest m) {
        int size = 4 * 8 + 4;
        for (Entry entry : m.entries()) {
            size += ENTRY_HEAD + entry.data().length;
        }
        ByteBuffer out = head(APPEND_REQUEST, m.term(), size);
        out.putLong(m.round())
                .putLong(m.previousIndex())
                .putLong(m.previousTerm())
                .putLong(m.commit());
        out.putInt(m.entries().size());
        for (Entry entry : m.entries()) {
            out.putLong(entry.term()).put((byte) entry.kind().code());
            out.putLong(entry.origin()).putLong(entry.request());
            out.putInt(entry.data().length).put(entry.data());
        }
        return out.array();
    }

    private static byte[] encode(SnapshotRequest m) {
        byte[] configuration = m.meta().configuration().encode();
        ByteBuffer out = head(SNAPSHOT_REQUEST, m.term(), 5 * 8 + 12 + configuration.length + m.data().length);
        out.putLong(m.round()).putLong(m.meta().index()).putLong(m.meta().term());
        out.putInt(configuration.length).put(configuration);
        out.putLong(m.size()).putInt(m.checksum()).putLong(m.offset());
        out.putInt(m.data().length).put(m.data());
        return out.array();
    }

    /**
     * Reads a message.
     *
     * @throws RuntimeException if the bytes are not a message of a known version
     */
    public static Message decode(ByteBuffer in) {
        int version = in.get();
        if (version != VERSION) {
            throw new IllegalArgumentException("unknown version " + version + " of a message");
        }
        byte type = in.get();
        long term = in.getLong();
        return switch (type) {
            case VOTE_REQUEST -> new VoteRequest(term, in.get() == 1, in.get() == 1, in.getLong(), in.getLong());
            case VOTE_RESPONSE -> new VoteResponse(term, in.get() == 1, in.get() == 1);
            case APPEND_REQUEST -> appendRequest(term, in);
            case APPEND_RESPONSE -> new AppendResponse(term, in.getLong(), in.get() == 1, in.getLong(), in.getLong());
            case SNAPSHOT_REQUEST -> snapshotRequest(term, in);
            case SNAPSHOT_RESPONSE -> new SnapshotResponse(term, in.getLong(), in.getLong(), in.getLong());
            case TIMEOUT_NOW -> new TimeoutNow(term);
            default -> throw new IllegalArgumentException("unknown type " + type + " of a message");
        };
    }

    private static AppendRequest appendRequest(long term, ByteBuffer in) {
        long round = in.getLong();
        long previousIndex = in.getLong();
        long previousTerm = in.getLong();
        long commit = in.getLong();
        int count = in.getInt();
        List<Entry> entries = new ArrayList<>(Math.min(count, in.remaining() / ENTRY_HEAD));
        for (int i = 1; i <= count; i++) {
            long entryTerm = in.getLong();
            Entry.Kind kind = Entry.Kind.of(in.get());
            entries.add(new Entry(previousIndex + i, entryTerm, kind, in.getLong(), in.getLong(), bytes(in)));
        }
        return new AppendRequest(term, round, previousIndex, previousTerm, commit, entries);
    }

    private static SnapshotRequest snapshotRequest(long term, ByteBuffer in) {
        long round = in.getLong();
        long index = in.getLong();
        long indexTerm = in.getLong();
        Configuration configuration = Configuration.decode(bytes(in));
        return new SnapshotRequest(
                term,
                round,
                new SnapshotMeta(index, indexTerm, configuration),
                in.getLong(),
                in.getInt(),
                in.getLong(),
                bytes(in));
    }

    private static byte[] bytes(ByteBuffer in) {
        int length = in.getInt();
        if (length < 0 || length > in.remaining()) {
            throw new IllegalArgumentException("a field of " + length + " bytes in a message");
        }
        byte[] bytes = new byte[length];
        in.get(bytes);
        return bytes;
    }
}
