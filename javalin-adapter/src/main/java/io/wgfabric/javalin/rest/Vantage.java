package io.wgfabric.javalin.rest;

import io.wgfabric.api.Endpoint;
import io.wgfabric.api.NodeId;
import java.util.Optional;
import java.util.function.Function;

/**
 * What this manager's own WireGuard sees of the nodes. Nothing until its part of the mesh runs, which asks the REST
 * interface first, and nothing at all on a manager without a tunnel. Thread-safe.
 */
public final class Vantage {
    private volatile Function<NodeId, Optional<Endpoint>> source = node -> Optional.empty();

    /** @param from asked for every heartbeat; does not block */
    public void open(Function<NodeId, Optional<Endpoint>> from) {
        source = from;
    }

    Optional<Endpoint> of(NodeId node) {
        return source.apply(node);
    }
}
