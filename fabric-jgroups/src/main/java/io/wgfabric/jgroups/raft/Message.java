package io.wgfabric.jgroups.raft;

import java.util.List;

/** What members say to each other. Every message carries the sender's term (dissertation figure 3.1). */
public sealed interface Message {

    long term();

    /**
     * Asks for a vote, or, with {@code pre}, whether a vote would be given (section 9.6).
     *
     * @param term the candidate's term; with {@code pre} the term that it would campaign in
     * @param transfer whether the leader itself asked for this election, which overrides its lease (section 4.2.3)
     */
    record VoteRequest(long term, boolean pre, boolean transfer, long lastIndex, long lastTerm) implements Message {}

    /**
     * Answers a {@link VoteRequest}.
     *
     * @param term the voter's term; for a granted pre-vote the term that was asked for
     */
    record VoteResponse(long term, boolean pre, boolean granted) implements Message {}

    /**
     * Replicates entries; without entries it is the heartbeat.
     *
     * @param round echoed by the answer; confirms leadership for reads (section 6.4)
     * @param previousIndex the index before the first entry
     * @param commit the leader's commit index
     */
    record AppendRequest(long term, long round, long previousIndex, long previousTerm, long commit, List<Entry> entries)
            implements Message {}

    /**
     * Answers an {@link AppendRequest}.
     *
     * @param index on success the last index that this request verified, previous + count, never the log's end; on
     *     refusal the {@code previousIndex} that did not match
     * @param hint on refusal the last index at which the logs may agree (section 3.5, end)
     */
    record AppendResponse(long term, long round, boolean success, long index, long hint) implements Message {}

    /**
     * One piece of a snapshot (section 5.1).
     *
     * @param size the whole snapshot in bytes
     * @param checksum CRC32C of the whole snapshot, as the sender wrote it
     * @param offset where this piece belongs
     */
    @SuppressWarnings("ArrayRecordComponent") // shared bytes, never compared
    record SnapshotRequest(long term, long round, SnapshotMeta meta, long size, int checksum, long offset, byte[] data)
            implements Message {}

    /**
     * Answers a {@link SnapshotRequest} that was not the last one.
     *
     * @param index the snapshot's index
     * @param offset the next offset that is wanted
     */
    record SnapshotResponse(long term, long round, long index, long offset) implements Message {}

    /** Tells a caught-up voter to campaign at once (section 3.10). */
    record TimeoutNow(long term) implements Message {}
}
