package io.wgfabric.agent.wireguard;

/** What the system reports about the interfaces of this node: plane 0 and, during a rotation, plane 1. */
public record ActualNetwork(ActualPlane main, ActualPlane spare) {
    /** The number of the plane that always exists and carries all pairs at rest. */
    public static final int MAIN = 0;

    /** The number of the plane that exists while a key is rotated. */
    public static final int SPARE = 1;

    /** @param number {@link #MAIN} or {@link #SPARE} */
    public ActualPlane plane(int number) {
        return number == MAIN ? main : spare;
    }
}
