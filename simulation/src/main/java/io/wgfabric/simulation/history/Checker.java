package io.wgfabric.simulation.history;

import io.wgfabric.simulation.history.Verdict.Linearizable;
import io.wgfabric.simulation.history.Verdict.Undecided;
import io.wgfabric.simulation.history.Verdict.Violated;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.Comparator;
import java.util.Deque;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Decides whether a history is linearizable (Herlihy and Wing 1990): whether every operation can be given one moment
 * between its invocation and its return such that, done in the order of these moments, the model allows all answers.
 *
 * <p>The search is that of Wing and Gong ("Testing and verifying concurrent objects", 1993) with what Lowe added
 * ("Testing for linearizability", 2016): events are in a linked list, so that an operation is taken out and put back in
 * constant time, and a pair of (operations that are done, state) that was tried once is not tried again. The problem is
 * NP-complete (Gibbons and Korach 1997), so the search has a budget.
 */
public final class Checker<S, I, O> {

    /** The invocation or the return of an operation, in the order of time. */
    private static final class Event {
        final int operation;
        /** Of an invocation: the operation's return; null for one that never returned. */
        final @Nullable Event end;

        final boolean isReturn;

        @Nullable Event previous;

        @Nullable Event next;

        Event(int operation, boolean isReturn, @Nullable Event end) {
            this.operation = operation;
            this.isReturn = isReturn;
            this.end = end;
        }

        /** Takes this one out; it remembers where it was. */
        void unlink() {
            if (previous != null) {
                previous.next = next;
            }
            if (next != null) {
                next.previous = previous;
            }
        }

        void relink() {
            if (previous != null) {
                previous.next = this;
            }
            if (next != null) {
                next.previous = this;
            }
        }
    }

    /** An operation that was done tentatively, and the state before it. */
    private record Taken<S>(Event event, S before) {}

    private record Tried<S>(BitSet done, S state) {}

    private final Model<S, I, O> model;
    private final List<Operation<I, O>> operations;
    private final Event head;
    private final int returning;

    private Checker(Model<S, I, O> model, List<Operation<I, O>> history) {
        this.model = model;
        operations = history.stream()
                .sorted(Comparator.comparingLong(Operation::invoked))
                .toList();
        returning = (int)
                operations.stream().filter(each -> !each.isIndeterminate()).count();
        head = linked();
    }

    /**
     * Judges a history as a whole.
     *
     * @param budget how many times at most the model is asked
     */
    public static <S, I, O> Verdict<I, O> check(
            Model<S, I, O> model, List<? extends Operation<I, O>> history, long budget) {
        return new Checker<>(model, List.copyOf(history)).search(budget);
    }

    /**
     * Judges each key alone, which is what makes long histories feasible.
     *
     * @param budget for each key
     */
    public static <S, I, O, K> Map<K, Verdict<I, O>> checkEach(
            Model<S, I, O> model, History<I, O> history, Function<? super I, ? extends K> key, long budget) {
        Map<K, Verdict<I, O>> verdicts = new LinkedHashMap<>();
        Map<K, List<Operation<I, O>>> parts = history.partition(key);
        parts.forEach((part, operations) -> verdicts.put(part, check(model, operations, budget)));
        return verdicts;
    }

    private record Stamped(long time, Event event) {}

    /** At the same time an invocation comes before a return: such operations overlap. */
    private Event linked() {
        List<Stamped> events = new ArrayList<>();
        for (int i = 0; i < operations.size(); i++) {
            Operation<I, O> operation = operations.get(i);
            Event end = operation.isIndeterminate() ? null : new Event(i, true, null);
            events.add(new Stamped(operation.invoked(), new Event(i, false, end)));
            if (end != null) {
                events.add(new Stamped(operation.returned(), end));
            }
        }
        events.sort(Comparator.comparingLong(Stamped::time).thenComparing(each -> each.event().isReturn));
        Event first = new Event(-1, false, null);
        Event last = first;
        for (Stamped each : events) {
            each.event().previous = last;
            last.next = each.event();
            last = each.event();
        }
        return first;
    }

    private Verdict<I, O> search(long budget) {
        S state = model.initial();
        BitSet done = new BitSet(operations.size());
        Set<Tried<S>> tried = new HashSet<>();
        Deque<Taken<S>> taken = new ArrayDeque<>();
        List<Operation<I, O>> longest = List.of();
        List<Operation<I, O>> stuck = candidates();
        int returned = 0;
        long steps = 0;
        Event event = head.next;
        while (returned < returning) {
            if (event != null && !event.isReturn) {
                if (steps++ >= budget) {
                    return new Undecided<>(budget);
                }
                Operation<I, O> operation = operations.get(event.operation);
                S after = model.step(state, operation.input(), operation.output());
                if (after != null && isNew(tried, done, event.operation, after)) {
                    taken.push(new Taken<>(event, state));
                    state = after;
                    done.set(event.operation);
                    returned += operation.isIndeterminate() ? 0 : 1;
                    lift(event);
                    event = head.next;
                } else {
                    event = event.next;
                }
                continue;
            }
            // A return of what is not done, or the end: nothing may be left for later, so the last choice was wrong.
            if (taken.size() >= longest.size()) {
                longest = order(taken);
                stuck = candidates();
            }
            Taken<S> last = taken.poll();
            if (last == null) {
                return new Violated<>(longest, stuck);
            }
            state = last.before();
            done.clear(last.event().operation);
            returned -= operations.get(last.event().operation).isIndeterminate() ? 0 : 1;
            drop(last.event());
            event = last.event().next;
        }
        return new Linearizable<>(order(taken));
    }

    private static <S> boolean isNew(Set<Tried<S>> tried, BitSet done, int operation, S after) {
        BitSet with = (BitSet) done.clone();
        with.set(operation);
        return tried.add(new Tried<>(with, after));
    }

    private static void lift(Event invocation) {
        invocation.unlink();
        if (invocation.end != null) {
            invocation.end.unlink();
        }
    }

    /** Undoes {@link #lift}, in the opposite order. */
    private static void drop(Event invocation) {
        if (invocation.end != null) {
            invocation.end.relink();
        }
        invocation.relink();
    }

    private List<Operation<I, O>> order(Deque<Taken<S>> taken) {
        List<Operation<I, O>> order = new ArrayList<>();
        taken.descendingIterator().forEachRemaining(each -> order.add(operations.get(each.event().operation)));
        return List.copyOf(order);
    }

    /** What is invoked before anything else must have returned. */
    private List<Operation<I, O>> candidates() {
        List<Operation<I, O>> found = new ArrayList<>();
        for (Event event = head.next; event != null && !event.isReturn; event = event.next) {
            found.add(operations.get(event.operation));
        }
        return List.copyOf(found);
    }
}
