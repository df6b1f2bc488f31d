package io.wgfabric.simulation.history;

import org.jspecify.annotations.Nullable;

/**
 * What an object does if it is asked one thing at a time: the specification that a history is held against.
 *
 * @param <S> an immutable state with {@code equals} and {@code hashCode}
 * @param <I> what is asked
 * @param <O> what is answered
 */
public interface Model<S, I, O> {

    S initial();

    /**
     * One operation, alone.
     *
     * @param output what was answered; null if that is not known: then every answer is possible, so this is not refused
     * @return the state after it; null if this is no possible answer in this state
     */
    @Nullable S step(S state, I input, @Nullable O output);
}
