package io.wgfabric.simulation.history;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;

/** Operations as processes saw them, in any order. Thread-safe. */
public final class History<I, O> {
    private final List<Operation<I, O>> operations = new ArrayList<>();

    public synchronized void add(Operation<I, O> operation) {
        operations.add(operation);
    }

    public synchronized List<Operation<I, O>> operations() {
        return List.copyOf(operations);
    }

    public synchronized int size() {
        return operations.size();
    }

    /**
     * The operations of each key. What is independent of the rest may be judged alone: a history is linearizable exactly
     * if those of its objects are (Herlihy and Wing 1990, theorem 1).
     */
    public <K> Map<K, List<Operation<I, O>>> partition(Function<? super I, ? extends K> key) {
        Map<K, List<Operation<I, O>>> parts = new LinkedHashMap<>();
        for (Operation<I, O> operation : operations()) {
            parts.computeIfAbsent(key.apply(operation.input()), k -> new ArrayList<>())
                    .add(operation);
        }
        return parts;
    }
}
