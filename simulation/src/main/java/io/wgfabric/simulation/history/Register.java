package io.wgfabric.simulation.history;

import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** One value that is read, written, and written if it is what is expected. */
public final class Register implements Model<Long, Register.Ask, Register.Answer> {

    /** What is asked of a register. */
    public sealed interface Ask {}

    public record Read() implements Ask {}

    public record Write(long value) implements Ask {}

    /** Writes if the value is the expected one. */
    public record Swap(long expected, long value) implements Ask {}

    /** What a register answers. */
    public sealed interface Answer {}

    public record Value(long value) implements Answer {}

    /** @param done false for a swap that found another value */
    public record Changed(boolean done) implements Answer {}

    @Override
    public Long initial() {
        return 0L;
    }

    @Override
    public @Nullable Long step(Long state, Ask input, @Nullable Answer output) {
        if (input instanceof Write write) {
            return allowed(output, new Changed(true)) ? write.value() : null;
        }
        if (input instanceof Swap swap) {
            boolean done = state == swap.expected();
            Long after = done ? (Long) swap.value() : state;
            return allowed(output, new Changed(done)) ? after : null;
        }
        return allowed(output, new Value(state)) ? state : null;
    }

    private static boolean allowed(@Nullable Answer told, Answer right) {
        return told == null || Objects.equals(told, right);
    }
}
