package io.wgfabric.core.log;

/**
 * What a {@link Log} feeds: a deterministic state machine. Called by one thread at a time, in the order of the log.
 */
public interface Replica {

    /**
     * Applies one committed command and answers it. Must give the same answer and the same state on every member. An
     * exception means that this replica cannot go on: the log halts it, and never skips the command.
     *
     * @param index the command's position in the log; grows, not always by one
     */
    byte[] apply(long index, byte[] command);

    /** The whole state, as bytes that {@link #restore} takes. Called between commands, so it sees no half state. */
    byte[] snapshot();

    /** Replaces the whole state. */
    void restore(byte[] snapshot);

    /** The log cannot go on (disk error, damaged entry, a throwing {@link #apply}); nothing more will be applied. */
    void halted(Throwable cause);
}
