package io.wgfabric.jgroups.raft;

import io.wgfabric.jgroups.raft.Effects.Refusal;
import io.wgfabric.jgroups.raft.RaftCore.Role;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.SortedSet;

/**
 * ReadIndex (dissertation section 6.4): a read learns the commit index of a leader that has committed in its term and
 * that a majority has confirmed after the read arrived. All reads of a step share one round of heartbeats.
 */
final class Reads {
    private record Pending(Event.Read read, long round, long index) {}

    private final RaftCore core;
    private final List<Event.Read> waiting = new ArrayList<>();
    private final List<Pending> pending = new ArrayList<>();
    private long round;

    Reads(RaftCore core) {
        this.core = core;
    }

    /** The current round; every request of a leader carries it and every answer brings it back. */
    long round() {
        return round;
    }

    void ask(Event.Read read) {
        if (core.role == Role.LEADER) {
            waiting.add(read);
        } else {
            core.answer(read.token(), Refusal.NOT_LEADER, 0);
        }
    }

    void beginRound() {
        if (waiting.isEmpty() || !core.leading.isEstablished()) {
            return;
        }
        round++;
        for (Event.Read read : waiting) {
            pending.add(new Pending(read, round, core.commit));
        }
        waiting.clear();
        core.leading.replication.heartbeatAll();
    }

    void resolve() {
        Iterator<Pending> each = pending.iterator();
        while (each.hasNext()) {
            Pending one = each.next();
            SortedSet<String> confirmed = core.leading.replication.confirmed(one.round());
            confirmed.add(core.self);
            if (!core.configuration().hasMajority(confirmed)) {
                return; // later rounds are confirmed later
            }
            core.leading.replication.waits(one.read().from(), one.index());
            core.answer(one.read().token(), null, one.index());
            each.remove();
        }
    }

    void stop() {
        waiting.forEach(read -> core.answer(read.token(), Refusal.NOT_LEADER, 0));
        pending.forEach(one -> core.answer(one.read().token(), Refusal.NOT_LEADER, 0));
        waiting.clear();
        pending.clear();
    }
}
