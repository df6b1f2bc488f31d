package io.wgfabric.core.state;

import io.wgfabric.api.Address;
import io.wgfabric.api.Cluster;
import io.wgfabric.api.Command.ApproveRoutes;
import io.wgfabric.api.Command.OfferRoutes;
import io.wgfabric.api.Command.SetHub;
import io.wgfabric.api.Command.SetMeshPolicy;
import io.wgfabric.api.Event;
import io.wgfabric.api.Limits;
import io.wgfabric.api.Node;
import io.wgfabric.api.NodeId;
import io.wgfabric.api.Prefix;
import io.wgfabric.api.Rejection.Reason;
import io.wgfabric.api.Topology;
import java.util.List;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** Who forwards for whom: the topology, its hubs, and the networks behind nodes. */
final class MeshRules {
    /** Never routed: this host (RFC 1122 section 3.2.1.3), one link (RFC 3927, RFC 4291 section 2.4), and multicast. */
    private static final List<Prefix> NOT_ROUTED = List.of(
            Prefix.parse("0.0.0.0/8"),
            Prefix.parse("127.0.0.0/8"),
            Prefix.parse("169.254.0.0/16"),
            Prefix.parse("224.0.0.0/4"),
            Prefix.parse("::/127"),
            Prefix.parse("fe80::/10"),
            Prefix.parse("ff00::/8"));

    private MeshRules() {}

    static Verdict setPolicy(Draft draft, SetMeshPolicy command) {
        Cluster cluster = draft.cluster;
        if (cluster == null) {
            throw new IllegalStateException("permissions ask for a cluster first");
        }
        boolean hubs = command.policy().topology() == Topology.HUB;
        if (hubs && draft.nodes.values().stream().noneMatch(MeshRules::isHub)) {
            return Verdict.refused(
                    "mesh",
                    Reason.INVALID,
                    "no node could be a hub: one that the others can reach has to be told so, with 'fabric node hub'");
        }
        draft.cluster = cluster.withMesh(command.policy());
        draft.events.add(new Event.MeshPolicySet(command.policy()));
        return Verdict.accepted(
                "mesh",
                "topology " + command.policy().topology().text() + ", keys rotated "
                        + (command.policy().rotateEvery() == null
                                ? "when asked for"
                                : "every " + command.policy().rotateEvery().toSeconds() + " s"));
    }

    static Verdict setHub(Draft draft, SetHub command) {
        Node node = draft.nodes.get(command.node());
        if (node == null) {
            return NodeRules.unknown(command.node());
        }
        if (command.hub() && node.endpoints().addresses().isEmpty()) {
            return Verdict.refused(
                    node.id(),
                    Reason.INVALID,
                    "node " + node.name() + " offers no address at which others reach it; a hub needs one");
        }
        if (!command.hub() && isLastHub(draft, node)) {
            return Verdict.refused(
                    node.id(),
                    Reason.INVALID,
                    "node " + node.name() + " is the last hub of a cluster that needs one; make another one first");
        }
        draft.changeNode(node.withRouting(node.routes().withHub(command.hub())));
        return Verdict.accepted(node.id(), command.hub() ? "is a hub" : "is no hub");
    }

    private static boolean isLastHub(Draft draft, Node node) {
        Cluster cluster = draft.cluster;
        return cluster != null
                && cluster.meshPolicy().topology() == Topology.HUB
                && isHub(node)
                && draft.nodes.values().stream().filter(MeshRules::isHub).count() == 1;
    }

    private static boolean isHub(Node node) {
        return node.isActive() && node.isHub();
    }

    static Verdict offer(Draft draft, OfferRoutes command) {
        Node node = draft.nodes.get(command.node());
        if (node == null) {
            return NodeRules.unknown(command.node());
        }
        String wrong = refusalOf(draft, command.networks());
        if (wrong != null) {
            return Verdict.refused(node.id(), Reason.INVALID, wrong);
        }
        draft.changeNode(node.withRouting(node.routes().withOffered(command.networks())));
        return Verdict.accepted(node.id(), "offers " + command.networks());
    }

    private static @Nullable String refusalOf(Draft draft, List<Prefix> networks) {
        if (networks.size() > Limits.ROUTES) {
            return "a node forwards to at most " + Limits.ROUTES + " networks";
        }
        if (new TreeSet<>(networks).size() < networks.size()) {
            return "a network is named twice";
        }
        Cluster cluster = draft.cluster;
        List<Prefix> pools = cluster == null ? List.of() : cluster.pools();
        for (Prefix network : networks) {
            if (network.length() == 0) {
                // An exit node: all that is not nearer, so no pool is in its way.
                continue;
            }
            for (Prefix pool : pools) {
                if (pool.overlaps(network)) {
                    return network + " overlaps with the cluster's pool " + pool;
                }
            }
            Address address = network.address();
            if (NOT_ROUTED.stream().anyMatch(never -> never.isV4() == network.isV4() && never.contains(address))) {
                return network + " is not routed between hosts";
            }
        }
        return null;
    }

    static Verdict approve(Draft draft, ApproveRoutes command) {
        Node node = draft.nodes.get(command.node());
        if (node == null) {
            return NodeRules.unknown(command.node());
        }
        if (new TreeSet<>(command.networks()).size() < command.networks().size()) {
            return Verdict.refused(node.id(), Reason.INVALID, "a network is named twice");
        }
        for (Prefix network : command.networks()) {
            if (!node.routes().offered().contains(network)) {
                return Verdict.refused(
                        node.id(),
                        Reason.INVALID,
                        "node " + node.name() + " does not offer " + network + "; it offers "
                                + node.routes().offered());
            }
            NodeId other = routerOf(draft, network, node.id());
            if (other != null) {
                return Verdict.refused(
                        node.id(), Reason.ADDRESS_TAKEN, network + " is routed through node " + other + " already");
            }
        }
        draft.changeNode(node.withRouting(node.routes().withApproved(command.networks())));
        return Verdict.accepted(node.id(), "routes " + command.networks());
    }

    /**
     * Through whom else a network is routed, or null. A part of it may be routed elsewhere: the longer prefix counts. There
     * may be many exit nodes, since each machine chooses one for itself.
     */
    private static @Nullable NodeId routerOf(Draft draft, Prefix network, NodeId but) {
        if (network.length() == 0) {
            return null;
        }
        for (Node node : draft.nodes.values()) {
            if (!node.id().equals(but) && node.routes().approved().contains(network)) {
                return node.id();
            }
        }
        return null;
    }

    /** Which approved network a new pool would overlap with, or null. */
    static @Nullable Prefix overlapping(Draft draft, Prefix pool) {
        for (Node node : draft.nodes.values()) {
            for (Prefix network : node.routes().approved()) {
                if (network.length() > 0 && network.overlaps(pool)) {
                    return network;
                }
            }
        }
        return null;
    }
}
