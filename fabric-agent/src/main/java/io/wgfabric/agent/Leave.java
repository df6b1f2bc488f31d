package io.wgfabric.agent;

import io.wgfabric.agent.wireguard.Forwarding;
import io.wgfabric.agent.wireguard.TunnelException;
import io.wgfabric.agent.wireguard.Tunnels;
import io.wgfabric.api.NodeId;
import java.io.IOException;

/** How a node leaves for good. */
public final class Leave {
    private Leave() {}

    /**
     * Leaves: the cluster forgets the node, then its interfaces go down and its folder is erased. An agent that runs
     * notices, and ends.
     *
     * @throws ControlException if no manager can be asked; then nothing has changed
     * @throws TunnelException if the interfaces cannot be removed
     */
    public static void leave(NodeStore store) throws IOException {
        NodeStore.Identity identity = store.identity();
        NodeId node = identity.node();
        try {
            NodeClients.of(store).call("DELETE", "/v1/nodes/" + node, null, Void.class);
        } catch (ControlException e) {
            boolean goneAlready = e.slug().equals("node-removed") || e.slug().equals("node-unknown");
            if (!goneAlready) {
                throw e;
            }
        }
        takeDown(store);
        store.erase();
    }

    /** Takes the node's interfaces down, and what it did to this host's routing; the cluster is not asked. */
    public static void takeDown(NodeStore store) throws IOException {
        String interfaceName = store.identity().interfaceName();
        if (interfaceName != null) {
            Tunnels.open(interfaceName, store.keys().allPublic()).tearDown();
            new Forwarding(Tunnels.interfaceNames(interfaceName)).set(Forwarding.Duty.NONE);
            new ExitWay(store).leave();
        }
    }
}
