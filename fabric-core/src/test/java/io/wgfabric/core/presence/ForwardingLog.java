package io.wgfabric.core.presence;

import io.wgfabric.core.log.Log;
import io.wgfabric.core.log.LogStatus;
import io.wgfabric.core.log.Replica;
import java.time.Duration;
import java.util.concurrent.CompletionStage;
import java.util.function.BiConsumer;
import java.util.function.Consumer;

/** A log whose datagrams go to a test. */
record ForwardingLog(Log log, Consumer<byte[]> datagrams) implements Log {
    @Override
    public void start(Replica replica) {
        log.start(replica);
    }

    @Override
    public CompletionStage<byte[]> append(byte[] command, Duration timeout) {
        return log.append(command, timeout);
    }

    @Override
    public CompletionStage<Void> barrier(Duration timeout) {
        return log.barrier(timeout);
    }

    @Override
    public LogStatus status() {
        return log.status();
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
        datagrams.accept(datagram);
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
