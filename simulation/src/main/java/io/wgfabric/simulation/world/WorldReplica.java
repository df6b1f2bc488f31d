package io.wgfabric.simulation.world;

import io.wgfabric.core.log.Replica;
import io.wgfabric.core.state.State;

/** A replica whose state the checkers can compare. */
interface WorldReplica extends Replica {

    /** A number that stands for the state. */
    long digest();

    /** The fabric's state; an empty one where there is no fabric. */
    default State state() {
        return State.empty();
    }

    @Override
    default void halted(Throwable cause) {
        // the world sees it first
    }
}
