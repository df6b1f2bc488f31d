package io.wgfabric.javalin.rest;

import io.wgfabric.core.Source;
import java.util.HashMap;
import java.util.Map;

/** Counts what is under way, in all and by where it comes from, up to a limit of each. Thread-safe. */
final class SourceCount {
    private final int limit;
    private final int limitOfSource;
    private final Map<String, Integer> counts = new HashMap<>();
    private int all;

    SourceCount(int limit, int limitOfSource) {
        this.limit = limit;
        this.limitOfSource = limitOfSource;
    }

    /** @return false if there is no room for so many more; then nothing was counted */
    synchronized boolean take(String address, int amount) {
        String source = Source.of(address);
        int ofSource = counts.getOrDefault(source, 0);
        if (amount > limit - all || amount > limitOfSource - ofSource) {
            return false;
        }
        all += amount;
        counts.put(source, ofSource + amount);
        return true;
    }

    /** As many as were taken. */
    synchronized void release(String address, int amount) {
        all -= amount;
        counts.computeIfPresent(Source.of(address), (source, count) -> count == amount ? null : count - amount);
    }

    synchronized int size() {
        return all;
    }
}
