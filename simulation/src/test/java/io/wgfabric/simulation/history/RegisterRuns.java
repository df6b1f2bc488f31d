package io.wgfabric.simulation.history;

import io.wgfabric.simulation.history.Register.Answer;
import io.wgfabric.simulation.history.Register.Ask;
import io.wgfabric.simulation.history.Register.Changed;
import io.wgfabric.simulation.history.Register.Read;
import io.wgfabric.simulation.history.Register.Swap;
import io.wgfabric.simulation.history.Register.Value;
import io.wgfabric.simulation.history.Register.Write;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/** Histories of a register that really does one thing at a time, seen by processes that wait before and after. */
final class RegisterRuns {
    private static final int VALUES = 4;

    private RegisterRuns() {}

    /** Each operation takes effect at a moment of its own between its invocation and its return. */
    static List<Operation<Ask, Answer>> concurrent(Random random, int processes, int count) {
        List<Operation<Ask, Answer>> history = new ArrayList<>();
        long[] free = new long[processes];
        boolean[] gone = new boolean[processes];
        long value = 0;
        long effect = 0;
        for (int i = 0; i < count; i++) {
            int process = random.nextInt(processes);
            if (gone[process]) {
                continue;
            }
            effect += 1 + random.nextInt(10);
            if (free[process] > effect) {
                effect = free[process] + 1;
            }
            long invoked = Math.max(free[process], effect - random.nextInt(30));
            long returned = effect + random.nextInt(30);
            free[process] = returned + 1;
            Ask ask = ask(random);
            Answer answer = answer(value, ask);
            value = after(value, ask);
            String name = "p" + process;
            // One in a few is never answered; its process, as a real one, goes on under another name.
            if (random.nextInt(8) == 0) {
                history.add(Operation.indeterminate(name, invoked, ask));
                gone[process] = random.nextInt(3) == 0;
            } else {
                history.add(Operation.of(name, invoked, returned, ask, answer));
            }
        }
        return history;
    }

    private static Ask ask(Random random) {
        return switch (random.nextInt(3)) {
            case 0 -> new Write(1 + random.nextInt(VALUES));
            case 1 -> new Swap(random.nextInt(VALUES), 1 + random.nextInt(VALUES));
            default -> new Read();
        };
    }

    private static Answer answer(long value, Ask ask) {
        if (ask instanceof Swap swap) {
            return new Changed(swap.expected() == value);
        }
        return ask instanceof Write ? new Changed(true) : new Value(value);
    }

    private static long after(long value, Ask ask) {
        if (ask instanceof Write write) {
            return write.value();
        }
        return ask instanceof Swap swap && swap.expected() == value ? swap.value() : value;
    }

    /** One answer changed; the same history if it has none that can be. */
    static List<Operation<Ask, Answer>> mutated(Random random, List<Operation<Ask, Answer>> history) {
        List<Operation<Ask, Answer>> changed = new ArrayList<>(history);
        List<Integer> places = new ArrayList<>();
        for (int i = 0; i < history.size(); i++) {
            if (!history.get(i).isIndeterminate() && !(history.get(i).input() instanceof Write)) {
                places.add(i);
            }
        }
        if (places.isEmpty()) {
            return changed;
        }
        int place = places.get(random.nextInt(places.size()));
        Operation<Ask, Answer> old = history.get(place);
        Answer other = old.output() instanceof Changed was
                ? new Changed(!was.done())
                : new Value((old.output() instanceof Value was ? was.value() + 1 + random.nextInt(VALUES) : 0)
                        % (VALUES + 1));
        changed.set(place, Operation.of(old.process(), old.invoked(), old.returned(), old.input(), other));
        return changed;
    }
}
