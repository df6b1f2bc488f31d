package io.wgfabric.simulation.world;

import java.util.Locale;

/** The sum of many runs. Immutable. */
public record Tally(
        long seeds,
        long steps,
        long virtualMillis,
        long commands,
        long crashes,
        long elections,
        long changes,
        long reads,
        long violations) {

    public static Tally none() {
        return new Tally(0, 0, 0, 0, 0, 0, 0, 0, 0);
    }

    public Tally plus(Run run) {
        return new Tally(
                seeds + 1,
                steps + run.steps(),
                virtualMillis + run.virtualMillis(),
                commands + run.commands(),
                crashes + run.crashes(),
                elections + run.elections(),
                changes + run.changes(),
                reads + run.reads(),
                violations + (run.violation() == null ? 0 : 1));
    }

    @Override
    public String toString() {
        return String.format(
                Locale.ROOT,
                "%,d seeds, %,d steps, %.1f virtual hours, %,d entries committed, %,d crashes, %,d elections,"
                        + " %,d changes of the voters, %,d reads, %,d violations",
                seeds,
                steps,
                virtualMillis / 3_600_000.0,
                commands,
                crashes,
                elections,
                changes,
                reads,
                violations);
    }
}
