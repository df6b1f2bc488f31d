package io.wgfabric.agent;

import io.wgfabric.agent.wireguard.ExitRules;
import io.wgfabric.api.NodeId;
import io.wgfabric.api.Role;
import io.wgfabric.core.netmap.Netmap;
import io.wgfabric.core.netmap.Netmap.Member;
import java.io.IOException;

/** Which exit node this machine uses: its own administrator says so, nobody else. A running agent follows within 5 s. */
public final class ExitChoice {
    private ExitChoice() {}

    /**
     * Sends what this machine has no nearer way for through a node, from now on and after restarts.
     *
     * @param named its name or id
     * @throws IOException if it leads nowhere, or this node cannot use it; the message says why
     */
    public static Member choose(NodeStore store, String named) throws IOException {
        NodeStore.Identity identity = store.identity();
        if (identity.role() == Role.MGMT || identity.interfaceName() == null) {
            throw new IOException(
                    "a manager is asked from the network below, and answers by it: only a peer uses an exit node");
        }
        Netmap netmap = LocalStatus.netmap(store, identity);
        Member exit = netmap.members().stream()
                .filter(member -> member.id().text().equals(named)
                        || member.name().toString().equals(named))
                .findFirst()
                .orElseThrow(() -> new IOException("this node knows no node of that name or id"));
        requireUsable(netmap, identity.node(), exit);
        store.saveExit(new NodeStore.Exit(exit.id()));
        return exit;
    }

    static void requireUsable(Netmap netmap, NodeId self, Member exit) throws IOException {
        if (exit.id().equals(self)) {
            throw new IOException("a node is no exit node of its own");
        }
        if (!DesiredNetworks.isExit(exit)) {
            throw new IOException(
                    "node " + exit.name() + " is no exit node: 'fabric peer offer 0.0.0.0/0,::/0' on it offers"
                            + " that, and an operator approves it with 'fabric node routes'");
        }
        boolean hub = netmap.member(self).map(Member::isHub).orElse(false);
        if (netmap.isHubbed() && !hub && !exit.isHub()) {
            throw new IOException("node " + exit.name() + " is reached through a hub alone, and an exit node has to be"
                    + " reached directly: choose a hub");
        }
    }

    /** Ends that at once, whether the agent runs or not: the machine's own way to the internet counts again. */
    public static void none(NodeStore store) throws IOException {
        store.identity();
        store.saveExit(new NodeStore.Exit(null));
        new ExitRules().clear();
    }
}
