package io.wgfabric.javalin.server;

import io.wgfabric.agent.Agent;
import io.wgfabric.agent.NodeStore;
import io.wgfabric.agent.wireguard.TunnelException;
import io.wgfabric.agent.wireguard.Tunnels;
import io.wgfabric.api.Endpoint;
import io.wgfabric.api.NodeId;
import java.io.IOException;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** The agent that every node has, inside the manager's process; it asks this manager first. */
public final class AgentMesh implements Mesh {

    @Override
    public void check(Settings settings) throws IOException {
        try {
            Tunnels.open(settings.interfaceName(), Set.of());
        } catch (TunnelException e) {
            throw new IOException(e.getMessage() + "; a manager without a tunnel is started with --no-tunnel", e);
        }
    }

    @Override
    public Running start(NodeStore node, Settings settings) throws IOException {
        boolean everywhere =
                settings.bind().equals(Settings.DEFAULT_BIND) || settings.bind().equals("::");
        String host = everywhere ? "127.0.0.1" : settings.bind();
        return new Part(Agent.start(node, List.of(new HostPort(host, settings.port()).toString())));
    }

    private record Part(Agent agent) implements Running {
        @Override
        public Optional<Endpoint> sees(NodeId node) {
            return agent.sees(node);
        }

        @Override
        public void close() {
            agent.close();
        }
    }
}
