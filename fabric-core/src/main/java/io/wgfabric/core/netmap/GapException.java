package io.wgfabric.core.netmap;

/** A delta does not lead on from what a node has. A full configuration does; what the node has is as good as before. */
public final class GapException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    public GapException(String message) {
        super(message);
    }
}
