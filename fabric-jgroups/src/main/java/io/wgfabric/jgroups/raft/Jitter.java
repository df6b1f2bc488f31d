package io.wgfabric.jgroups.raft;

/** Where the core's random election timeouts come from. */
@FunctionalInterface
public interface Jitter {
    /** A number from 0 to {@code bound - 1}. */
    long below(long bound);
}
