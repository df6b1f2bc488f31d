package io.wgfabric.jgroups.raft;

import java.util.ArrayList;
import java.util.List;

/**
 * The part of the log after a base, in memory. The base is an index whose term is known; its entry may be in a
 * snapshot only.
 */
final class EntryLog {
    private long baseIndex;
    private long baseTerm;
    private final ArrayList<Entry> entries = new ArrayList<>();

    EntryLog(long baseIndex, long baseTerm, List<Entry> initial) {
        this.baseIndex = baseIndex;
        this.baseTerm = baseTerm;
        initial.forEach(this::append);
    }

    long baseIndex() {
        return baseIndex;
    }

    long lastIndex() {
        return baseIndex + entries.size();
    }

    long lastTerm() {
        return entries.isEmpty() ? baseTerm : entries.get(entries.size() - 1).term();
    }

    /** Whether the term at this index is known here: the base and everything after it. */
    boolean knows(long index) {
        return index >= baseIndex && index <= lastIndex();
    }

    long term(long index) {
        return index == baseIndex ? baseTerm : get(index).term();
    }

    Entry get(long index) {
        return entries.get((int) (index - baseIndex - 1));
    }

    void append(Entry entry) {
        if (entry.index() != lastIndex() + 1) {
            throw new IllegalStateException("entry " + entry.index() + " after " + lastIndex());
        }
        if (entry.term() < lastTerm()) {
            throw new IllegalStateException("term " + entry.term() + " after " + lastTerm());
        }
        entries.add(entry);
    }

    /** Drops this index and all after it. */
    void truncateFrom(long index) {
        entries.subList((int) (index - baseIndex - 1), entries.size()).clear();
    }

    /** Makes this index the base; what is at or before it goes. */
    void compactTo(long index) {
        if (index <= baseIndex) {
            return;
        }
        baseTerm = term(index);
        entries.subList(0, (int) (index - baseIndex)).clear();
        baseIndex = index;
    }

    /** Forgets all, and goes on after a snapshot. */
    void reset(long index, long term) {
        entries.clear();
        baseIndex = index;
        baseTerm = term;
    }

    /** The entries from an index, up to both limits, but at least one if there is one. */
    List<Entry> from(long index, int maxEntries, long maxBytes) {
        List<Entry> found = new ArrayList<>();
        long bytes = 0;
        for (long i = index; i <= lastIndex() && found.size() < maxEntries; i++) {
            Entry entry = get(i);
            bytes += entry.weight();
            if (bytes > maxBytes && !found.isEmpty()) {
                break;
            }
            found.add(entry);
        }
        return found;
    }

    /** A copy of from..to, both included. */
    List<Entry> range(long from, long to) {
        if (from > to) {
            return List.of();
        }
        return List.copyOf(entries.subList((int) (from - baseIndex - 1), (int) (to - baseIndex)));
    }
}
