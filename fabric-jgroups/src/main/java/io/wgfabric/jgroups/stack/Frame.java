package io.wgfabric.jgroups.stack;

import io.wgfabric.jgroups.raft.Effects.Refusal;
import io.wgfabric.jgroups.raft.Message;
import io.wgfabric.jgroups.raft.MessageCodec;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/**
 * What one member's protocol sends to another's: a version (1 byte), a type (1 byte), then the fields of the record,
 * big-endian, the variable one last. Decoding makes nothing but these records; nothing is deserialised by Java.
 */
public sealed interface Frame {

    /** A message of the consensus core. */
    record Consensus(Message message) implements Frame {}

    /** A command for the leader of a term. */
    @SuppressWarnings("ArrayRecordComponent") // shared bytes, never compared
    record Forward(long term, long origin, long request, byte[] command) implements Frame {}

    /** The leader did not append a forwarded command, and never will. */
    record Refused(long term, long request) implements Frame {}

    /** A read or a change of the voters, for the leader. */
    record Ask(long request, Question.Kind kind, String member) implements Frame {}

    /** Answers an {@link Ask}: the index to wait for, or why not. */
    record Told(long request, @Nullable Refusal refusal, long index) implements Frame {}

    /** Bytes of the application; may be lost. */
    @SuppressWarnings("ArrayRecordComponent") // shared bytes, never compared
    record Datagram(byte[] bytes) implements Frame {}

    byte VERSION = 1;

    static byte[] encode(Frame frame) {
        if (frame instanceof Consensus f) {
            return bytes(1, MessageCodec.encode(f.message()));
        } else if (frame instanceof Forward f) {
            return bytes(2, f.command(), f.term(), f.origin(), f.request());
        } else if (frame instanceof Refused f) {
            return bytes(3, new byte[0], f.term(), f.request());
        } else if (frame instanceof Ask f) {
            return bytes(
                    4,
                    f.member().getBytes(StandardCharsets.UTF_8),
                    f.request(),
                    f.kind().code());
        } else if (frame instanceof Told f) {
            Refusal refusal = f.refusal();
            return bytes(5, new byte[0], f.request(), refusal == null ? 0 : refusal.code(), f.index());
        } else if (frame instanceof Datagram f) {
            return bytes(6, f.bytes());
        }
        throw new IllegalArgumentException("unknown frame " + frame);
    }

    private static byte[] bytes(int type, byte[] last, long... numbers) {
        byte[] bytes = new byte[2 + 8 * numbers.length + last.length];
        ByteBuffer out = ByteBuffer.wrap(bytes).put(VERSION).put((byte) type);
        for (long number : numbers) {
            out.putLong(number);
        }
        out.put(last);
        return bytes;
    }

    /**
     * Reads a frame.
     *
     * @throws RuntimeException if the bytes are not a frame of a known version
     */
    static Frame decode(byte[] bytes, int offset, int length) {
        ByteBuffer in = ByteBuffer.wrap(bytes, offset, length);
        int version = in.get();
        if (version != VERSION) {
            throw new IllegalArgumentException("unknown version " + version + " of a frame");
        }
        int type = in.get();
        return switch (type) {
            case 1 -> new Consensus(MessageCodec.decode(in));
            case 2 -> new Forward(in.getLong(), in.getLong(), in.getLong(), rest(in));
            case 3 -> new Refused(in.getLong(), in.getLong());
            case 4 -> new Ask(in.getLong(), kind(in.getLong()), new String(rest(in), StandardCharsets.UTF_8));
            case 5 -> new Told(in.getLong(), refusal(in.getLong()), in.getLong());
            case 6 -> new Datagram(rest(in));
            default -> throw new IllegalArgumentException("unknown type " + type + " of a frame");
        };
    }

    private static byte[] rest(ByteBuffer in) {
        byte[] rest = new byte[in.remaining()];
        in.get(rest);
        return rest;
    }

    private static Question.Kind kind(long code) {
        for (Question.Kind kind : Question.Kind.values()) {
            if (kind.code() == code) {
                return kind;
            }
        }
        throw new IllegalArgumentException("unknown kind of question " + code);
    }

    private static @Nullable Refusal refusal(long code) {
        for (Refusal refusal : Refusal.values()) {
            if (refusal.code() == code) {
                return refusal;
            }
        }
        return null;
    }
}
