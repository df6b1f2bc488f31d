package io.wgfabric.scale.report;

import io.wgfabric.core.codec.Json;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.HdrHistogram.Histogram;

/**
 * Collects what a run measured and writes it into a folder. Its time begins when it is made. Thread-safe; all may be
 * recorded from any thread, and written as often as one likes while more is recorded.
 */
public final class RunReport {
    /** The page, in the folder that the report was written to. */
    public static final String PAGE = "report.html";

    /** What programs read, beside the page. */
    public static final String SUMMARY = "summary.json";

    private static final int TICKS_PER_HALF_DISTANCE = 5;
    private static final double MICROS_PER_MILLI = 1000.0;

    private final String title;
    private final Instant started;
    private final long startNanos = System.nanoTime();
    private final Map<String, Series> series = new LinkedHashMap<>();
    private final List<Event> events = new ArrayList<>();
    private final Map<String, Reach> reach = new LinkedHashMap<>();
    private final List<Fact> headlines = new ArrayList<>();
    private final List<Fact> facts = new ArrayList<>();

    public RunReport(String title) {
        this(title, Instant.now());
    }

    RunReport(String title, Instant started) {
        this.title = title;
        this.started = started.truncatedTo(ChronoUnit.SECONDS);
    }

    /** Since the run began. */
    public Duration elapsed() {
        return Duration.ofNanos(System.nanoTime() - startNanos);
    }

    /** The series of that name, made when it is first asked for; the page shows them in the order of their making. */
    public synchronized Series series(String name) {
        return series.computeIfAbsent(name, Series::new);
    }

    /** Something happened to a node just now. */
    public void event(Event.Kind kind, String node) {
        event(elapsed(), kind, node);
    }

    /** @param at since the run began, see {@link #elapsed} */
    public synchronized void event(Duration at, Event.Kind kind, String node) {
        events.add(new Event(at, kind, node));
    }

    /** @param when it was asked, such as {@code after the join}; one name has one matrix, the last */
    public synchronized void reach(String when, Reach matrix) {
        reach.put(when, matrix);
    }

    /** A figure that stands at the head of the page; some five of them can be read. */
    public synchronized void headline(String name, double value, String unit) {
        headlines.add(Fact.of("", name, value, unit));
    }

    /** @param group what it is a fact of, such as {@code machine} or a manager's name */
    public synchronized void fact(String group, String name, double value, String unit) {
        facts.add(Fact.of(group, name, value, unit));
    }

    public synchronized void fact(String group, String name, String text) {
        facts.add(Fact.of(group, name, text));
    }

    /** The size of this machine and its software, under {@code machine}. */
    public synchronized void machine() {
        facts.addAll(Machine.facts());
    }

    /**
     * Writes a {@code .hgrm} for each series (HdrHistogram's own text, in milliseconds), {@value #SUMMARY} and {@value
     * #PAGE}.
     *
     * @return the page
     * @throws IOException if the folder cannot be made or written
     */
    public Path write(Path folder) throws IOException {
        Snapshot now = snapshot();
        Files.createDirectories(folder);
        for (Map.Entry<String, String> file : now.fileNames().entrySet()) {
            Histogram histogram = Objects.requireNonNull(now.series().get(file.getKey()));
            writeHistogram(folder.resolve(file.getValue()), histogram);
        }
        Files.writeString(
                folder.resolve(SUMMARY),
                Json.mapper().writerWithDefaultPrettyPrinter().writeValueAsString(Summary.of(now)) + "\n");
        return Files.writeString(folder.resolve(PAGE), Page.of(now));
    }

    private static void writeHistogram(Path file, Histogram histogram) throws IOException {
        try (PrintStream out = new PrintStream(file.toFile(), StandardCharsets.UTF_8)) {
            histogram.outputPercentileDistribution(out, TICKS_PER_HALF_DISTANCE, MICROS_PER_MILLI);
        }
    }

    private synchronized Snapshot snapshot() {
        Map<String, Histogram> histograms = new LinkedHashMap<>();
        series.forEach((name, each) -> histograms.put(name, each.histogram()));
        return new Snapshot(title, started, elapsed(), histograms, events, reach, headlines, facts);
    }
}
