package io.wgfabric.scale.report;

import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.HdrHistogram.Histogram;
import org.jspecify.annotations.Nullable;

/** What {@value RunReport#SUMMARY} holds; the unit of each number ends its name. */
record Summary(
        String title,
        Instant started,
        double seconds,
        List<Latency> latencies,
        List<Step> steps,
        List<Mark> marks,
        List<Reachability> reachability,
        List<Figure> figures) {

    /** @param file the histogram itself */
    record Latency(
            String name,
            long count,
            double p50Millis,
            double p90Millis,
            double p99Millis,
            double p999Millis,
            double maxMillis,
            String file) {}

    /** @param lastSeconds since the run began, when the last node took it */
    record Step(String kind, int count, double firstSeconds, double lastSeconds) {}

    record Mark(double atSeconds, String kind, String node) {}

    record Reachability(String when, int nodes, int pairs, int failed) {}

    /** @param value null if it is no number; then there is a text */
    record Figure(
            String group,
            String name,
            @Nullable Double value,
            @Nullable String text,
            String unit) {}

    static Summary of(Snapshot run) {
        return new Summary(
                run.title(),
                run.started(),
                Figures.rounded(run.took().toNanos() / 1e9),
                latencies(run),
                steps(run),
                run.marks().stream()
                        .map(event -> new Mark(
                                Figures.rounded(event.seconds()), event.kind().text(), event.node()))
                        .toList(),
                run.reach().entrySet().stream()
                        .map(each -> new Reachability(
                                each.getKey(),
                                each.getValue().names().size(),
                                each.getValue().pairs(),
                                each.getValue().failures()))
                        .toList(),
                figures(run));
    }

    private static List<Latency> latencies(Snapshot run) {
        List<Latency> latencies = new ArrayList<>();
        Map<String, String> files = run.fileNames();
        run.series().forEach((name, histogram) -> {
            String file = Objects.requireNonNull(files.get(name));
            latencies.add(new Latency(
                    name,
                    histogram.getTotalCount(),
                    millis(histogram, 50),
                    millis(histogram, 90),
                    millis(histogram, 99),
                    millis(histogram, 99.9),
                    millis(histogram, 100),
                    file));
        });
        return latencies;
    }

    private static double millis(Histogram histogram, double percentile) {
        return histogram.getValueAtPercentile(percentile) / 1e3;
    }

    private static List<Step> steps(Snapshot run) {
        List<Step> steps = new ArrayList<>();
        for (Event.Kind kind : Event.Kind.values()) {
            List<Event> taken = run.steps(kind);
            if (!taken.isEmpty() && kind.isStep()) {
                steps.add(new Step(
                        kind.text(),
                        taken.size(),
                        Figures.rounded(taken.get(0).seconds()),
                        Figures.rounded(taken.get(taken.size() - 1).seconds())));
            }
        }
        return steps;
    }

    private static List<Figure> figures(Snapshot run) {
        List<Fact> all = new ArrayList<>(run.headlines());
        all.addAll(run.facts());
        return all.stream()
                .map(fact -> new Figure(
                        fact.group(),
                        fact.name(),
                        fact.value(),
                        fact.value() == null ? fact.text() : null,
                        fact.unit()))
                .toList();
    }
}
