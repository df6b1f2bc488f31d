package io.wgfabric.jgroups.scenario;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.wgfabric.jgroups.scenario.Violated.Kind;
import java.io.OutputStream;
import java.io.PrintStream;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;

/** jgroups-raft 1.1.4 itself, in the same scenarios: each breaks the promise that it is said to break. */
class StockFailsTest {

    @TestFactory
    Stream<DynamicTest> stockBreaksItsPromise(@TempDir(factory = InMemory.class) Path directory) {
        Class<? extends Scenarios> elections = ElectionScenariosTest.class;
        Class<? extends Scenarios> logs = LogScenariosTest.class;
        Class<? extends Scenarios> snapshots = SnapshotScenariosTest.class;
        Class<? extends Scenarios> membership = MembershipScenariosTest.class;
        Class<? extends Scenarios> operation = OperationScenariosTest.class;
        return Stream.of(
                fails(directory, elections, "s01", Kind.TWO_LEADERS, Kind.MINORITY, Kind.DIVERGED),
                fails(directory, elections, "s03", Kind.TWO_LEADERS),
                fails(directory, elections, "s04", Kind.LOST),
                fails(directory, elections, "s05", Kind.TWO_LEADERS),
                fails(directory, elections, "s06", Kind.LOST, Kind.DIVERGED),
                fails(directory, logs, "s07", Kind.DIVERGED),
                fails(directory, logs, "s08", Kind.LOST, Kind.MINORITY),
                fails(directory, logs, "s09", Kind.DIVERGED),
                fails(directory, logs, "s10", Kind.LOST, Kind.MINORITY),
                fails(directory, snapshots, "s11", Kind.DELETED),
                fails(directory, snapshots, "s12", Kind.LOST),
                fails(directory, snapshots, "s13", Kind.DIVERGED),
                fails(directory, membership, "s14", Kind.MINORITY),
                fails(directory, membership, "s15", Kind.LOST, Kind.DIVERGED),
                fails(directory, membership, "s16", Kind.STUCK),
                fails(directory, elections, "s17", Kind.STUCK),
                fails(directory, operation, "s18_aLeaderWhoseDiskIsFull", Kind.DIVERGED),
                fails(directory, operation, "s18_aLeaderWhoseDiskFails", Kind.STUCK),
                fails(directory, operation, "s19", Kind.STALE_READ, Kind.MINORITY),
                fails(directory, operation, "t01", Kind.LOST, Kind.MINORITY),
                fails(directory, snapshots, "t02", Kind.LOST),
                fails(directory, membership, "t06", Kind.STUCK));
    }

    private static DynamicTest fails(Path directory, Class<? extends Scenarios> group, String prefix, Kind... kinds) {
        List<Method> found = Arrays.stream(group.getDeclaredMethods())
                .filter(method -> method.getName().startsWith(prefix) && method.isAnnotationPresent(Test.class))
                .toList();
        assertEquals(1, found.size(), prefix);
        Method scenario = found.get(0);
        return DynamicTest.dynamicTest(scenario.getName(), () -> {
            Scenarios with = group.getDeclaredConstructor().newInstance();
            with.begin(directory.resolve(prefix), StockMember::new);
            try {
                Violated violated = play(with, scenario);
                assertTrue(violated.kinds().containsAll(List.of(kinds)), violated.toString());
            } finally {
                with.end();
            }
        });
    }

    private static Violated play(Scenarios with, Method scenario) throws Throwable {
        PrintStream err = System.err;
        System.setErr(new PrintStream(OutputStream.nullOutputStream())); // it prints what it swallows
        try {
            scenario.invoke(with);
        } catch (InvocationTargetException thrown) {
            if (thrown.getCause() instanceof Violated violated) {
                return violated;
            }
            throw thrown.getCause();
        } finally {
            System.setErr(err);
        }
        throw new AssertionError("stock has kept its promise");
    }

    /** A request that was forwarded to a leader that dies neither succeeds nor fails. */
    @Test
    void s20_aForwardedRequestWhoseLeaderDies_neverEnds(@TempDir(factory = InMemory.class) Path directory) {
        try (Ensemble ensemble = new Ensemble(directory, StockMember::new)) {
            ensemble.found("A", "B", "C");
            Request forwarded = ensemble.propose("B", "forwarded");
            ensemble.crash("A");
            ensemble.elect("B", "C");
            ensemble.pass(60_000);
            ensemble.mustEnd(forwarded);
            Violated violated = assertThrows(Violated.class, ensemble::verify);
            assertEquals(Set.of(Kind.HANGS), violated.kinds());
        }
    }
}
