package io.wgfabric.jgroups.raft;

import io.wgfabric.jgroups.raft.Message.VoteRequest;
import io.wgfabric.jgroups.raft.Message.VoteResponse;
import io.wgfabric.jgroups.raft.RaftCore.Role;
import java.util.Set;
import java.util.TreeSet;

/**
 * Elections (dissertation section 3.4), with pre-vote (9.6) and the leader's lease against disruption (4.2.3). Started
 * by time alone; the candidate counts by member id against its own latest configuration.
 */
final class Elections {
    private final RaftCore core;
    private final Jitter jitter;
    private final Set<String> votes = new TreeSet<>();
    private long deadline = -1;
    private long heardFromLeader = Long.MIN_VALUE / 2;

    Elections(RaftCore core, Jitter jitter) {
        this.core = core;
        this.jitter = jitter;
    }

    /** Starts the timer at the first step; before it there is no time. */
    void arm() {
        if (deadline < 0) {
            resetTimer();
        }
    }

    void resetTimer() {
        deadline = core.now + core.settings.electionMillis() + jitter.below(core.settings.electionMillis());
    }

    void heardFromLeader() {
        heardFromLeader = core.now;
        resetTimer();
    }

    /** Whether a leader lives as far as is known here. A leader without a majority has stepped down already. */
    boolean leaseHolds() {
        return core.role == Role.LEADER
                || (core.leader != null && core.now - heardFromLeader < core.settings.electionMillis());
    }

    void tick() {
        if (core.role == Role.LEADER) {
            core.leading.tick();
        } else if (core.now >= deadline || isAlone()) {
            if (core.mayCampaign()) {
                campaign(true, false);
            } else {
                core.leader = null;
                resetTimer();
            }
        }
    }

    /** The only voter waits for nobody. */
    private boolean isAlone() {
        return core.configuration().voters().size() == 1 && core.isVoter();
    }

    /** Section 3.10: the leader asked for this election, so nobody else's opinion on its lease matters. */
    void timeoutNow() {
        if (core.isVoter() && core.role != Role.LEADER) {
            campaign(false, true);
        }
    }

    private void campaign(boolean pre, boolean transfer) {
        core.leader = null;
        votes.clear();
        votes.add(core.self);
        resetTimer();
        if (pre) {
            core.role = Role.PRE_CANDIDATE;
        } else {
            core.role = Role.CANDIDATE;
            core.term++;
            core.vote = core.self;
        }
        if (core.configuration().hasMajority(votes)) {
            won();
            return;
        }
        long wanted = pre ? core.term + 1 : core.term;
        VoteRequest request = new VoteRequest(wanted, pre, transfer, core.log.lastIndex(), core.log.lastTerm());
        for (String voter : core.configuration().voters()) {
            if (!voter.equals(core.self)) {
                core.send(voter, request);
            }
        }
    }

    private void won() {
        if (core.role == Role.PRE_CANDIDATE) {
            campaign(false, false);
        } else {
            core.role = Role.LEADER;
            core.leader = core.self;
            core.leading.start();
        }
    }

    /** A vote is asked for in our term or, for a pre-vote, a later one. */
    void requested(String from, VoteRequest request) {
        // Section 3.6.1: the log with the later last term, or the longer one in the same term, is more up to date.
        boolean longer = request.lastTerm() > core.log.lastTerm()
                || (request.lastTerm() == core.log.lastTerm() && request.lastIndex() >= core.log.lastIndex());
        // A voter has had a configuration before it was one: who has none is new, or has lost its disk and its votes.
        boolean upToDate = longer && !core.configuration().isEmpty();
        if (request.pre()) {
            boolean granted = upToDate && request.term() > core.term;
            core.send(from, new VoteResponse(granted ? request.term() : core.term, true, granted));
            return;
        }
        boolean granted = upToDate && (core.vote == null || core.vote.equals(from));
        if (granted) {
            core.vote = from;
            core.role = Role.FOLLOWER;
            resetTimer();
        }
        core.send(from, new VoteResponse(core.term, false, granted));
    }

    /** Counts an answer if it belongs to this very round; anything else is dropped. */
    void answered(String from, VoteResponse response) {
        boolean ofThisRound = response.pre()
                ? core.role == Role.PRE_CANDIDATE && response.term() == core.term + 1
                : core.role == Role.CANDIDATE && response.term() == core.term;
        if (!ofThisRound || !response.granted()) {
            return;
        }
        votes.add(from);
        if (core.configuration().hasMajority(votes)) {
            won();
        }
    }
}
