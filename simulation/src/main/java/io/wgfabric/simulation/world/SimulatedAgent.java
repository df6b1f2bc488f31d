package io.wgfabric.simulation.world;

import io.wgfabric.api.NodeId;
import io.wgfabric.api.Revision;
import io.wgfabric.core.netmap.Netmap;
import org.jspecify.annotations.Nullable;

/** One agent's memory, disk and stream. What it believes must agree with {@code Agent}. */
final class SimulatedAgent {
    private static final long KEY = 0x6a09e667f3bcc909L;

    /** A configuration with a keyed hash in place of a signature. */
    record Signed(Netmap netmap, long code) {
        static Signed of(Netmap netmap) {
            return new Signed(netmap, code(netmap));
        }

        private static long code(Netmap netmap) {
            return (KEY ^ netmap.revision().number()) * 0x9e3779b97f4a7c15L
                    + netmap.members().size();
        }

        boolean isGenuine() {
            return code == code(netmap);
        }
    }

    /** The last line of a stream. */
    private record Gone(boolean removed, Revision revision) {}

    private final NodeId node;
    private String manager = "";
    private @Nullable Netmap current;
    private @Nullable Netmap stored;
    private boolean quarantined;
    private boolean removed;
    /** The slots of the stream: a newer line takes the place of one that was not sent yet. */
    private @Nullable Signed slot;

    private @Nullable Gone last;

    SimulatedAgent(NodeId node) {
        this.node = node;
    }

    NodeId node() {
        return node;
    }

    String manager() {
        return manager;
    }

    boolean isRemoved() {
        return removed;
    }

    void watch(String newManager) {
        manager = newManager;
        broken();
    }

    void broken() {
        slot = null;
        last = null;
    }

    void restart() {
        current = stored;
        quarantined = false;
        broken();
    }

    void offer(Signed line) {
        if (last == null) {
            slot = line;
        }
    }

    void offerGone(boolean wasRemoved, Revision revision) {
        slot = null;
        last = new Gone(wasRemoved, revision);
    }

    /** Takes what is in the slot. */
    void hear(Agents agents) {
        Signed line = slot;
        Gone gone = last;
        broken();
        if (line != null) {
            accept(line, agents);
        } else if (gone != null) {
            gone(gone);
        }
    }

    private void accept(Signed line, Agents agents) {
        Netmap offered = line.netmap();
        Netmap known = current;
        if (!line.isGenuine()
                || (known != null && offered.edition().isBefore(known.edition()))
                || offered.member(node).isEmpty()) {
            return;
        }
        Netmap before = stored;
        if (before != null
                && (offered.epoch() < before.epoch()
                        || (offered.epoch() == before.epoch()
                                && offered.revision().isBefore(before.revision())))) {
            throw new Violation("the agent of " + node + " went back from revision " + before.revision() + " to "
                    + offered.revision());
        }
        if (!offered.equals(agents.truth(offered.revision().number()))) {
            throw new Violation("the agent of " + node + " has a configuration of revision " + offered.revision()
                    + " that was not committed");
        }
        stored = offered;
        current = offered;
        quarantined = false;
    }

    private void gone(Gone gone) {
        Netmap known = current;
        if (known != null && gone.revision().isBefore(known.revision())) {
            return; // a manager that lags behind
        }
        removed = gone.removed();
        quarantined = !removed;
    }

    /** Whether it has what this newest configuration says, or knows that it has no part in it. */
    boolean isCurrent(Netmap newest) {
        Netmap known = current;
        return newest.member(node).isEmpty() ? quarantined : known != null && known.saysTheSameAs(newest);
    }
}
