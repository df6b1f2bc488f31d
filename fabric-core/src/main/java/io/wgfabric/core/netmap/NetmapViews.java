package io.wgfabric.core.netmap;

import io.wgfabric.api.Cluster;
import io.wgfabric.api.Edition;
import io.wgfabric.api.FabricView;
import io.wgfabric.api.Node;
import io.wgfabric.api.NodeId;
import io.wgfabric.api.Prefix;
import io.wgfabric.api.Role;
import io.wgfabric.api.Topology;
import io.wgfabric.core.netmap.Netmap.Member;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/**
 * What the nodes are told at one state. In a mesh all see the same. In a hub topology a node that is no hub, a spoke, is
 * told of the hubs, the managers and itself alone: what changes with other spokes does not reach it. Immutable.
 */
public final class NetmapViews {
    private final Netmap whole;

    /** Whom every spoke is told of, in the order of their ids. */
    private final List<Member> shown = new ArrayList<>();

    private final Map<NodeId, Member> spokes = new HashMap<>();

    /** The networks behind spokes. An exit node is one for whom reaches it directly: not the internet. */
    private final List<Prefix> routes;

    private NetmapViews(Netmap whole) {
        this.whole = whole;
        for (Member member : whole.members()) {
            if (isShown(member)) {
                shown.add(member);
            } else {
                spokes.put(member.id(), member);
            }
        }
        routes = spokes.values().stream()
                .map(Member::routes)
                .filter(Objects::nonNull)
                .flatMap(List::stream)
                .filter(route -> route.length() > 0)
                .sorted()
                .toList();
    }

    /** @throws java.util.NoSuchElementException before the cluster was bootstrapped */
    public static NetmapViews of(FabricView view) {
        return new NetmapViews(Netmap.of(view).orElseThrow());
    }

    /** Whether a node is told of itself, hubs and managers alone. */
    public static boolean isSpoke(FabricView view, NodeId node) {
        return isHubbed(view)
                && view.node(node)
                        .filter(each -> each.isActive() && !isShown(each))
                        .isPresent();
    }

    /** Whether what changes with a node concerns another one: whether that is told of it. */
    public static boolean concerns(FabricView view, Node changed, Node other) {
        return changed.id().equals(other.id()) || !isHubbed(view) || isShown(changed) || isShown(other);
    }

    private static boolean isHubbed(FabricView view) {
        return view.cluster()
                .map(Cluster::meshPolicy)
                .filter(mesh -> mesh.topology() == Topology.HUB)
                .isPresent();
    }

    private static boolean isShown(Node node) {
        return node.isHub() || node.isManager();
    }

    private static boolean isShown(Member member) {
        return member.isHub() || member.role() == Role.MGMT;
    }

    public Edition edition() {
        return whole.edition();
    }

    /** What a node sees; what all see if it is no spoke. */
    public Netmap of(NodeId node) {
        Member self = spokes.get(node);
        if (self == null || !whole.isHubbed()) {
            return whole;
        }
        List<Member> members = new ArrayList<>(shown.size() + 1);
        members.addAll(shown);
        members.add(self);
        members.sort(Comparator.comparing(Member::id));
        return whole.with(whole.revision(), members, new Netmap.Spoke(node, routes));
    }
}
