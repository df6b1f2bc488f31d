package io.wgfabric.javalin.rest;

import io.wgfabric.core.Source;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.LongSupplier;

/**
 * How much those may ask who have shown no credential, by where they come from: a token bucket for each source. Whoever
 * turns out to be welcome gets its token back, so a crowd that joins from behind one address is not held up by it.
 * Thread-safe.
 */
final class SourceLimit {
    /** Requests at once, and then in each second. One costs a handshake and at most one check of a signature. */
    static final int BURST = 500;

    static final int PER_SECOND = 50;

    /** Sources that are remembered; the one that was quiet for longest makes room, and has a full bucket by then. */
    private static final int MAX_SOURCES = 10_000;

    private static final class Bucket {
        private double tokens;
        private long nanos;
    }

    private final LongSupplier nanoTime;
    private final int burst;
    private final Map<String, Bucket> buckets = new LinkedHashMap<>(64, 0.75f, true) {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<String, Bucket> eldest) {
            return size() > MAX_SOURCES;
        }
    };

    SourceLimit(LongSupplier nanoTime, int burst) {
        this.nanoTime = nanoTime;
        this.burst = burst;
    }

    /** @return false if this source has asked too much */
    synchronized boolean take(String address) {
        long now = nanoTime.getAsLong();
        Bucket bucket = buckets.computeIfAbsent(Source.of(address), source -> {
            Bucket made = new Bucket();
            made.nanos = now;
            made.tokens = burst;
            return made;
        });
        bucket.tokens = Math.min(burst, bucket.tokens + (now - bucket.nanos) * 1e-9 * PER_SECOND);
        bucket.nanos = now;
        if (bucket.tokens < 1) {
            return false;
        }
        bucket.tokens--;
        return true;
    }

    synchronized void giveBack(String address) {
        Bucket bucket = buckets.get(Source.of(address));
        if (bucket != null) {
            bucket.tokens = Math.min(burst, bucket.tokens + 1);
        }
    }

    synchronized int sources() {
        return buckets.size();
    }
}
