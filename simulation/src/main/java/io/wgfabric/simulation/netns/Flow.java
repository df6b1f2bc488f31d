package io.wgfabric.simulation.netns;

/** Echo requests from one node to another that go on while something else happens. */
public interface Flow extends AutoCloseable {
    /** How many answers have come so far. */
    long answers();

    /** Ends it and counts. */
    PingCount stop();

    /** Ends it without counting; nothing happens if it has ended. */
    @Override
    void close();
}
