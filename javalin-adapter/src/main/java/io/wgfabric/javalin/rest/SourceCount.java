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

    /** @return false if there is no room for one more; then nothing was counted */
    synchronized boolean take(String address) {
        String source = Source.of(address);
        int ofSource = counts.getOrDefault(source, 0);
        if (all >= limit || ofSource >= limitOfSource) {
            return false;
        }
        all++;
        counts.put(source, ofSource + 1);
        return true;
    }

    /** Once for each that was taken. */
    synchronized void release(String address) {
        all--;
        counts.computeIfPresent(Source.of(address), (source, count) -> count == 1 ? null : count - 1);
    }

    synchronized int size() {
        return all;
    }
}
