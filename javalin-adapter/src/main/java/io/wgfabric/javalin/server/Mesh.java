package io.wgfabric.javalin.server;

import io.wgfabric.agent.NodeStore;
import io.wgfabric.api.Endpoint;
import io.wgfabric.api.NodeId;
import java.io.IOException;
import java.util.Optional;

/** How a manager takes part in the mesh that it manages: an agent inside the manager's process. */
public interface Mesh {
    /**
     * Finds out whether this process may make interfaces, before anything is changed.
     *
     * @throws IOException if not; the message says what to do
     */
    void check(Settings settings) throws IOException;

    /**
     * Brings the manager's interfaces up and keeps them as the configuration wants them, until it is closed. The REST
     * interface of the manager serves already.
     */
    Running start(NodeStore node, Settings settings) throws IOException;

    /** The manager's part of the mesh. */
    interface Running extends AutoCloseable {
        /** Where the manager's WireGuard sees another node; empty if the two have no session. Does not block. */
        Optional<Endpoint> sees(NodeId node);

        @Override
        void close();
    }
}
