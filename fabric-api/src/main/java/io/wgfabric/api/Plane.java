package io.wgfabric.api;

/**
 * One of a node's two WireGuard interfaces. At rest every pair of nodes talks on {@link #MAIN}; a pair moves to {@link
 * #SPARE} and back while one of the two changes its keys, so that no packet is lost.
 */
public enum Plane {
    MAIN,
    SPARE;

    public Plane other() {
        return this == MAIN ? SPARE : MAIN;
    }
}
