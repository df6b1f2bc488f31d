package io.wgfabric.jgroups.raft;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.nio.ByteBuffer;
import java.util.List;
import org.junit.jupiter.api.Test;

class MessageCodecTest {
    private static final List<Message> EXAMPLES = List.of(
            new Message.VoteRequest(1, true, false, 2, 3),
            new Message.VoteResponse(4, false, true),
            new Message.AppendRequest(
                    5,
                    6,
                    7,
                    8,
                    9,
                    List.of(new Entry(8, 5, Entry.Kind.COMMAND, 1, 2, new byte[] {1, 2}), Entry.noop(9, 5))),
            new Message.AppendResponse(10, 11, true, 12, 13),
            new Message.SnapshotRequest(
                    14, 15, new SnapshotMeta(16, 17, Configuration.of(List.of("a", "ü"))), 18, -25, 19, new byte[] {4}),
            new Message.SnapshotResponse(20, 21, 22, 23),
            new Message.TimeoutNow(24));

    @Test
    void everyMessage_comesBackAsItWas() {
        for (Message message : EXAMPLES) {
            byte[] bytes = MessageCodec.encode(message);
            Message decoded = MessageCodec.decode(ByteBuffer.wrap(bytes));
            assertArrayEquals(bytes, MessageCodec.encode(decoded));
            assertEquals(message.getClass(), decoded.getClass());
            assertEquals(message.term(), decoded.term());
        }
    }

    @Test
    void shortAndForeignBytes_areRefused() {
        for (Message message : EXAMPLES) {
            byte[] bytes = MessageCodec.encode(message);
            for (int length = 0; length < bytes.length; length++) {
                ByteBuffer cut = ByteBuffer.wrap(bytes, 0, length);
                assertThrows(RuntimeException.class, () -> MessageCodec.decode(cut));
            }
            bytes[0] = 2;
            assertThrows(IllegalArgumentException.class, () -> MessageCodec.decode(ByteBuffer.wrap(bytes)));
        }
    }
}
