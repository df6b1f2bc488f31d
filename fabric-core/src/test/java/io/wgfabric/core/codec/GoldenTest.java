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

    @Test
    void snapshotIsReadAndWrittenAsEver() {
        State value = GoldenState.state();
        byte[] now = Codec.encode(value);
        State read = Codec.decodeState(Golden.read("snapshot/state-1", now));
        assertEquals(value, read);
        Golden.check("snapshot/state-1", now);
        Bytes before = Bytes.of(new byte[32]);
        for (var entry : read.auditEntries()) {
            assertTrue(AuditChain.verifies(before, entry), "the hash of entry " + entry.number());
            before = entry.hash();
        }
    }

    @Test
    void snapshotAfterARotationOfTheSealingKeyIsReadAndWrittenAsEver() {
        State value = GoldenState.sealed();
        byte[] now = Codec.encode(value);
        assertEquals(value, Codec.decodeState(Golden.read("snapshot/state-1-sealing", now)));
        Golden.check("snapshot/state-1-sealing", now);
    }

    @Test
    void snapshotWithWhatCameWithApprovalIsReadAndWrittenAsEver() {
        State value = GoldenState.membership();
        byte[] now = Codec.encode(value);
        assertEquals(value, Codec.decodeState(Golden.read("snapshot/state-1-membership", now)));
        Golden.check("snapshot/state-1-membership", now);
    }

    @Test
    void snapshotDuringARotationOfASigningKeyIsReadAndWrittenAsEver() {
        State value = GoldenState.signing();
        byte[] now = Codec.encode(value);
        assertEquals(value, Codec.decodeState(Golden.read("snapshot/state-1-signing", now)));
        Golden.check("snapshot/state-1-signing", now);
    }

    @Test
    void snapshotWithHubsAndRoutesIsReadAndWrittenAsEver() {
        State value = GoldenState.routing();
        byte[] now = Codec.encode(value);
        assertEquals(value, Codec.decodeState(Golden.read("snapshot/state-1-routing", now)));
        Golden.check("snapshot/state-1-routing", now);
    }

    @Test
    void snapshotWithPresharedKeysIsReadAndWrittenAsEver() {
        State value = GoldenState.preshared();
        byte[] now = Codec.encode(value);
        assertEquals(value, Codec.decodeState(Golden.read("snapshot/state-1-preshared", now)));
        Golden.check("snapshot/state-1-preshared", now);
    }

    @Test
    void netmapOfHubsAndRoutesIsReadAndWrittenAsEver() {
        Netmap value = GoldenValues.netmapOfHubs();
        byte[] now = Json.mapper().writeValueAsBytes(value);
        assertEquals(value, Json.mapper().readValue(Golden.read("netmap/netmap-1-hubs", now), Netmap.class));
        Golden.check("netmap/netmap-1-hubs", now);
    }

    @Test
    void netmapOfASpokeIsReadAndWrittenAsEver() {
        Netmap value = GoldenValues.netmapOfASpoke();
        byte[] now = Json.mapper().writeValueAsBytes(value);
        assertEquals(value, Json.mapper().readValue(Golden.read("netmap/netmap-1-spoke", now), Netmap.class));
        Golden.check("netmap/netmap-1-spoke", now);
    }

    @Test
    void netmapAfterARotationOfItsKeyIsReadAndWrittenAsEver() {
        Netmap value = GoldenValues.resignedNetmap();
        byte[] now = Json.mapper().writeValueAsBytes(value);
        assertEquals(value, Json.mapper().readValue(Golden.read("netmap/netmap-1-signer", now), Netmap.class));
        Golden.check("netmap/netmap-1-signer", now);
    }

    @Test
    void netmapDuringARotationOfTheAuthorityIsReadAndWrittenAsEver() {
        Netmap value = GoldenValues.netmapOfTwoAuthorities();
        byte[] now = Json.mapper().writeValueAsBytes(value);
        assertEquals(value, Json.mapper().readValue(Golden.read("netmap/netmap-1-authorities", now), Netmap.class));
        Golden.check("netmap/netmap-1-authorities", now);
    }

    @Test
    void netmapIsReadAndWrittenAsEver() {
        Netmap value = GoldenValues.netmap();
        byte[] now = Json.mapper().writeValueAsBytes(value);
        assertEquals(value, Json.mapper().readValue(Golden.read("netmap/netmap-1", now), Netmap.class));
        Golden.check("netmap/netmap-1", now);
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
        Set<String> values = commandNames().map(name -> "command/" + name).collect(Collectors.toSet());
        assertEquals(Set.of(), minus(files, values), "what was pinned keeps its value");
        Set<String> outcomes = outcomeNames().map(name -> "outcome/" + name).collect(Collectors.toSet());
        assertEquals(Set.of(), minus(Golden.names("outcome"), outcomes), "what was pinned keeps its value");
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
        coverage.look(GoldenValues.netmap());
        coverage.look(GoldenState.state());
        coverage.look(GoldenState.sealed());
        coverage.look(GoldenState.membership());
        coverage.look(GoldenState.signing());
        coverage.look(GoldenState.routing());
        coverage.look(GoldenState.preshared());
        coverage.look(GoldenValues.netmapOfHubs());
        coverage.look(GoldenValues.netmapOfASpoke());
        coverage.look(GoldenValues.resignedNetmap());
        coverage.look(GoldenValues.netmapOfTwoAuthorities());
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
