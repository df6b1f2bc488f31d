package io.wgfabric.jgroups.raft;

import io.wgfabric.jgroups.raft.Effects.Refusal;
import io.wgfabric.jgroups.raft.RaftCore.Role;
import java.util.Arrays;
import java.util.SortedSet;

/** A leader's duties: its own no-op, proposals, the commit rule, check-quorum. */
final class Leading {
    final Replication replication;
    final Reads reads;
    final Membership membership;
    final Transfer transfer;

    private final RaftCore core;
    /** The first entry of the own term; once it is committed, so is everything before it. */
    private long noopIndex;

    private long uncommittedBytes;

    Leading(RaftCore core) {
        this.core = core;
        this.replication = new Replication(core);
        this.reads = new Reads(core);
        this.membership = new Membership(core);
        this.transfer = new Transfer(core);
    }

    void start() {
        replication.start();
        uncommittedBytes = 0;
        noopIndex = core.log.lastIndex() + 1;
        // Section 3.6.2: without an entry of its own term a leader could commit nothing that came before.
        core.append(Entry.noop(noopIndex, core.term));
        membership.start(noopIndex);
    }

    void stop() {
        replication.stop();
        reads.stop();
        membership.stop();
        transfer.stop();
    }

    /** Whether this leader has committed an entry of its own term. */
    boolean isEstablished() {
        return core.role == Role.LEADER && core.commit >= noopIndex;
    }

    void propose(Event.Propose propose) {
        if (core.role != Role.LEADER || propose.term() != core.term) {
            core.refuse(propose, Refusal.NOT_LEADER);
            return;
        }
        Entry entry = new Entry(
                core.log.lastIndex() + 1,
                core.term,
                Entry.Kind.COMMAND,
                propose.origin(),
                propose.request(),
                propose.data());
        if (transfer.isRunning() || uncommittedBytes + entry.weight() > core.settings.maxUncommittedBytes()) {
            core.refuse(propose, Refusal.BUSY);
            return;
        }
        uncommittedBytes += entry.weight();
        core.append(entry);
        replication.waits(propose.from(), entry.index());
    }

    void tick() {
        replication.tick();
        membership.tick();
        transfer.tick();
        checkQuorum();
    }

    /** Section 6.2: a leader that has lost touch with a majority steps down, so that its clients look elsewhere. */
    private void checkQuorum() {
        SortedSet<String> reachable = replication.answeredWithin(2 * core.settings.electionMillis());
        reachable.add(core.self);
        if (!core.configuration().hasMajority(reachable)) {
            core.becomeFollower(core.term, null);
        }
    }

    void finish() {
        advanceCommit();
        reads.beginRound();
        replication.sendAll();
        reads.resolve();
        membership.resolve();
        // Reads that were just answered may have named members that wait for the commit index.
        replication.sendAll();
        transfer.proceed();
        if (!core.isVoter() && core.configurationIndex() <= core.commit) {
            core.becomeFollower(core.term, null); // section 4.2.2: a removed leader leads until that is committed
        }
    }

    /**
     * Section 3.6.2: only an entry of the own term is committed by counting; what comes before it goes with it. The
     * count is over the configuration in force, whoever answered.
     */
    private void advanceCommit() {
        Configuration configuration = core.configuration();
        if (configuration.isEmpty()) {
            return;
        }
        long[] matches = new long[configuration.voters().size()];
        int i = 0;
        for (String voter : configuration.voters()) {
            matches[i++] = voter.equals(core.self) ? core.persisted : replication.match(voter);
        }
        Arrays.sort(matches);
        long candidate = matches[matches.length - configuration.majority()];
        if (candidate > core.commit && core.log.term(candidate) == core.term) {
            for (long index = core.commit + 1; index <= candidate; index++) {
                Entry entry = core.log.get(index);
                if (entry.kind() == Entry.Kind.COMMAND && entry.term() == core.term) {
                    uncommittedBytes -= entry.weight();
                }
            }
            core.commit = candidate;
        }
    }
}
