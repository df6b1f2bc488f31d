package io.wgfabric.scale.dataplane;

import io.wgfabric.simulation.lab.LabNode;
import io.wgfabric.simulation.netns.LabException;
import io.wgfabric.simulation.netns.LabHost;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A TCP stream of iperf3 from one node to another, as its receiver reports it: an interval of a tenth of a second a
 * line. An interval without a byte is a stall of 100 ms at least.
 */
final class TcpStream implements AutoCloseable {
    static final Duration INTERVAL = Duration.ofMillis(100);

    /** Below what two cores can encrypt beside all else, so that nothing is dropped for want of time. */
    private static final String RATE = "5M";

    private static final Duration START_LIMIT = Duration.ofSeconds(20);
    private static final long POLL_NANOS = TimeUnit.MILLISECONDS.toNanos(20);
    private static final Pattern LINE =
            Pattern.compile("^\\[ *\\d+\\] +([\\d.]+)-([\\d.]+) +sec +([\\d.]+) ([KMG]?)Bytes .*");

    /** An interval may be long where iperf3 had to wait for a processor; a sum is longer than that. */
    private static final double MAX_INTERVAL_SECONDS = 0.45;

    private final List<Process> processes = new ArrayList<>();
    private final Path log;

    private TcpStream(Path log) {
        this.log = log;
    }

    /** Returns once bytes flow. */
    static TcpStream between(LabNode from, LabNode to, Path folder) {
        TcpStream stream =
                new TcpStream(folder.resolve("iperf3-" + from + "-" + to + "-" + System.nanoTime() + ".log"));
        LabHost receiver = to.host();
        stream.processes.add(receiver.start(
                Map.of(),
                stream.log,
                List.of("iperf3", "-s", "-1", "-f", "k", "-i", seconds(INTERVAL), "--forceflush")));
        stream.await("Server listening", 1);
        stream.processes.add(from.host()
                .start(
                        Map.of(),
                        folder.resolve("iperf3-client.log"),
                        List.of(
                                "iperf3",
                                "-c",
                                to.v4().orElseThrow().toString(),
                                "-t",
                                "86400",
                                "-b",
                                RATE,
                                "-l",
                                "2K")));
        stream.await("Bytes", 5);
        return stream;
    }

    private static String seconds(Duration time) {
        return String.format(Locale.ROOT, "%.1f", time.toMillis() / 1000.0);
    }

    private void await(String word, int times) {
        long deadline = System.nanoTime() + START_LIMIT.toNanos();
        while (lines().stream().filter(line -> line.contains(word)).count() < times) {
            if (System.nanoTime() > deadline) {
                throw new LabException("no TCP stream flows; see " + log);
            }
            LockSupport.parkNanos(POLL_NANOS);
        }
    }

    private List<String> lines() {
        try {
            return Files.exists(log) ? Files.readAllLines(log) : List.of();
        } catch (IOException e) {
            throw new LabException("cannot read " + log + ": " + e.getMessage(), e);
        }
    }

    /** How many intervals are reported by now. */
    int mark() {
        return bytes(lines()).size();
    }

    /** @param bytes in each interval of the time */
    record Flow(List<Double> bytes) {
        /** The fewest bytes that came in an interval. */
        double least() {
            return bytes.stream().mapToDouble(Double::doubleValue).min().orElse(0);
        }

        double megabitsPerSecond() {
            double sum = bytes.stream().mapToDouble(Double::doubleValue).sum();
            return bytes.isEmpty() ? 0 : sum * 8 / 1e6 / (bytes.size() * INTERVAL.toMillis() / 1e3);
        }

        String text() {
            return String.format(
                    Locale.ROOT,
                    "%d intervals of 0.1 s, %.1f Mbit/s, least %.0f KB, %d without a byte",
                    bytes.size(),
                    megabitsPerSecond(),
                    least() / 1e3,
                    bytes.stream().filter(each -> each == 0).count());
        }
    }

    /** What came since a mark. */
    Flow since(int mark) {
        return between(mark, Integer.MAX_VALUE);
    }

    Flow between(int from, int to) {
        List<Double> all = bytes(lines());
        return new Flow(all.subList(Math.min(from, all.size()), Math.min(to, all.size())));
    }

    /** The intervals alone: not what is summed up at the end. */
    static List<Double> bytes(List<String> report) {
        List<Double> bytes = new ArrayList<>();
        for (String line : report) {
            Matcher found = LINE.matcher(line);
            if (found.matches()
                    && Double.parseDouble(found.group(2)) - Double.parseDouble(found.group(1)) < MAX_INTERVAL_SECONDS) {
                bytes.add(Double.parseDouble(found.group(3)) * unit(found.group(4)));
            }
        }
        return bytes;
    }

    private static double unit(String letter) {
        return switch (letter) {
            case "K" -> 1 << 10;
            case "M" -> 1 << 20;
            case "G" -> 1 << 30;
            default -> 1;
        };
    }

    @Override
    public void close() {
        processes.forEach(Process::destroyForcibly);
    }
}
