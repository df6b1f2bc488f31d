package io.wgfabric.scale.bench;

import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;

/**
 * Systems that run side by side, each with a client in a process of its own, and are measured in turn, so that what else
 * the machine does hits all of them; the ratios are of the same round. Used by one thread.
 */
final class SideBySide implements AutoCloseable {
    private static final int SLICE_SECONDS = 2;

    private final Run run;
    private final List<Integer> inFlight;
    private final Map<String, Load> systems = new LinkedHashMap<>();
    private final List<Figure> figures = new ArrayList<>();

    /** One system in one round. */
    record Figure(
            int round,
            String system,
            int inFlight,
            double perSecond,
            double p50Millis,
            double p99Millis,
            long failed,
            double load) {}

    /** @param inFlight how many requests at a time; each number is measured in each round */
    SideBySide(Run run, List<Integer> inFlight) {
        this.run = run;
        this.inFlight = List.copyOf(inFlight);
    }

    /** Starts a client, see {@link LoadClient#main}. */
    void connect(String system, String... client) throws IOException {
        systems.put(system, Load.start(run.folder().resolve(system + "-client.log"), List.of(client)));
    }

    /** @param warmup seconds for each */
    void measure(int rounds, int seconds, int warmup) throws IOException {
        for (Load load : systems.values()) {
            for (int each : inFlight) {
                var unused = load.run(each, warmup * 1000L / inFlight.size());
            }
        }
        List<String> order = new ArrayList<>(systems.keySet());
        for (int round = 1; round <= rounds; round++) {
            for (int each : inFlight) {
                measure(round, each, Math.max(1, seconds / SLICE_SECONDS), order);
            }
        }
    }

    /** A round of so many slices of each system; none is always the first. */
    private void measure(int round, int atOnce, int slices, List<String> order) throws IOException {
        Map<String, LoadClient.Measured> sums = new LinkedHashMap<>();
        for (int slice = 0; slice < slices; slice++) {
            for (String system : order) {
                LoadClient.Measured one = load(system).run(atOnce, SLICE_SECONDS * 1000L);
                sums.merge(system, one, LoadClient.Measured::plus);
            }
            order.add(order.remove(0));
        }
        for (String system : systems.keySet()) {
            LoadClient.Measured sum = Objects.requireNonNull(sums.get(system));
            Figure figure = new Figure(
                    round, system, atOnce, sum.perSecond(), sum.millis(50), sum.millis(99), sum.failed(), run.load());
            figures.add(figure);
            Run.say(
                    "round %d, %2d in flight, %-12s %8.0f/s  p50 %6.2f ms  p99 %6.2f ms  failed %d  load %.1f",
                    round,
                    atOnce,
                    system,
                    figure.perSecond(),
                    figure.p50Millis(),
                    figure.p99Millis(),
                    figure.failed(),
                    figure.load());
        }
    }

    private Load load(String system) {
        return Objects.requireNonNull(systems.get(system));
    }

    /**
     * Medians over the rounds.
     *
     * @param what is counted, in the plural
     * @param baselines systems that the others are shown as multiples of
     */
    Table table(String what, List<String> baselines) {
        List<String> headings = new ArrayList<>(
                List.of("system", "in flight", what + "/s", "least", "most", "p50 ms", "p99 ms", "failed"));
        baselines.forEach(baseline -> headings.add("x " + baseline));
        Table table = new Table(headings.toArray(String[]::new));
        for (int each : inFlight) {
            systems.keySet().forEach(system -> table.row(row(system, each, baselines)));
        }
        return table;
    }

    private String[] row(String system, int atOnce, List<String> baselines) {
        List<Figure> own = of(system, atOnce);
        List<Double> rates = own.stream().map(Figure::perSecond).toList();
        List<String> cells = new ArrayList<>(List.of(
                system,
                Integer.toString(atOnce),
                text("%.0f", Run.median(rates)),
                text("%.0f", rates.stream().mapToDouble(rate -> rate).min().orElse(0)),
                text("%.0f", Run.worst(rates)),
                text("%.2f", Run.median(own.stream().map(Figure::p50Millis).toList())),
                text("%.2f", Run.median(own.stream().map(Figure::p99Millis).toList())),
                Long.toString(own.stream().mapToLong(Figure::failed).sum())));
        baselines.forEach(baseline -> cells.add(text("%.3g", ratio(own, of(baseline, atOnce)))));
        return cells.toArray(String[]::new);
    }

    List<Figure> figures() {
        return List.copyOf(figures);
    }

    private List<Figure> of(String system, int atOnce) {
        return figures.stream()
                .filter(figure -> figure.system().equals(system) && figure.inFlight() == atOnce)
                .toList();
    }

    private static double ratio(List<Figure> own, List<Figure> other) {
        List<Double> ratios = new ArrayList<>();
        for (int i = 0; i < own.size(); i++) {
            ratios.add(own.get(i).perSecond() / other.get(i).perSecond());
        }
        return Run.median(ratios);
    }

    private static String text(String format, double number) {
        return String.format(Locale.ROOT, format, number);
    }

    @Override
    public void close() {
        systems.values().forEach(Load::close);
    }
}
