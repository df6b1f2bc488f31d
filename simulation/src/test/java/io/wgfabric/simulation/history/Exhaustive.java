package io.wgfabric.simulation.history;

import java.util.ArrayList;
import java.util.List;

/** A checker that tries every order, from the definition: too slow for use, and too simple to be wrong. */
final class Exhaustive {
    private Exhaustive() {}

    static <S, I, O> boolean isLinearizable(Model<S, I, O> model, List<Operation<I, O>> history) {
        return search(model, model.initial(), history);
    }

    private static <S, I, O> boolean search(Model<S, I, O> model, S state, List<Operation<I, O>> left) {
        if (left.stream().allMatch(Operation::isIndeterminate)) {
            return true;
        }
        long firstReturn = left.stream().mapToLong(Operation::returned).min().orElse(Operation.NEVER);
        for (Operation<I, O> next : left) {
            // Nothing may come before what has returned when it was invoked.
            if (next.invoked() > firstReturn) {
                continue;
            }
            S after = model.step(state, next.input(), next.output());
            if (after != null) {
                List<Operation<I, O>> rest = new ArrayList<>(left);
                rest.remove(next);
                if (search(model, after, rest)) {
                    return true;
                }
            }
        }
        return false;
    }
}
