package io.wgfabric.scale.agents;

import java.util.concurrent.atomic.LongAdder;

/** What happened to all agents together. */
final class Counts {
    /** Attempts to open a stream. */
    final LongAdder opened = new LongAdder();

    /** Streams that a manager refused. */
    final LongAdder refused = new LongAdder();

    /** Streams that were silent for too long. */
    final LongAdder silences = new LongAdder();

    final LongAdder deltas = new LongAdder();

    /** Full configurations. */
    final LongAdder fulls = new LongAdder();

    /** Deltas that did not lead on, of the agents that verify. */
    final LongAdder gaps = new LongAdder();

    /** What those agents did not believe. */
    final LongAdder disbelieved = new LongAdder();

    /** Nodes that were told to be no member any more. */
    final LongAdder gone = new LongAdder();

    final LongAdder characters = new LongAdder();

    final LongAdder beats = new LongAdder();

    /** Heartbeats that no manager took. */
    final LongAdder lostBeats = new LongAdder();
}
