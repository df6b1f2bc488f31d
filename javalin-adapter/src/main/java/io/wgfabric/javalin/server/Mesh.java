package io.wgfabric.javalin.server;

import io.wgfabric.agent.NodeStore;
import java.io.IOException;

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
    AutoCloseable start(NodeStore node, Settings settings) throws IOException;
}
