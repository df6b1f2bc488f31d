package io.wgfabric.simulation.world;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Random worlds, all invariants checked after every step. Many more: {@link Simulate}. */
class SimulationTest {
    private static final int SEEDS = 2_000;

    @Test
    void everyWorldKeepsItsInvariants_andRecovers() {
        Tally tally = Tally.none();
        for (long seed = 0; seed < SEEDS; seed++) {
            Run run = Simulation.run(Scenario.of(seed));
            Throwable violation = run.violation();
            if (violation != null) {
                throw new AssertionError("seed " + seed + ": " + violation.getMessage(), violation);
            }
            tally = tally.plus(run);
        }
        assertTrue(tally.commands() > 30 * SEEDS, "the worlds must not be idle: " + tally);
        assertTrue(tally.crashes() > 3 * SEEDS, "processes must end: " + tally);
        assertTrue(tally.elections() > 3 * SEEDS, "leaders must change: " + tally);
        assertTrue(tally.changes() > SEEDS, "the voters must change: " + tally);
        assertTrue(tally.reads() > SEEDS, "there must be reads: " + tally);
    }

    @Test
    void oneSeed_isOneStory() {
        for (long seed : new long[] {10, 20, 31, 42}) {
            Run first = Simulation.run(Scenario.of(seed));
            Run again = Simulation.run(Scenario.of(seed));
            assertEquals(first.trace(), again.trace(), "seed " + seed);
            assertEquals(first.virtualMillis(), again.virtualMillis(), "seed " + seed);
            assertNotEquals(first.trace(), Simulation.run(Scenario.of(seed + 1)).trace());
        }
    }

    @Test
    void anyPartOfTheActions_isAStoryToo() {
        Scenario whole = Scenario.of(7);
        for (int from = 0; from < whole.actions().size(); from += 50) {
            List<Action> part = whole.actions()
                    .subList(from, Math.min(from + 120, whole.actions().size()));
            assertNull(Simulation.run(whole.with(part)).violation(), "from " + from);
        }
    }

    @Test
    void theProgram_saysHowManyItRan_andRefusesWhatItDoesNotUnderstand() throws InterruptedException {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        PrintStream print = new PrintStream(out, true, StandardCharsets.UTF_8);
        assertEquals(0, Simulate.run(print, "--seeds", "1..6", "--threads", "2"));
        assertTrue(
                out.toString(StandardCharsets.UTF_8).contains("6 seeds, 3,000 steps"),
                out.toString(StandardCharsets.UTF_8));
        assertEquals(2, Simulate.run(print, "--seeds", "6..1"));
        assertEquals(2, Simulate.run(print, "--what"));
    }
}
