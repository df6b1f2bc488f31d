package io.wgfabric.scale.chaos;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.function.Supplier;

/**
 * For how long no client anywhere got a write acknowledged: over all, and while a majority of the managers was up and
 * connected. Thread-safe.
 */
final class Outages {
    private static final int KEPT = 5;

    /** @param atSeconds when it ended, since the start */
    record Outage(double seconds, double atSeconds, String during) {}

    private final Supplier<String> active;
    private long start;
    private long lastWrite;
    private long healthySince;
    private boolean healthy = true;
    private double longest;
    private final List<Outage> longestHealthy = new ArrayList<>();

    /** @param active what is wrong now, for people */
    Outages(Supplier<String> active) {
        this.active = active;
        start = System.nanoTime();
        lastWrite = start;
        healthySince = start;
    }

    /** What was before does not count: managers were starting. */
    synchronized void restart() {
        start = System.nanoTime();
        lastWrite = start;
        healthySince = start;
        longest = 0;
        longestHealthy.clear();
    }

    synchronized void written() {
        long now = System.nanoTime();
        longest = Math.max(longest, seconds(now - lastWrite));
        if (healthy) {
            note(now);
        }
        lastWrite = now;
    }

    /** @param now whether a majority is up and connected from now on */
    synchronized void health(boolean now) {
        if (now == healthy) {
            return;
        }
        long time = System.nanoTime();
        if (healthy) {
            note(time);
        } else {
            healthySince = time;
        }
        healthy = now;
    }

    private void note(long now) {
        double gap = seconds(now - Math.max(lastWrite, healthySince));
        if (longestHealthy.size() < KEPT || gap > longestHealthy.get(KEPT - 1).seconds()) {
            longestHealthy.add(new Outage(gap, seconds(now - start), active.get()));
            longestHealthy.sort(Comparator.comparingDouble(Outage::seconds).reversed());
            if (longestHealthy.size() > KEPT) {
                longestHealthy.remove(KEPT);
            }
        }
    }

    private static double seconds(long nanos) {
        return Math.round(nanos / 1e6) / 1e3;
    }

    /** To be called when nothing more is written. */
    synchronized void end() {
        written();
    }

    synchronized double longest() {
        return longest;
    }

    /** The longest first. */
    synchronized List<Outage> longestWithMajority() {
        return List.copyOf(longestHealthy);
    }

    synchronized String text() {
        return longestHealthy.isEmpty()
                ? "none"
                : String.format(Locale.ROOT, "%.2f s", longestHealthy.get(0).seconds());
    }
}
