package io.wgfabric.jgroups.raft;

import java.util.Set;
import org.jspecify.annotations.Nullable;

/** What may happen to a member. An empty list of events is the passing of time. */
public sealed interface Event {

    /** A message came in. */
    record Received(String from, Message message) implements Event {}

    /**
     * A command to append.
     *
     * @param term the leader's term that the asker knows; in any other term the command is refused. So a command that
     *     was not applied before the first entry of a later term never will be.
     * @param from the member that waits for it; it is told of the commit at once
     */
    @SuppressWarnings("ArrayRecordComponent") // shared bytes, never compared
    record Propose(long term, String from, long origin, long request, byte[] data) implements Event {}

    /** Adds or removes one voter. */
    record Change(String member, boolean add, Object token) implements Event {}

    /** Asks for the index that a linearizable read must wait for (section 6.4). */
    record Read(String from, Object token) implements Event {}

    /** Hands leadership to a voter, or to the one that is best caught up. */
    record Transfer(@Nullable String target) implements Event {}

    /** Who is on the network now: a hint, never a quorum. */
    record Connected(Set<String> members) implements Event {}

    /** Everything of the log up to this index is on disk. */
    record Persisted(long index) implements Event {}

    /**
     * A snapshot is on disk and may be sent from now on.
     *
     * @param size of the snapshot, in bytes
     * @param keepAfter entries after this index stay in the log, for followers that lag a little
     */
    record SnapshotTaken(SnapshotMeta meta, long size, long keepAfter) implements Event {}
}
