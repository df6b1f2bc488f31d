package io.wgfabric.core.state;

import static io.wgfabric.core.state.Commands.SYSTEM;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotSame;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.wgfabric.api.Actor;
import io.wgfabric.api.Address;
import io.wgfabric.api.Command;
import io.wgfabric.api.Edition;
import io.wgfabric.api.FabricView;
import io.wgfabric.api.MeshPolicy;
import io.wgfabric.api.Node;
import io.wgfabric.api.NodeEndpoints;
import io.wgfabric.api.NodeId;
import io.wgfabric.api.Prefix;
import io.wgfabric.api.Role;
import io.wgfabric.api.TokenId;
import io.wgfabric.api.Topology;
import io.wgfabric.core.NetmapPublisher;
import io.wgfabric.core.StateView;
import io.wgfabric.core.netmap.Meshes;
import io.wgfabric.core.netmap.Netmap;
import io.wgfabric.core.netmap.NetmapViews;
import io.wgfabric.core.netmap.PublishedNetmap;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** In a hub topology a spoke is told of what concerns it, and of nothing else. Node 1 is the hub. */
class SpokeTest {
    private static final Prefix OFFICE = Prefix.parse("192.168.7.0/24");

    private final Commands commands = Commands.bootstrapped("10.0.0.0/24");
    private final NetmapPublisher publisher = new NetmapPublisher(() -> Meshes.SIGNER);
    private TokenId token = TokenId.of(0);

    @BeforeEach
    void aHubAndTwoSpokes() {
        commands.apply(SYSTEM, new Command.RaiseLevel(Levels.NEWEST)).orThrow();
        token = commands.token(1, Role.PEER, 0);
        for (int node = 1; node <= 3; node++) {
            commands.join(token, node).orThrow();
        }
        reach(1, "192.0.2.1");
        commands.apply(SYSTEM, new Command.SetHub(NodeId.of(1), true)).orThrow();
        topology(Topology.HUB);
    }

    private void reach(long node, String address) {
        apply(
                node,
                new Command.UpdateNode(
                        NodeId.of(node), new NodeEndpoints(List.of(Address.parse(address)), 1, 2), null));
    }

    private void apply(long node, Command command) {
        commands.apply(new Actor(Actor.Kind.PEER, NodeId.of(node).text(), ""), command)
                .orThrow();
    }

    private void topology(Topology topology) {
        commands.apply(SYSTEM, new Command.SetMeshPolicy(new MeshPolicy(topology, null)))
                .orThrow();
    }

    private FabricView view() {
        return new StateView(commands.state);
    }

    private PublishedNetmap told(long node) {
        return publisher.at(view(), NodeId.of(node), Edition.NONE).orElseThrow();
    }

    private static Set<NodeId> members(PublishedNetmap published) {
        return published.netmap().members().stream().map(Netmap.Member::id).collect(Collectors.toSet());
    }

    private Node node(long number) {
        return view().node(NodeId.of(number)).orElseThrow();
    }

    @Test
    void aSpokeIsToldOfHubsManagersAndItselfAlone() {
        Set<NodeId> managers =
                view().nodes().stream().filter(Node::isManager).map(Node::id).collect(Collectors.toSet());
        assertTrue(members(told(2)).containsAll(managers));
        assertTrue(members(told(2)).containsAll(Set.of(NodeId.of(1), NodeId.of(2))));
        assertFalse(members(told(2)).contains(NodeId.of(3)));
        assertTrue(members(told(1)).containsAll(Set.of(NodeId.of(1), NodeId.of(2), NodeId.of(3))));
        assertTrue(told(2).netmap().isFor(NodeId.of(2)));
        assertFalse(told(2).netmap().isFor(NodeId.of(1)), "the hub would lose the others");
    }

    @Test
    void whatChangesWithAnotherSpokeIsNotToldToIt() {
        PublishedNetmap second = told(2);
        PublishedNetmap third = told(3);
        PublishedNetmap hub = told(1);

        commands.apply(SYSTEM, new Command.RotateNodeKey(NodeId.of(3))).orThrow();
        commands.join(token, 4).orThrow();

        assertSame(second, told(2));
        assertNotSame(third, told(3));
        assertNotSame(hub, told(1));
        assertTrue(NetmapViews.concerns(view(), node(3), node(1)));
        assertFalse(NetmapViews.concerns(view(), node(3), node(2)));
        assertTrue(NetmapViews.concerns(view(), node(1), node(2)), "a hub concerns everybody");

        reach(1, "192.0.2.9");

        assertNotSame(second, told(2));
    }

    @Test
    void theNetworksBehindOtherSpokesAreToldWithoutThem() {
        apply(3, new Command.OfferRoutes(NodeId.of(3), List.of(OFFICE)));
        commands.apply(SYSTEM, new Command.ApproveRoutes(NodeId.of(3), List.of(OFFICE)))
                .orThrow();

        assertEquals(List.of(OFFICE), told(2).netmap().routesBeyondHubs());
        assertEquals(List.of(), told(1).netmap().routesBeyondHubs(), "a hub sees whose they are");
    }

    @Test
    void inAMeshAllAreToldTheSameAgain() {
        PublishedNetmap before = told(2);

        topology(Topology.MESH);

        assertSame(told(1), told(2));
        assertFalse(before.netmap().isFor(NodeId.of(1)));
        publisher.retain(view());
        topology(Topology.HUB);
        assertEquals(members(before), members(told(2)));
    }
}
