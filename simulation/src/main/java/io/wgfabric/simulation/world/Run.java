package io.wgfabric.simulation.world;

import org.jspecify.annotations.Nullable;

/**
 * What came of a scenario.
 *
 * @param steps actions that happened
 * @param virtualMillis how long it took in there
 * @param commands that were committed
 * @param crashes ends of processes
 * @param elections terms that had a leader
 * @param changes of the voters that were confirmed
 * @param reads that were confirmed
 * @param trace a hash over all that happened
 * @param violation what did not hold, or null
 */
public record Run(
        long seed,
        int steps,
        long virtualMillis,
        long commands,
        int crashes,
        int elections,
        int changes,
        int reads,
        long trace,
        @Nullable Throwable violation) {}
