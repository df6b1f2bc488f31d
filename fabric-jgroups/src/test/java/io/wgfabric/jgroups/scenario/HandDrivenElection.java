package io.wgfabric.jgroups.scenario;

import org.jgroups.View;
import org.jgroups.conf.ClassConfigurator;
import org.jgroups.protocols.raft.ELECTION;
import org.jgroups.protocols.raft.election.BaseElection;
import org.jspecify.annotations.Nullable;

/** jgroups-raft's ELECTION, whose voting thread is the test's: rounds of votes run when the test says so. */
final class HandDrivenElection extends ELECTION {
    private boolean voting;
    private boolean mayStop;
    private Runnable collecting = () -> {};

    HandDrivenElection() {
        setId(ClassConfigurator.getProtocolId(ELECTION.class));
    }

    @Override
    public synchronized boolean isVotingThreadRunning() {
        return voting;
    }

    @Override
    public synchronized BaseElection startVotingThread() {
        if (!voting) {
            voting = true;
            mayStop = false;
        }
        return this;
    }

    @Override
    public synchronized BaseElection stopVotingThread() {
        mayStop = voting;
        return this;
    }

    /**
     * One turn of the voting thread, if it runs.
     *
     * @param during runs while votes are collected
     */
    void round(Runnable during) {
        if (voting && mayStop && (!isMajorityAvailable() || raft.leader() != null)) {
            voting = false; // as at the beginning of runVotingProcess()
        }
        if (!voting) {
            return;
        }
        collecting = during;
        runVotingProcess();
        collecting = () -> {};
        boolean elected = raft.leader() != null && view.containsMember(raft.leader());
        if (elected || !isMajorityAvailable()) {
            voting = false; // as runVotingProcess() has done
        }
    }

    @Nullable View currentView() {
        return view;
    }

    boolean hasMajorityInView() {
        return isMajorityAvailable();
    }

    @Override
    protected void sendVoteRequest(long term) {
        super.sendVoteRequest(term);
        Runnable now = collecting;
        collecting = () -> {};
        now.run();
    }
}
