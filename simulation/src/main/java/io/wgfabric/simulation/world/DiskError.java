package io.wgfabric.simulation.world;

import java.io.IOException;

/** The simulated disk refused: the member must halt and acknowledge nothing more. */
final class DiskError extends IOException {
    private static final long serialVersionUID = 1L;

    DiskError(String message) {
        super(message);
    }
}
