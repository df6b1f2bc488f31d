package io.wgfabric.simulation.world;

import io.wgfabric.jgroups.raft.Configuration;
import io.wgfabric.jgroups.raft.Effects;
import io.wgfabric.jgroups.raft.Entry;
import io.wgfabric.jgroups.raft.Restored;
import io.wgfabric.jgroups.raft.SnapshotMeta;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * What must be on a member's disk by what it has said: kept beside the disk, so that a start can be compared with it.
 * Compaction does not change it; what is at or before a snapshot counts as held.
 */
final class Holding {
    private long term;
    private @Nullable String vote;
    private long snapshot;
    /** Terms by index, 0 where only a snapshot has the entry. */
    private long[] terms = new long[64];

    private long last;
    private final TreeMap<Long, Configuration> configurations = new TreeMap<>();

    Holding() {
        configurations.put(0L, Configuration.NONE);
    }

    private Holding(Holding other) {
        term = other.term;
        vote = other.vote;
        snapshot = other.snapshot;
        terms = other.terms.clone();
        last = other.last;
        configurations.putAll(other.configurations);
    }

    long last() {
        return last;
    }

    /** The configuration in force: the latest one in the log. */
    Configuration configuration() {
        return configurations.lastEntry().getValue();
    }

    long configurationIndex() {
        return configurations.lastKey();
    }

    boolean holds(long index, long entryTerm) {
        return index <= snapshot || (index <= last && terms[(int) index] == entryTerm);
    }

    void vote(Effects.@Nullable HardState state) {
        if (state != null) {
            term = state.term();
            vote = state.vote();
        }
    }

    void install(Effects.@Nullable Install install) {
        if (install != null) {
            install(install.meta());
        }
    }

    private void install(SnapshotMeta meta) {
        boolean continues = meta.index() <= last && terms[(int) meta.index()] == meta.term();
        if (!continues) {
            grow(meta.index());
            Arrays.fill(terms, 0);
            terms[(int) meta.index()] = meta.term();
            last = meta.index();
            configurations.clear();
        }
        configurations.headMap(meta.index(), true).clear();
        configurations.put(meta.index(), meta.configuration());
        snapshot = meta.index();
        if (meta.term() > term) { // a start takes it from the log, should the crash come before it is written
            term = meta.term();
            vote = null;
        }
    }

    void append(List<Entry> entries) {
        for (Entry entry : entries) {
            int index = (int) entry.index();
            grow(index);
            configurations.tailMap(entry.index(), true).clear();
            terms[index] = entry.term();
            last = index;
            if (entry.kind() == Entry.Kind.CONFIGURATION) {
                configurations.put(entry.index(), Configuration.decode(entry.data()));
            }
        }
    }

    private void cut(long from) {
        last = Math.min(last, from - 1);
        configurations.tailMap(from, true).clear();
    }

    private void grow(long index) {
        if (index >= terms.length) {
            terms = Arrays.copyOf(terms, (int) (2 * index));
        }
    }

    /**
     * Compares with what a start found. What a step was about to write when the process ended may be there or not, each
     * write as a whole and in their order.
     *
     * @param unfinished the effects of that step
     * @return what is held from now on
     */
    Holding found(String member, Restored disk, @Nullable Effects unfinished) {
        Holding expected = new Holding(this);
        boolean same = expected.equalsTo(disk);
        if (unfinished != null && !same) {
            expected.install(unfinished.install());
            same = expected.equalsTo(disk);
            if (!same) {
                expected.vote(unfinished.hardState());
                same = expected.equalsTo(disk);
            }
            if (!same && !unfinished.entries().isEmpty()) {
                expected.cut(unfinished.entries().get(0).index()); // a conflict goes before what replaces it comes
                same = expected.equalsTo(disk);
            }
            if (!same) {
                expected.append(unfinished.entries());
                same = expected.equalsTo(disk);
            }
        }
        Violation.unless(
                same,
                member + " found term " + disk.term() + ", vote " + disk.vote() + ", entries to "
                        + (disk.baseIndex() + disk.entries().size()) + ", but had said term " + term + ", vote " + vote
                        + ", entries to " + last);
        expected.snapshot = disk.snapshot().index();
        return expected;
    }

    private boolean equalsTo(Restored disk) {
        // A snapshot is installed before its term is written, and then stands for the term.
        boolean behind = term < terms[(int) last];
        if (disk.term() != (behind ? terms[(int) last] : term)
                || !Objects.equals(disk.vote(), behind ? null : vote)
                || disk.baseIndex() + disk.entries().size() != last
                || disk.snapshot().index() < snapshot) {
            return false;
        }
        for (Entry entry : disk.entries()) {
            long known = terms[(int) entry.index()];
            if (known != entry.term() && (known != 0 || entry.index() > snapshot)) {
                return false;
            }
        }
        return true;
    }
}
