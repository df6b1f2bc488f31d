package io.wgfabric.scale.bench;

import io.wgfabric.core.codec.Json;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.logging.Level;
import java.util.logging.Logger;
import java.util.stream.Stream;

/** One run of a measurement: its folder under {@code target}, what it prints, and its result file. */
final class Run implements AutoCloseable {
    /** Held, since a logger that nobody holds forgets its level. */
    private static final Logger GRPC = Logger.getLogger("io.grpc");

    private final String name;
    private final Path results;
    private final Path folder;
    private final List<Double> loads = new ArrayList<>();

    private Run(String name, Path results, Path folder) {
        this.name = name;
        this.results = results;
        this.folder = folder;
    }

    /** Results go to {@code target/bench} here, or to where {@code -Dbench.out} says. */
    static Run begin(String name) throws IOException {
        GRPC.setLevel(Level.WARNING);
        Path results = Path.of(System.getProperty("bench.out", "target/bench")).toAbsolutePath();
        Files.createDirectories(results);
        return new Run(name, results, Files.createTempDirectory(results, name + "-"));
    }

    Path folder() {
        return folder;
    }

    static int number(String property, int otherwise) {
        return Integer.getInteger("bench." + property, otherwise);
    }

    @SuppressWarnings("SystemOut") // a program for people
    static void say(String format, Object... arguments) {
        System.out.println(String.format(Locale.ROOT, format, arguments));
    }

    /** Notes how busy the machine is; asked beside each measurement. */
    double load() {
        double load;
        try {
            String text = Files.readString(Path.of("/proc/loadavg"));
            load = Double.parseDouble(text.substring(0, text.indexOf(' ')));
        } catch (IOException e) {
            load = -1;
        }
        loads.add(load);
        return load;
    }

    /** What the machine was like during the run. */
    String machine() {
        return String.format(
                Locale.ROOT,
                "%d cores, Java %s, load average %.1f to %.1f (median %.1f)",
                Runtime.getRuntime().availableProcessors(),
                System.getProperty("java.version"),
                loads.stream().mapToDouble(load -> load).min().orElse(0),
                loads.stream().mapToDouble(load -> load).max().orElse(0),
                median(loads));
    }

    /** The middle one, or the mean of the two in the middle; NaN of none. */
    static double median(Collection<? extends Number> numbers) {
        double[] sorted =
                numbers.stream().mapToDouble(Number::doubleValue).sorted().toArray();
        int middle = sorted.length / 2;
        if (sorted.length == 0) {
            return Double.NaN;
        }
        return sorted.length % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
    }

    static double worst(Collection<? extends Number> numbers) {
        return numbers.stream().mapToDouble(Number::doubleValue).max().orElse(Double.NaN);
    }

    /** Writes the figures, all of them, as JSON. */
    void write(Object figures) throws IOException {
        Path file = results.resolve(name + ".json");
        Files.write(file, Json.mapper().writerWithDefaultPrettyPrinter().writeValueAsBytes(figures));
        say("written: %s", file);
    }

    /** Removes the data of the members; their logs of a failed run are in it, so it is kept then. */
    @Override
    public void close() {
        if (Boolean.getBoolean("bench.keep")) {
            return;
        }
        try (Stream<Path> all = Files.walk(folder)) {
            for (Path path : all.sorted(Comparator.reverseOrder()).toList()) {
                Files.deleteIfExists(path);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
