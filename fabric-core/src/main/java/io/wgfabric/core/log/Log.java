package io.wgfabric.core.log;

import java.time.Duration;
import java.util.concurrent.CompletionStage;
import java.util.function.BiConsumer;

/**
 * A replicated log of commands: what one member appends, every member applies, in the same order.
 *
 * <p>Thread-safe. No method blocks on the network except {@link #start} and {@link #close}.
 */
public interface Log extends AutoCloseable {

    /**
     * Restores the replica from the newest snapshot, replays the committed entries after it, and begins to take part.
     * Returns when the local log has been read; says nothing about a leader.
     *
     * @throws LogException if the stored log is damaged or belongs to another member; the message says what to do
     */
    void start(Replica replica);

    /**
     * Appends a command, through the leader wherever it is, and completes with what {@link Replica#apply} answered
     * once the command is on the disks of a majority and applied here.
     *
     * <p>Always completes: within the timeout, or exceptionally with a {@link LogException} that says whether the
     * command may yet be applied ({@link LogException#outcome()}). The command itself must make a repeat harmless.
     * During an election it waits; where no majority has been heard of for longer than that it is refused at once
     * ({@link LogException#isWithoutMajority()}), and so are {@link #barrier}, {@link #addVoter} and {@link #removeVoter}.
     * What was under way to a leader when that leader lost its majority ends as unknown at its own timeout, unless a next
     * leader decides it before.
     */
    CompletionStage<byte[]> append(byte[] command, Duration timeout);

    /**
     * Completes when every command that was acknowledged anywhere before this call has been applied here, confirmed by
     * a majority in the current term (ReadIndex, Raft dissertation section 6.4). A read after it is linearizable.
     */
    CompletionStage<Void> barrier(Duration timeout);

    /** What is known here and now; may be stale. */
    LogStatus status();

    /** Called, on a thread of the log's own, whenever leader, role, term or members changed. It must not block. */
    void onStatusChange(Runnable listener);

    /**
     * Makes a learner a voter once it has caught up; does nothing if it is a voter already. Any member may be asked;
     * one change at a time.
     */
    CompletionStage<Void> addVoter(String memberId, Duration timeout);

    /** Takes a voter out of the quorum; does nothing if it is none. A leader that removes itself hands over first. */
    CompletionStage<Void> removeVoter(String memberId, Duration timeout);

    /**
     * Sends a datagram to every other connected member: best effort, no order, lost without notice. For what may be
     * lost, such as merged heartbeats. At most {@value #MAX_DATAGRAM} bytes.
     */
    void broadcast(byte[] datagram);

    /** Sets who hears the datagrams of others: the sender's member id and the bytes. It must not block. */
    void onBroadcast(BiConsumer<String, byte[]> listener);

    /** How many messages were dropped since the start, of who may not send them; 0 where nobody else can. */
    default long refusals() {
        return 0;
    }

    /** Forces a snapshot of the replica and drops the log before it. */
    CompletionStage<Void> snapshot();

    /** Hands leadership over if this member leads, and stops. Idempotent. */
    @Override
    void close();

    /** The largest datagram of {@link #broadcast}, in bytes. */
    int MAX_DATAGRAM = 1 << 20;

    /** The largest command of {@link #append}, in bytes. */
    int MAX_COMMAND = 1 << 20;
}
