package io.wgfabric.simulation.lab;

import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.Locale;

/** Times as people read them. */
final class Times {
    private static final double MILLIS = 1000.0;

    private Times() {}

    /** In seconds, two digits: a lab's steps take between some milliseconds and a minute. */
    static String text(Duration time) {
        return String.format(Locale.ROOT, "%.2f s", time.toMillis() / MILLIS);
    }

    static Duration since(long startNanos) {
        return Duration.ofNanos(System.nanoTime() - startNanos);
    }

    /** The upper one of two in the middle; zero if there are none. */
    static Duration median(Collection<Duration> times) {
        List<Duration> sorted = times.stream().sorted().toList();
        return sorted.isEmpty() ? Duration.ZERO : sorted.get(sorted.size() / 2);
    }

    static Duration worst(Collection<Duration> times) {
        return times.stream().max(Duration::compareTo).orElse(Duration.ZERO);
    }
}
