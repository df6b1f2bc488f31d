package io.wgfabric.core.log;

import io.wgfabric.core.log.LogException.Outcome;
import java.time.Duration;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/**
 * A log of one member in memory, for tests and for applications that need no second process and no disk. Commands are
 * applied on the caller's thread.
 */
public final class InProcessLog implements Log {
    private static final String SELF = "self";

    private @Nullable Replica replica;
    private long index;
    private boolean closed;

    @Override
    public synchronized void start(Replica newReplica) {
        replica = newReplica;
    }

    @Override
    public synchronized CompletionStage<byte[]> append(byte[] command, Duration timeout) {
        if (closed || replica == null) {
            return CompletableFuture.failedFuture(new LogException(Outcome.NOT_APPLIED, "the log is closed"));
        }
        if (command.length > MAX_COMMAND) {
            return CompletableFuture.failedFuture(
                    new LogException(Outcome.NOT_APPLIED, "a command has at most " + MAX_COMMAND + " bytes"));
        }
        try {
            index++;
            return CompletableFuture.completedFuture(replica.apply(index, command));
        } catch (RuntimeException e) {
            closed = true;
            replica.halted(e);
            return CompletableFuture.failedFuture(new LogException(Outcome.UNKNOWN, "the replica stopped", e));
        }
    }

    @Override
    public CompletionStage<Void> barrier(Duration timeout) {
        return CompletableFuture.completedFuture(null);
    }

    @Override
    public synchronized LogStatus status() {
        SortedSet<String> self = new TreeSet<>();
        self.add(SELF);
        return new LogStatus(
                SELF, closed ? LogStatus.Role.HALTED : LogStatus.Role.LEADER, SELF, 1, index, index, self, self);
    }

    @Override
    public void onStatusChange(Runnable listener) {
        // The status of a single member never changes while it is open.
    }

    @Override
    public CompletionStage<Void> addVoter(String memberId, Duration timeout) {
        return refuseMembers();
    }

    @Override
    public CompletionStage<Void> removeVoter(String memberId, Duration timeout) {
        return refuseMembers();
    }

    private static CompletionStage<Void> refuseMembers() {
        return CompletableFuture.failedFuture(
                new LogException(Outcome.NOT_APPLIED, "a log within one process has one member"));
    }

    @Override
    public void broadcast(byte[] datagram) {
        // There is nobody else.
    }

    @Override
    public void onBroadcast(BiConsumer<String, byte[]> listener) {
        // There is nobody else.
    }

    @Override
    public CompletionStage<Void> snapshot() {
        return CompletableFuture.completedFuture(null);
    }

    @Override
    public synchronized void close() {
        closed = true;
    }
}
