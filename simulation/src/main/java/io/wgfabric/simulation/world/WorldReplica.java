package io.wgfabric.simulation.world;

import io.wgfabric.core.log.Replica;

/** A replica whose state the checkers can compare. */
interface WorldReplica extends Replica {

    /** The last index that was applied to it, and a number that stands for the state. */
    long digest();

    @Override
    default void halted(Throwable cause) {
        // the world sees it first
    }
}
