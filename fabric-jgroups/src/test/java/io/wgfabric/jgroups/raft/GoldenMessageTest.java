package io.wgfabric.jgroups.raft;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.wgfabric.jgroups.Golden;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Managers of two versions understand each other: every message is read and written as ever. */
class GoldenMessageTest {
    private static final Configuration CONFIGURATION = Configuration.of(List.of("n1", "n2", "ü3"));

    private static final List<Entry> ENTRIES = List.of(
            Entry.noop(8, 5),
            new Entry(9, 5, Entry.Kind.COMMAND, 0x0102030405060708L, 7, text("a command")),
            Entry.configuration(10, 5, CONFIGURATION),
            new Entry(11, 5, Entry.Kind.INTERNAL, 0, 0, text("internal")));

    private static byte[] text(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }

    /** A new message needs an entry here. */
    private static Map<String, Message> examples() {
        return new TreeMap<>(Map.of(
                "VoteRequest", new Message.VoteRequest(5, true, false, 6, 4),
                "VoteRequest-transfer", new Message.VoteRequest(5, false, true, 6, 4),
                "VoteResponse", new Message.VoteResponse(5, false, true),
                "AppendRequest", new Message.AppendRequest(5, 6, 7, 4, 3, ENTRIES),
                "AppendRequest-heartbeat", new Message.AppendRequest(5, 6, 7, 4, 7, List.of()),
                "AppendResponse", new Message.AppendResponse(5, 6, true, 11, 2),
                "SnapshotRequest",
                        new Message.SnapshotRequest(
                                5, 6, new SnapshotMeta(7, 4, CONFIGURATION), 1000, 0x01020304, 500, text("a piece")),
                "SnapshotResponse", new Message.SnapshotResponse(5, 6, 7, 507),
                "TimeoutNow", new Message.TimeoutNow(5)));
    }

    static Stream<String> names() {
        return examples().keySet().stream();
    }

    @ParameterizedTest
    @MethodSource("names")
    void messageIsReadAndWrittenAsEver(String name) {
        Message value = Objects.requireNonNull(examples().get(name));
        byte[] pinned = Golden.check("message/" + name, value, MessageCodec.encode(value));
        assertEquals(Golden.describe(value), Golden.describe(MessageCodec.decode(ByteBuffer.wrap(pinned))));
    }

    @Test
    void everyMessageIsPinned() {
        Set<Class<?>> seen = examples().values().stream().map(Object::getClass).collect(Collectors.toSet());
        assertEquals(Set.of(Message.class.getPermittedSubclasses()), seen);
        assertEquals(new TreeSet<>(examples().keySet()), new TreeSet<>(Golden.names("message")));
        assertEquals(
                Set.of(Entry.Kind.values()), ENTRIES.stream().map(Entry::kind).collect(Collectors.toSet()));
    }

    @Test
    void codesOfEntriesStay() {
        assertEquals(
                List.of("NOOP 0", "COMMAND 1", "CONFIGURATION 2", "INTERNAL 3"),
                Arrays.stream(Entry.Kind.values())
                        .map(kind -> kind + " " + kind.code())
                        .toList());
    }
}
