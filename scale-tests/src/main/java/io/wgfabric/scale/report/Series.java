package io.wgfabric.scale.report;

import java.time.Duration;
import org.HdrHistogram.ConcurrentHistogram;
import org.HdrHistogram.Histogram;

/** Durations of one kind, in microseconds, each kept to three digits. Thread-safe. */
public final class Series {
    /** A longer one is a mistake of whoever measured it. */
    static final Duration LONGEST = Duration.ofDays(1);

    private static final int DIGITS = 3;

    private final String name;
    private final ConcurrentHistogram histogram = new ConcurrentHistogram(DIGITS);

    Series(String name) {
        this.name = name;
        histogram.setAutoResize(true);
    }

    /** @throws IllegalArgumentException if it is negative, or longer than a day */
    public void record(Duration duration) {
        if (duration.isNegative() || duration.compareTo(LONGEST) > 0) {
            throw new IllegalArgumentException("a latency of '" + name + "' lies between 0 and a day");
        }
        histogram.recordValue(duration.toNanos() / 1_000);
    }

    /** The time from a reading of {@link System#nanoTime} until now. */
    public void recordSince(long startNanos) {
        record(Duration.ofNanos(System.nanoTime() - startNanos));
    }

    /** As it is now. */
    Histogram histogram() {
        return histogram.copy();
    }
}
