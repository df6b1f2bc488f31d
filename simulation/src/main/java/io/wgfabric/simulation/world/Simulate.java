package io.wgfabric.simulation.world;

import java.io.PrintStream;
import java.util.Locale;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Runs many seeds: {@code --seeds FROM..TO [--threads N] [--actions N] [--shrink]}, both ends included, or {@code --seed
 * S [--actions N] [--shrink]}. Exits with 0 if no invariant was violated, 1 if one was, 2 if it was called wrongly.
 */
public final class Simulate {
    private static final String USAGE =
            "usage: Simulate --seeds FROM..TO [--threads N] [--actions N] [--shrink] | --seed S [--actions N] [--shrink]";
    private static final int PROGRESS_SECONDS = 10;
    private static final int SHRINK_ATTEMPTS = 3_000;
    /** After so many violations the rest would only repeat them. */
    private static final int MOST_VIOLATIONS = 20;

    private static final int MOST_ACTIONS = 1_000_000;

    private final PrintStream out;
    private final long from;
    private final long to;
    private final int actions;
    private final boolean shrink;
    private final AtomicLong next;
    private Tally tally = Tally.none();

    private Simulate(PrintStream out, long from, long to, int actions, boolean shrink) {
        this.out = out;
        this.from = from;
        this.to = to;
        this.actions = actions;
        this.shrink = shrink;
        next = new AtomicLong(from);
    }

    @SuppressWarnings("SystemOut") // a program of the command line
    public static void main(String[] arguments) throws InterruptedException {
        System.exit(run(System.out, arguments));
    }

    static int run(PrintStream out, String... arguments) throws InterruptedException {
        long from = -1;
        long to = -1;
        int threads = 1;
        int actions = Scenario.ACTIONS;
        boolean shrink = false;
        try {
            for (int i = 0; i < arguments.length; i++) {
                switch (arguments[i]) {
                    case "--seed" -> {
                        from = Long.parseLong(arguments[++i]);
                        to = from;
                    }
                    case "--seeds" -> {
                        String[] range = arguments[++i].split("\\.\\.", 2);
                        from = Long.parseLong(range[0]);
                        to = Long.parseLong(range[1]);
                    }
                    case "--threads" -> threads = Integer.parseInt(arguments[++i]);
                    case "--actions" -> actions = Integer.parseInt(arguments[++i]);
                    case "--shrink" -> shrink = true;
                    default -> throw new IllegalArgumentException(arguments[i]);
                }
            }
        } catch (IllegalArgumentException | ArrayIndexOutOfBoundsException e) {
            from = -1;
        }
        if (from < 0 || to < from || threads < 1 || threads > 1024 || actions < 1 || actions > MOST_ACTIONS) {
            out.println(USAGE);
            return 2;
        }
        return new Simulate(out, from, to, actions, shrink).run(threads);
    }

    private int run(int threads) throws InterruptedException {
        long began = System.nanoTime();
        CountDownLatch running = new CountDownLatch(threads);
        for (int i = 0; i < threads; i++) {
            Thread worker = new Thread(
                    () -> {
                        try {
                            work();
                        } finally {
                            running.countDown();
                        }
                    },
                    "simulate-" + i);
            worker.setDaemon(true);
            worker.start();
        }
        while (!running.await(PROGRESS_SECONDS, TimeUnit.SECONDS)) {
            report(began);
        }
        report(began);
        return tally().violations() == 0 ? 0 : 1;
    }

    private void report(long began) {
        Tally now = tally();
        double seconds = (System.nanoTime() - began) / 1e9;
        out.println(String.format(Locale.ROOT, "%.0f s, %.0f seeds/s: %s", seconds, now.seeds() / seconds, now));
        out.flush();
    }

    private void work() {
        long seed = next.getAndIncrement();
        while (seed <= to && tally().violations() < MOST_VIOLATIONS) {
            Scenario scenario = Scenario.of(seed, Scenario.isWhole(seed), actions);
            Run run = Simulation.run(scenario);
            count(run);
            if (run.violation() != null) {
                explain(scenario, run);
            } else if (from == to) {
                out.println(explanation(scenario, run));
            }
            seed = next.getAndIncrement();
        }
    }

    private synchronized void count(Run run) {
        tally = tally.plus(run);
    }

    private synchronized Tally tally() {
        return tally;
    }

    private void explain(Scenario scenario, Run run) {
        Scenario shown = shrink ? Shrinker.shrink(scenario, SHRINK_ATTEMPTS) : scenario;
        Run again = shrink ? Simulation.run(shown) : run;
        String text = explanation(shown, again);
        synchronized (out) {
            out.println(text);
            Throwable violation = again.violation();
            if (violation != null) {
                violation.printStackTrace(out);
            }
            out.flush();
        }
    }

    /** Seed, violation, trace hash, and the actions if they are few. */
    static String explanation(Scenario scenario, Run run) {
        StringBuilder text = new StringBuilder();
        Throwable violation = run.violation();
        text.append(String.format(
                Locale.ROOT,
                "seed %d, trace %016x: %s",
                run.seed(),
                run.trace(),
                violation == null ? "no violation" : violation.getMessage()));
        if (violation != null && run.steps() < Scenario.ACTIONS / 2) {
            for (Action action : scenario.actions().subList(0, run.steps())) {
                text.append("\n  ").append(action.kind()).append(' ').append(action.seed());
            }
        }
        return text.toString();
    }
}
