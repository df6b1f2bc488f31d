package io.wgfabric.jgroups.raft;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What survives a crash of a simulated member. Every method is one atomic, synced write. */
final class SimulatedDisk {
    private long term;
    private @Nullable String vote;
    private SnapshotMeta snapshot = SnapshotMeta.NONE;
    private byte[] state = {};
    private long baseIndex;
    private long baseTerm;
    private final List<Entry> entries = new ArrayList<>();

    void bootstrap(Configuration configuration) {
        entries.add(Entry.configuration(1, 1, configuration));
        term = 1;
    }

    void vote(Effects.HardState written) {
        if (written.term() < term) {
            throw new AssertionError("the term goes back from " + term + " to " + written.term());
        }
        if (written.term() == term && vote != null && !vote.equals(written.vote())) {
            throw new AssertionError("two votes in term " + term);
        }
        term = written.term();
        vote = written.vote();
    }

    void append(List<Entry> batch) {
        long first = batch.get(0).index();
        if (first <= baseIndex || first > lastIndex() + 1) {
            throw new AssertionError("entry " + first + " after " + lastIndex());
        }
        entries.subList((int) (first - baseIndex - 1), entries.size()).clear();
        entries.addAll(batch);
    }

    void snapshot(SnapshotMeta meta, byte[] bytes) {
        if (meta.index() > snapshot.index()) {
            snapshot = meta;
            state = bytes.clone();
        }
    }

    /** What a member does after it stored a snapshot, and at every start: the snapshot wins over the log. */
    void agree() {
        boolean continues = lastIndex() >= snapshot.index()
                && snapshot.index() >= baseIndex
                && termAt(snapshot.index()) == snapshot.term();
        if (!continues) {
            entries.clear();
            baseIndex = snapshot.index();
            baseTerm = snapshot.term();
        }
    }

    void compactTo(long index) {
        long to = Math.min(index, Math.min(snapshot.index(), lastIndex()));
        if (to > baseIndex) {
            baseTerm = termAt(to);
            entries.subList(0, (int) (to - baseIndex)).clear();
            baseIndex = to;
        }
    }

    private long lastIndex() {
        return baseIndex + entries.size();
    }

    private long termAt(long index) {
        return index == baseIndex
                ? baseTerm
                : entries.get((int) (index - baseIndex - 1)).term();
    }

    boolean holds(long index, long entryTerm) {
        if (index <= snapshot.index()) {
            return true;
        }
        return index > baseIndex && index <= lastIndex() && termAt(index) == entryTerm;
    }

    byte[] state() {
        return state;
    }

    SnapshotMeta snapshot() {
        return snapshot;
    }

    Restored restored() {
        agree();
        return new Restored(term, vote, snapshot, state.length, baseIndex, baseTerm, List.copyOf(entries), 0);
    }
}
