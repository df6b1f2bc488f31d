package io.wgfabric.javalin.rest;

import io.wgfabric.core.log.Log;
import io.wgfabric.core.log.LogException;
import io.wgfabric.core.log.LogStatus;
import io.wgfabric.core.log.Replica;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.BiConsumer;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/** A real log whose status and end a test can stage. */
public final class StagedLog implements Log {
    private final Log log;
    private volatile UnaryOperator<LogStatus> staging = UnaryOperator.identity();
    private volatile @Nullable Replica replica;
    private volatile @Nullable LogException refusal;

    public StagedLog(Log log) {
        this.log = log;
    }

    /** From now on the status is what this makes of the real one. */
    void stage(UnaryOperator<LogStatus> newStaging) {
        staging = newStaging;
    }

    /** From now on nobody leads. */
    void loseLeader() {
        stage(real -> new LogStatus(
                real.self(),
                LogStatus.Role.FOLLOWER,
                null,
                real.term(),
                real.commitIndex(),
                real.appliedIndex(),
                real.voters(),
                real.connected()));
    }

    /** From now on the log answers as one that has found no leader for long. */
    public void loseMajority(String message) {
        loseLeader();
        refusal = LogException.noMajority(message);
    }

    private <T> @Nullable CompletionStage<T> refused() {
        LogException current = refusal;
        return current == null ? null : CompletableFuture.failedFuture(current);
    }

    /** Tells the replica that the log cannot go on. */
    public void halt(Throwable cause) {
        Replica told = replica;
        if (told == null) {
            throw new IllegalStateException("this log was not started");
        }
        told.halted(cause);
    }

    @Override
    public void start(Replica newReplica) {
        replica = newReplica;
        log.start(newReplica);
    }

    @Override
    public CompletionStage<byte[]> append(byte[] command, Duration timeout) {
        CompletionStage<byte[]> refused = refused();
        return refused == null ? log.append(command, timeout) : refused;
    }

    @Override
    public CompletionStage<Void> barrier(Duration timeout) {
        CompletionStage<Void> refused = refused();
        return refused == null ? log.barrier(timeout) : refused;
    }

    @Override
    public LogStatus status() {
        return staging.apply(log.status());
    }

    @Override
    public void onStatusChange(Runnable listener) {
        log.onStatusChange(listener);
    }

    @Override
    public CompletionStage<Void> addVoter(String memberId, Duration timeout) {
        return log.addVoter(memberId, timeout);
    }

    @Override
    public CompletionStage<Void> removeVoter(String memberId, Duration timeout) {
        return log.removeVoter(memberId, timeout);
    }

    @Override
    public void broadcast(byte[] datagram) {
        log.broadcast(datagram);
    }

    @Override
    public void onBroadcast(BiConsumer<String, byte[]> listener) {
        log.onBroadcast(listener);
    }

    @Override
    public CompletionStage<Void> snapshot() {
        return log.snapshot();
    }

    @Override
    public void close() {
        log.close();
    }
}
