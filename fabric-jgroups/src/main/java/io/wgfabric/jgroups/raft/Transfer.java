package io.wgfabric.jgroups.raft;

import io.wgfabric.jgroups.raft.Message.TimeoutNow;
import io.wgfabric.jgroups.raft.RaftCore.Role;
import org.jspecify.annotations.Nullable;

/**
 * Leadership transfer (dissertation section 3.10): no new proposals, the target gets the whole log, then campaigns at
 * once. Given up after an election timeout.
 */
final class Transfer {
    private final RaftCore core;
    private @Nullable String target;
    private long deadline;
    private boolean told;

    Transfer(RaftCore core) {
        this.core = core;
    }

    boolean isRunning() {
        return target != null;
    }

    void stop() {
        target = null;
    }

    void begin(@Nullable String wanted) {
        if (core.role != Role.LEADER || target != null) {
            return;
        }
        String chosen = wanted == null ? best() : wanted;
        if (chosen == null || chosen.equals(core.self) || !core.configuration().has(chosen)) {
            return;
        }
        target = chosen;
        told = false;
        deadline = core.now + core.settings.electionMillis();
    }

    /** The voter that answered lately and has most of the log. */
    private @Nullable String best() {
        String found = null;
        long match = -1;
        for (String id : core.leading.replication.answeredWithin(core.settings.electionMillis())) {
            if (core.configuration().has(id) && core.leading.replication.match(id) > match) {
                found = id;
                match = core.leading.replication.match(id);
            }
        }
        return found;
    }

    void tick() {
        if (core.now >= deadline) {
            target = null;
        }
    }

    void proceed() {
        String to = target;
        if (to != null && !told && core.leading.replication.match(to) == core.log.lastIndex()) {
            told = true;
            core.send(to, new TimeoutNow(core.term));
        }
    }
}
