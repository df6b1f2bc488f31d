package io.wgfabric.scale.dataplane;

import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;

/** Which datagrams of one sender have come, and when. Thread-safe. */
final class Arrivals {
    static final double SILENCE_MILLIS = 150;
    static final int MAX_SILENCES = 200;
    static final int MAX_MISSING = 100;

    /** A day at 200 datagrams a second. */
    private static final long MAX_SEQUENCE = 20_000_000;

    private final int from;
    private final BitSet seen = new BitSet();
    private final List<Heard.Silence> silences = new ArrayList<>();
    private long received;
    private long duplicates;
    private long overtaken;
    private long highest = -1;
    private long lastNanos;
    private long longestGapNanos;
    private long longestDelayNanos;

    Arrivals(int from) {
        this.from = from;
    }

    synchronized void add(long sequence, long sentNanos, long nowNanos) {
        if (sequence < 0 || sequence > MAX_SEQUENCE) {
            throw new IllegalArgumentException("a datagram numbered " + sequence);
        }
        if (received > 0) {
            noteGap(sequence, nowNanos);
        }
        lastNanos = nowNanos;
        longestDelayNanos = Math.max(longestDelayNanos, nowNanos - sentNanos);
        if (seen.get((int) sequence)) {
            duplicates++;
            return;
        }
        seen.set((int) sequence);
        received++;
        if (sequence < highest) {
            overtaken++;
        }
        highest = Math.max(highest, sequence);
    }

    private void noteGap(long sequence, long nowNanos) {
        long gap = nowNanos - lastNanos;
        longestGapNanos = Math.max(longestGapNanos, gap);
        if (gap / 1e6 > SILENCE_MILLIS && silences.size() < MAX_SILENCES) {
            silences.add(new Heard.Silence(lastNanos, gap / 1e6, Math.max(0, sequence - highest - 1)));
        }
    }

    /** Numbers below the highest that have not come; the first few. */
    private List<Integer> missing() {
        List<Integer> numbers = new ArrayList<>();
        int at = seen.nextClearBit(0);
        while (at < highest && numbers.size() < MAX_MISSING) {
            numbers.add(at);
            at = seen.nextClearBit(at + 1);
        }
        return numbers;
    }

    synchronized Heard tally() {
        return new Heard(
                from,
                received,
                duplicates,
                overtaken,
                longestGapNanos / 1e6,
                longestDelayNanos / 1e6,
                missing(),
                List.copyOf(silences));
    }
}
