package io.wgfabric.jgroups.stack;

import io.wgfabric.jgroups.raft.Configuration;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Predicate;
import java.util.function.Supplier;

/**
 * Who may speak to this member. One that is no longer admitted goes on replicating while it has a vote: the others may
 * need that vote, and be it to take it away. Thread-safe.
 */
final class Gate {
    private static final System.Logger LOG = System.getLogger(Gate.class.getName());
    private static final int MAX_TOLD = 64;

    private final Predicate<String> admits;
    private final Supplier<Configuration> configuration;
    private final Set<String> told = ConcurrentHashMap.newKeySet();
    private final LongAdder refused = new LongAdder();

    /** @param admits asked for every message, by id; it must be quick */
    Gate(Predicate<String> admits, Supplier<Configuration> configuration) {
        this.admits = admits;
        this.configuration = configuration;
    }

    /** Whether a member may take part in consensus. */
    boolean replicates(String member) {
        return admits.test(member) || configuration.get().has(member);
    }

    /** Whether a member may ask for commands, reads and changes of the voters, and send datagrams. */
    boolean asks(String member) {
        return admits.test(member);
    }

    /** Counts something that was dropped; the first of each sender is logged. */
    void refused(String member, String why) {
        refused.increment();
        if (told.size() < MAX_TOLD && told.add(member)) {
            LOG.log(System.Logger.Level.WARNING, "what {0} sends is dropped: {1}", member, why);
        }
    }

    /** How much was dropped since the start. */
    long refusals() {
        return refused.sum();
    }
}
