package io.wgfabric.jgroups.raft;

import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

/**
 * The core in random worlds, all safety properties checked at every step. More with {@code -Draft.seeds=100000}, one
 * with {@code -Draft.seed=42}.
 */
class SimulationTest {
    private static final int STEPS = 2500;

    @Test
    void safetyHoldsInEveryWorld_andEveryWorldRecovers() {
        Long only = Long.getLong("raft.seed");
        long seeds = Long.getLong("raft.seeds", 1500);
        long committed = 0;
        long changes = 0;
        if (only != null) {
            live(only);
            return;
        }
        for (long seed = 0; seed < seeds; seed++) {
            World world = live(seed);
            committed += world.highest();
            changes += world.changes();
        }
        assertTrue(committed > 50 * seeds, "the worlds must not be idle: " + committed);
        assertTrue(changes > seeds, "the voters must change: " + changes);
    }

    private static World live(long seed) {
        World world = new World(seed);
        try {
            for (int step = 0; step < STEPS; step++) {
                world.happen();
            }
            world.calm();
            return world;
        } catch (AssertionError | RuntimeException e) {
            throw new AssertionError("seed " + seed + ": " + e.getMessage(), e);
        }
    }
}
