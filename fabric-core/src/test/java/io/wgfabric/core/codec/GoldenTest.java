package io.wgfabric.core.codec;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.annotation.JsonSubTypes;
import io.wgfabric.api.Bytes;
import io.wgfabric.api.Command;
import io.wgfabric.api.Event;
import io.wgfabric.api.Outcome;
import io.wgfabric.api.Rejection;
import io.wgfabric.core.netmap.Netmap;
import io.wgfabric.core.state.AuditChain;
import io.wgfabric.core.state.Envelope;
import io.wgfabric.core.state.GoldenState;
import io.wgfabric.core.state.State;
import java.lang.reflect.RecordComponent;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What was once written to a log, a snapshot or the network is read, and written in the same bytes, for ever. */
class GoldenTest {

    static Stream<String> commandNames() {
        return GoldenValues.commands().keySet().stream();
    }

    static Stream<String> outcomeNames() {
        return GoldenValues.outcomes().keySet().stream();
    }

    static Stream<String> snapshotNames() {
        return GoldenState.all().keySet().stream();
    }

    static Stream<String> netmapNames() {
        return GoldenValues.netmaps().keySet().stream();
    }

    @ParameterizedTest
    @MethodSource("commandNames")
    void commandIsReadAndWrittenAsEver(String name) {
        Envelope value = GoldenValues.envelope(value(GoldenValues.commands(), name));
        byte[] now = Codec.encode(value);
        assertEquals(value, Codec.decodeEnvelope(Golden.read("command/" + name, now)));
        Golden.check("command/" + name, now);
    }

    @ParameterizedTest
    @MethodSource("outcomeNames")
    void outcomeIsReadAndWrittenAsEver(String name) {
        Outcome value = value(GoldenValues.outcomes(), name);
        byte[] now = Codec.encode(value);
        assertEquals(value, Codec.decodeOutcome(Golden.read("outcome/" + name, now)));
        Golden.check("outcome/" + name, now);
    }

    @ParameterizedTest
    @MethodSource("snapshotNames")
    void snapshotIsReadAndWrittenAsEver(String name) {
        State value = value(GoldenState.all(), name);
        byte[] now = Codec.encode(value);
        assertEquals(value, Codec.decodeState(Golden.read("snapshot/" + name, now)));
        Golden.check("snapshot/" + name, now);
    }

    @ParameterizedTest
    @MethodSource("snapshotNames")
    void auditChainOfASnapshotVerifies(String name) {
        byte[] now = Codec.encode(value(GoldenState.all(), name));
        Bytes before = Bytes.of(new byte[32]);
        for (var entry : Codec.decodeState(Golden.read("snapshot/" + name, now)).auditEntries()) {
            assertTrue(AuditChain.verifies(before, entry), "the hash of entry " + entry.number());
            before = entry.hash();
        }
    }

    @ParameterizedTest
    @MethodSource("netmapNames")
    void netmapIsReadAndWrittenAsEver(String name) {
        Netmap value = value(GoldenValues.netmaps(), name);
        byte[] now = Json.mapper().writeValueAsBytes(value);
        assertEquals(value, Json.mapper().readValue(Golden.read("netmap/" + name, now), Netmap.class));
        Golden.check("netmap/" + name, now);
    }

    /** It is in snapshots, so that a repeat is known as one by the next version of the program too. */
    @Test
    void fingerprintStays() {
        assertEquals(
                "674be5894f238083353e145e7640dacf9c6f7f9f6a3756ff1d94837cc9ae68ca",
                Codec.fingerprint(GoldenValues.envelope(value(GoldenValues.commands(), "revoke-token-1")))
                        .hex());
    }

    @Test
    void everyTagHasAGoldenFileAndEveryGoldenFileAValue() {
        TreeSet<String> tags = new TreeSet<>();
        for (JsonSubTypes.Type type :
                TypeTags.Commands.class.getAnnotation(JsonSubTypes.class).value()) {
            tags.add("command/" + type.name().replace('/', '-'));
        }
        SortedSet<String> files = Golden.names("command");
        assertTrue(files.containsAll(tags), () -> "golden files are missing: " + minus(tags, files));
        assertPinned("command", commandNames());
        assertPinned("outcome", outcomeNames());
        assertPinned("snapshot", snapshotNames());
        assertPinned("netmap", netmapNames());
    }

    private static void assertPinned(String folder, Stream<String> values) {
        Set<String> names = values.map(name -> folder + "/" + name).collect(Collectors.toSet());
        assertEquals(Set.of(), minus(Golden.names(folder), names), "what was pinned keeps its value");
    }

    @Test
    void everyCommandEventAndOutcomeIsPinned() {
        Set<Class<?>> seen = new HashSet<>();
        for (Command command : GoldenValues.commands().values()) {
            seen.add(command.getClass());
        }
        for (Outcome outcome : GoldenValues.outcomes().values()) {
            seen.add(outcome.getClass());
            if (outcome instanceof Outcome.Accepted accepted) {
                accepted.events().forEach(event -> seen.add(event.getClass()));
            }
        }
        for (Class<?> sealed : List.of(Command.class, Event.class, Outcome.class)) {
            kinds(sealed)
                    .forEach(type -> assertTrue(seen.contains(type), "GoldenValues has no " + type.getSimpleName()));
        }
        assertEquals(
                kinds(Command.class).collect(Collectors.toSet()),
                Arrays.stream(TypeTags.Commands.class
                                .getAnnotation(JsonSubTypes.class)
                                .value())
                        .map(JsonSubTypes.Type::value)
                        .collect(Collectors.toSet()),
                "each command has a tag, and each tag a command");
    }

    /** The records of a sealed interface, also those of sealed interfaces under it. */
    private static Stream<Class<?>> kinds(Class<?> type) {
        return type.isSealed() ? Stream.of(type.getPermittedSubclasses()).flatMap(GoldenTest::kinds) : Stream.of(type);
    }

    @Test
    void goldenValuesHaveEveryPartSetAndEveryPartThatMayBeNullLeftOut() {
        Coverage coverage = new Coverage();
        GoldenValues.commands().values().forEach(command -> coverage.look(GoldenValues.envelope(command)));
        GoldenValues.outcomes().values().forEach(coverage::look);
        coverage.look(GoldenValues.netmaps());
        coverage.look(GoldenState.all());
        assertEquals(List.of(), coverage.missing());
    }

    /** Written by name, so a name that goes makes a log unreadable. */
    @Test
    void namesOfConstantsStay() {
        byte[] now = Json.mapper()
                .writeValueAsBytes(
                        Arrays.stream(Rejection.Reason.values()).map(Enum::name).toList());
        String[] pinned = Json.mapper().readValue(Golden.read("names/reasons", now), String[].class);
        for (String name : pinned) {
            assertEquals(name, Rejection.Reason.valueOf(name).name());
        }
        assertFalse(pinned.length < 24);
    }

    private static <T> T value(Map<String, T> values, String name) {
        T value = values.get(name);
        if (value == null) {
            throw new AssertionError("no value " + name);
        }
        return value;
    }

    private static Set<String> minus(Set<String> all, Set<String> without) {
        TreeSet<String> left = new TreeSet<>(all);
        left.removeAll(without);
        return left;
    }

    /** Which parts of the fabric's records were seen with a value and, where they may be null, without. */
    private static final class Coverage {
        private final Set<RecordComponent> parts = new HashSet<>();
        private final Set<String> set = new HashSet<>();
        private final Set<String> unset = new HashSet<>();

        void look(@Nullable Object value) {
            if (value instanceof Collection<?> items) {
                items.forEach(this::look);
            } else if (value instanceof Map<?, ?> map) {
                look(map.keySet());
                look(map.values());
            } else if (value instanceof Record record
                    && record.getClass().getName().startsWith("io.wgfabric")) {
                for (RecordComponent part : record.getClass().getRecordComponents()) {
                    parts.add(part);
                    Object found = valueOf(part, record);
                    (found == null || isEmpty(found) ? unset : set).add(name(part));
                    look(found);
                }
            }
        }

        private static boolean isEmpty(Object value) {
            return (value instanceof Collection<?> items && items.isEmpty())
                    || (value instanceof Map<?, ?> map && map.isEmpty())
                    || (value instanceof String text && text.isEmpty());
        }

        private static @Nullable Object valueOf(RecordComponent part, Record record) {
            try {
                part.getAccessor().setAccessible(true);
                return part.getAccessor().invoke(record);
            } catch (ReflectiveOperationException e) {
                throw new LinkageError(e.getMessage(), e);
            }
        }

        private static String name(RecordComponent part) {
            return part.getDeclaringRecord().getSimpleName() + "." + part.getName();
        }

        List<String> missing() {
            List<String> missing = new ArrayList<>();
            for (RecordComponent part : parts) {
                if (!set.contains(name(part))) {
                    missing.add(name(part) + " is never set");
                }
                boolean nullable = part.getAnnotatedType().isAnnotationPresent(Nullable.class);
                // A state before its cluster is no golden file; all others are.
                if (nullable && !unset.contains(name(part)) && !name(part).equals("State.cluster")) {
                    missing.add(name(part) + " is never null");
                }
            }
            return missing;
        }
    }
}
