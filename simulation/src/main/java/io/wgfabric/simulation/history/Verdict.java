package io.wgfabric.simulation.history;

import java.util.List;

/** What a {@link Checker} found out about a history. */
public sealed interface Verdict<I, O> {

    /**
     * It could have happened one at a time.
     *
     * @param order in this order; an indeterminate operation that is not in it never took effect
     */
    record Linearizable<I, O>(List<Operation<I, O>> order) implements Verdict<I, O> {}

    /**
     * It could not.
     *
     * @param order the longest beginning that was possible
     * @param stuck those of which one would have had to be next, and none could be
     */
    record Violated<I, O>(List<Operation<I, O>> order, List<Operation<I, O>> stuck) implements Verdict<I, O> {}

    /** The budget ended first. */
    record Undecided<I, O>(long steps) implements Verdict<I, O> {}
}
