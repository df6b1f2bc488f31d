package io.wgfabric.jgroups.stack;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.wgfabric.jgroups.Golden;
import io.wgfabric.jgroups.raft.Effects.Refusal;
import io.wgfabric.jgroups.raft.Message;
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

/** Managers of two versions understand each other: every frame is read and written as ever. */
class GoldenFrameTest {

    /** A new frame needs an entry here. */
    private static Map<String, Frame> examples() {
        byte[] bytes = "some bytes".getBytes(StandardCharsets.US_ASCII);
        return new TreeMap<>(Map.of(
                "Consensus", new Frame.Consensus(new Message.TimeoutNow(5)),
                "Forward", new Frame.Forward(5, 6, 7, bytes),
                "Refused", new Frame.Refused(5, 7),
                "Ask", new Frame.Ask(7, Question.Kind.ADD_VOTER, "nü2"),
                "Ask-read", new Frame.Ask(7, Question.Kind.READ, ""),
                "Told", new Frame.Told(7, null, 9),
                "Told-refusal", new Frame.Told(7, Refusal.NOT_READY, 0),
                "Datagram", new Frame.Datagram(bytes)));
    }

    static Stream<String> names() {
        return examples().keySet().stream();
    }

    @ParameterizedTest
    @MethodSource("names")
    void frameIsReadAndWrittenAsEver(String name) {
        Frame value = Objects.requireNonNull(examples().get(name));
        byte[] pinned = Golden.check("frame/" + name, value, Frame.encode(value));
        assertEquals(Golden.describe(value), Golden.describe(Frame.decode(pinned, 0, pinned.length)));
    }

    @Test
    void everyFrameIsPinned() {
        Set<Class<?>> seen = examples().values().stream().map(Object::getClass).collect(Collectors.toSet());
        assertEquals(Set.of(Frame.class.getPermittedSubclasses()), seen);
        assertEquals(new TreeSet<>(examples().keySet()), new TreeSet<>(Golden.names("frame")));
    }

    @Test
    void codesStay() {
        assertEquals(
                List.of("READ 1", "ADD_VOTER 2", "REMOVE_VOTER 3"),
                Arrays.stream(Question.Kind.values())
                        .map(kind -> kind + " " + kind.code())
                        .toList());
        assertEquals(
                List.of("NOT_LEADER 1", "BUSY 2", "NOT_READY 3", "LAST_VOTER 4", "IS_LEADER 5"),
                Arrays.stream(Refusal.values())
                        .map(refusal -> refusal + " " + refusal.code())
                        .toList());
    }

    /** JGroups writes the number of the header before every frame. */
    @Test
    void headerKeepsItsNumberAndIsEmpty() {
        assertEquals(7351, new FabricHeader().getMagicId());
        assertEquals(0, new FabricHeader().serializedSize());
    }
}
