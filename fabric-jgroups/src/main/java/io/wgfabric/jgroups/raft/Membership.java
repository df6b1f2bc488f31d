package io.wgfabric.jgroups.raft;

import io.wgfabric.jgroups.raft.Effects.Refusal;
import io.wgfabric.jgroups.raft.RaftCore.Role;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Changes of the voters, one at a time (dissertation section 4.1). A change is in force once it is in the log; the next
 * one waits until it is committed, and until the leader has committed an entry of its own term (the correction of 2015
 * to section 4.1).
 */
final class Membership {
    private record Pending(Object token, long index) {}

    private final RaftCore core;
    private final List<Pending> pending = new ArrayList<>();
    private long windowStart;
    private long mark;
    private long olderMark;

    Membership(RaftCore core) {
        this.core = core;
    }

    void start(long firstIndex) {
        windowStart = core.now;
        mark = firstIndex;
        olderMark = firstIndex;
    }

    void stop() {
        pending.forEach(one -> core.answer(one.token(), Refusal.NOT_LEADER, 0));
        pending.clear();
    }

    void tick() {
        if (core.now - windowStart >= core.settings.electionMillis()) {
            windowStart = core.now;
            olderMark = mark;
            mark = core.log.lastIndex();
        }
    }

    /**
     * Section 4.2.1: a learner has caught up when it has what the leader had an election timeout ago, so that adding it
     * delays commits by no more than that.
     */
    private boolean isCaughtUp(String member) {
        Progress peer = core.leading.replication.peer(member);
        return peer != null
                && peer.state == Progress.State.REPLICATE
                && peer.match >= olderMark
                && core.now - peer.contact <= core.settings.electionMillis();
    }

    void change(Event.Change change) {
        if (core.role != Role.LEADER) {
            core.answer(change.token(), Refusal.NOT_LEADER, 0);
            return;
        }
        Configuration configuration = core.configuration();
        if (configuration.has(change.member()) == change.add()) {
            pending.add(new Pending(change.token(), core.configurationIndex()));
            return;
        }
        Refusal refusal = refusal(change, configuration);
        if (refusal != null) {
            core.answer(change.token(), refusal, 0);
            return;
        }
        Configuration changed =
                change.add() ? configuration.with(change.member()) : configuration.without(change.member());
        Entry entry = Entry.configuration(core.log.lastIndex() + 1, core.term, changed);
        core.append(entry);
        core.leading.replication.syncPeers();
        pending.add(new Pending(change.token(), entry.index()));
    }

    private @Nullable Refusal refusal(Event.Change change, Configuration configuration) {
        if (!core.leading.isEstablished()
                || core.configurationIndex() > core.commit
                || core.leading.transfer.isRunning()) {
            return Refusal.BUSY;
        }
        if (change.add()) {
            boolean full = configuration.voters().size() >= Configuration.MAX_VOTERS;
            return full || !isCaughtUp(change.member()) ? Refusal.NOT_READY : null;
        }
        if (configuration.voters().size() == 1) {
            return Refusal.LAST_VOTER;
        }
        return change.member().equals(core.self) ? Refusal.IS_LEADER : null;
    }

    void resolve() {
        if (!core.leading.isEstablished()) {
            return;
        }
        pending.removeIf(one -> {
            if (one.index() > core.commit) {
                return false;
            }
            core.answer(one.token(), null, one.index());
            return true;
        });
    }
}
