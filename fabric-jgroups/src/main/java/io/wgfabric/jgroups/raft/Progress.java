package io.wgfabric.jgroups.raft;

import java.util.ArrayDeque;

/** What a leader knows of one other member, and what it has sent to it. */
final class Progress {

    enum State {
        /** One request at a time until the logs are known to meet. */
        PROBE,
        /** Pipelined (dissertation section 10.2.1). */
        REPLICATE,
        /** The entries that it needs are gone; it gets the snapshot. */
        SNAPSHOT
    }

    final String id;
    State state = State.PROBE;
    /** The last index known to be on the member's disk and equal to the leader's. */
    long match;
    /** The next index to send. */
    long next;

    boolean probeSent;
    boolean heartbeatDue = true;
    /** When it last answered. */
    long contact;
    /** The latest round that it confirmed. */
    long round;
    /** The highest commit index that it was told and could use. */
    long toldCommit;
    /** It waits for this index to be committed and is told at once. */
    long waitsFor;

    SnapshotMeta snapshot = SnapshotMeta.NONE;
    long chunkOffset;
    long chunkSentAt;
    boolean chunkOutstanding;

    private final ArrayDeque<Long> inflight = new ArrayDeque<>();

    Progress(String id, long next, long now) {
        this.id = id;
        this.next = next;
        this.contact = now;
    }

    int inflight() {
        return inflight.size();
    }

    void sent(long lastIndex) {
        next = lastIndex + 1;
        inflight.add(lastIndex);
    }

    void acknowledge(long index) {
        match = Math.max(match, index);
        next = Math.max(next, match + 1);
        while (!inflight.isEmpty() && inflight.peekFirst() <= index) {
            inflight.removeFirst();
        }
    }

    void probe(long from) {
        state = State.PROBE;
        next = Math.max(match + 1, from);
        probeSent = false;
        inflight.clear();
    }

    void replicate() {
        state = State.REPLICATE;
        next = match + 1;
        probeSent = false;
        inflight.clear();
    }

    void sendSnapshot(SnapshotMeta meta) {
        state = State.SNAPSHOT;
        snapshot = meta;
        chunkOffset = 0;
        chunkOutstanding = false;
        inflight.clear();
    }
}
