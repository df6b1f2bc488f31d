package io.wgfabric.simulation.world;

/** A process ends here and now. An error, so that no code of the process can catch it by mistake. */
final class Crash extends Error {
    private static final long serialVersionUID = 1L;

    Crash() {
        super("crash", null, false, false);
    }
}
