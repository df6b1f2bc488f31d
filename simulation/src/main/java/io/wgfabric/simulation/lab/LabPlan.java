package io.wgfabric.simulation.lab;

/**
 * What the user asks for.
 *
 * @param managers how many, one to {@link #MAX_MANAGERS}
 * @param peers how many join before the failover, two to {@link #MAX_PEERS}; one more joins after it
 * @param keep whether the lab stays after the story, until the user ends it
 */
public record LabPlan(int managers, int peers, boolean keep) {
    public static final int MAX_MANAGERS = 7;
    public static final int MAX_PEERS = 200;

    /** With fewer, nothing is decided while one is away. */
    private static final int MANAGERS_THAT_SURVIVE_ONE = 3;

    /** @throws IllegalArgumentException with one line for people */
    public LabPlan {
        if (managers < 1 || managers > MAX_MANAGERS) {
            throw new IllegalArgumentException("--managers lies between 1 and " + MAX_MANAGERS + ", not " + managers);
        }
        if (peers < 2 || peers > MAX_PEERS) {
            throw new IllegalArgumentException("--peers lies between 2 and " + MAX_PEERS + ", not " + peers);
        }
    }

    boolean survivesOne() {
        return managers >= MANAGERS_THAT_SURVIVE_ONE;
    }
}
