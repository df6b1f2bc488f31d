package io.wgfabric.scale.chaos;

import io.wgfabric.simulation.history.Checker;
import io.wgfabric.simulation.history.History;
import io.wgfabric.simulation.history.Model;
import io.wgfabric.simulation.history.Operation;
import io.wgfabric.simulation.history.Verdict;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;

/** The histories of many objects of a kind. Thread-safe. */
final class Histories<S, I, O> {
    /** How often the model is asked for one object at most; what is needed is a few hundred times. */
    private static final long BUDGET = 2_000_000;

    private final String kind;
    private final Model<S, I, O> model;
    private final Map<String, History<I, O>> parts = new ConcurrentHashMap<>();

    Histories(String kind, Model<S, I, O> model) {
        this.kind = kind;
        this.model = model;
    }

    void add(String key, Operation<I, O> operation) {
        parts.computeIfAbsent(key, name -> new History<>()).add(operation);
    }

    /** @param undecided how many objects had a history too hard to judge */
    record Judged(int objects, int operations, int undecided) {}

    /** @param violation hears of each history that is not linearizable */
    Judged judge(Consumer<String> violation) {
        int operations = 0;
        int undecided = 0;
        for (Map.Entry<String, History<I, O>> part : parts.entrySet()) {
            List<Operation<I, O>> history = part.getValue().operations();
            operations += history.size();
            Verdict<I, O> verdict = Checker.check(model, history, BUDGET);
            if (verdict instanceof Verdict.Violated<I, O> violated) {
                violation.accept("not linearizable: " + kind + " " + part.getKey() + "\n  possible up to: "
                        + lines(violated.order()) + "\n  then one of: " + lines(violated.stuck()) + "\n  of: "
                        + lines(history));
            } else if (verdict instanceof Verdict.Undecided<I, O>) {
                undecided++;
            }
        }
        return new Judged(parts.size(), operations, undecided);
    }

    private String lines(List<Operation<I, O>> operations) {
        StringBuilder text = new StringBuilder();
        operations.forEach(each -> text.append("\n    ").append(each));
        return text.toString();
    }
}
