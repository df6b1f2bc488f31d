package io.wgfabric.jgroups.scenario;

import java.util.concurrent.CountDownLatch;
import org.jgroups.conf.ClassConfigurator;
import org.jgroups.protocols.raft.RAFT;
import org.jgroups.util.DefaultThreadFactory;
import org.jgroups.util.Runner;

/** jgroups-raft's RAFT, whose thread is the test's: nothing of what it does is changed. */
final class HandDrivenRaft extends RAFT {

    HandDrivenRaft() {
        setId(ClassConfigurator.getProtocolId(RAFT.class));
    }

    @Override
    public void init() throws Exception {
        super.init();
        runner = new Runner(new DefaultThreadFactory("parked", true), "parked", HandDrivenRaft::park, null);
    }

    private static void park() {
        try {
            new CountDownLatch(1).await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** One turn of RAFT's thread: all that is queued, or, if nothing is, what it does when it was idle. */
    void turn() {
        processQueue();
    }

    boolean hasWork() {
        return processingQueueSize() > 0;
    }

    void stopParked() {
        runner.stop();
    }
}
