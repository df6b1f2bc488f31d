package io.wgfabric.core;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.LongSupplier;

/**
 * How much those may ask who have shown no credential, by where they come from: a token bucket for each source. Whoever
 * turns out to be welcome gets its token back, so a crowd that joins from behind one address is not held up by it.
 * Thread-safe.
 */
public final class SourceLimit {
    /** Sources that are remembered; the one that was quiet for longest makes room, and begins anew. */
    private static final int MAX_SOURCES = 10_000;

    private static final class Bucket {
        private double tokens;
        private long nanos;
    }

    private final LongSupplier nanoTime;
    private final int burst;
    private final int perSecond;
    private final Map<String, Bucket> buckets = new LinkedHashMap<>(64, 0.75f, true) {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<String, Bucket> eldest) {
            return size() > MAX_SOURCES;
        }
    };

    /**
     * @param nanoTime as of {@link System#nanoTime}
     * @param burst how often a source may ask at once
     * @param perSecond how often after that
     */
    public SourceLimit(LongSupplier nanoTime, int burst, int perSecond) {
        this.nanoTime = nanoTime;
        this.burst = burst;
        this.perSecond = perSecond;
    }

    /** @return false if this source has asked too much */
    public synchronized boolean take(String address) {
        long now = nanoTime.getAsLong();
        Bucket bucket = buckets.computeIfAbsent(Source.of(address), source -> {
            Bucket made = new Bucket();
            made.nanos = now;
            made.tokens = burst;
            return made;
        });
        bucket.tokens = Math.min(burst, bucket.tokens + (now - bucket.nanos) * 1e-9 * perSecond);
        bucket.nanos = now;
        if (bucket.tokens < 1) {
            return false;
        }
        bucket.tokens--;
        return true;
    }

    /** Undoes a {@link #take}. */
    public synchronized void giveBack(String address) {
        Bucket bucket = buckets.get(Source.of(address));
        if (bucket != null) {
            bucket.tokens = Math.min(burst, bucket.tokens + 1);
        }
    }

    synchronized int sources() {
        return buckets.size();
    }
}
