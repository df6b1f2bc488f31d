package io.wgfabric.simulation.history;

import org.jspecify.annotations.Nullable;

/**
 * What one process asked for and what it was told. An operation whose answer never came is indeterminate: it may take
 * effect at any time after it was invoked, or never.
 *
 * @param process who asked, for people
 * @param invoked when it was asked, by a clock that all processes share; the unit does not matter
 * @param returned when the answer was there, not before {@code invoked}; {@link #NEVER} if none came
 * @param output the answer; null exactly where none came
 */
public record Operation<I, O>(
        String process,
        long invoked,
        long returned,
        I input,
        @Nullable O output) {
    /** The return time of what never returned. */
    public static final long NEVER = Long.MAX_VALUE;

    public Operation {
        if (returned < invoked) {
            throw new IllegalArgumentException("an operation cannot return before it is invoked");
        }
        if ((returned == NEVER) != (output == null)) {
            throw new IllegalArgumentException("an operation has an answer exactly if it has returned");
        }
    }

    public static <I, O> Operation<I, O> of(String process, long invoked, long returned, I input, O output) {
        return new Operation<>(process, invoked, returned, input, output);
    }

    /** One that never returned. */
    public static <I, O> Operation<I, O> indeterminate(String process, long invoked, I input) {
        return new Operation<>(process, invoked, NEVER, input, null);
    }

    public boolean isIndeterminate() {
        return returned == NEVER;
    }

    @Override
    public String toString() {
        String end = isIndeterminate() ? "?" : Long.toString(returned);
        return process + " [" + invoked + ", " + end + "] " + input + " -> " + (output == null ? "?" : output);
    }
}
