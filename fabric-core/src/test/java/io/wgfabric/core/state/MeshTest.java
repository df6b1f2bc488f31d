package io.wgfabric.core.state;

import static io.wgfabric.core.state.Commands.SYSTEM;
import static io.wgfabric.core.state.Commands.reasonOf;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.wgfabric.api.Actor;
import io.wgfabric.api.Address;
import io.wgfabric.api.Command;
import io.wgfabric.api.ManagerServices;
import io.wgfabric.api.MeshPolicy;
import io.wgfabric.api.NodeEndpoints;
import io.wgfabric.api.NodeId;
import io.wgfabric.api.Outcome;
import io.wgfabric.api.Plane;
import io.wgfabric.api.Prefix;
import io.wgfabric.api.Rejection.Reason;
import io.wgfabric.api.Role;
import io.wgfabric.api.Rotation.Phase;
import io.wgfabric.api.TokenId;
import io.wgfabric.api.Topology;
import io.wgfabric.core.StateView;
import io.wgfabric.core.netmap.Netmap;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Topology, hubs, and the networks behind nodes. */
class MeshTest {
    private static final Prefix OFFICE = Prefix.parse("192.168.7.0/24");
    private static final Prefix LAB = Prefix.parse("192.168.9.0/24");

    private final Commands commands = Commands.bootstrapped("10.0.0.0/24");

    @BeforeEach
    void twoPeersWithoutAnAddress() {
        commands.apply(SYSTEM, new Command.RaiseLevel(Levels.NEWEST)).orThrow();
        TokenId token = commands.token(1, Role.PEER, 0);
        commands.join(token, 1).orThrow();
        commands.join(token, 2).orThrow();
        reach(1);
        reach(2);
    }

    private void reach(long node, String... addresses) {
        List<Address> all = List.of(addresses).stream().map(Address::parse).toList();
        commands.apply(itself(node), new Command.UpdateNode(NodeId.of(node), new NodeEndpoints(all, 1, 2), null))
                .orThrow();
    }

    private static Actor itself(long node) {
        return new Actor(Actor.Kind.PEER, NodeId.of(node).text(), "");
    }

    private Outcome hub(long node, boolean hub) {
        return commands.apply(SYSTEM, new Command.SetHub(NodeId.of(node), hub));
    }

    private Outcome offer(long node, Prefix... networks) {
        return commands.apply(itself(node), new Command.OfferRoutes(NodeId.of(node), List.of(networks)));
    }

    private Outcome approve(long node, Prefix... networks) {
        return commands.apply(SYSTEM, new Command.ApproveRoutes(NodeId.of(node), List.of(networks)));
    }

    private Outcome topology(Topology topology) {
        return commands.apply(SYSTEM, new Command.SetMeshPolicy(new MeshPolicy(topology, null)));
    }

    private Netmap netmap() {
        return Netmap.of(new StateView(commands.state)).orElseThrow();
    }

    private Netmap.Member member(long node) {
        return netmap().member(NodeId.of(node)).orElseThrow();
    }

    @Test
    void hubsAreWantedOnlyWhereSomebodyCanBeOne() {
        assertEquals(Reason.INVALID, reasonOf(topology(Topology.HUB)));
        assertEquals(Reason.INVALID, reasonOf(hub(1, true)));
        reach(1, "192.0.2.1");
        hub(1, true).orThrow();
        topology(Topology.HUB).orThrow();
        assertTrue(netmap().isHubbed());
        assertTrue(member(1).isHub());
        assertFalse(member(2).isHub());
        assertEquals(Reason.INVALID, reasonOf(hub(1, false)), "the last one stays");
        topology(Topology.MESH).orThrow();
        hub(1, false).orThrow();
        assertFalse(member(1).isHub());
        assertNull(netmap().topology(), "as it was first written");
    }

    @Test
    void managerIsAHubUntilItIsToldOtherwise() {
        TokenId token = commands.token(2, Role.MGMT, 0);
        Command.JoinNode like = Commands.joinNode(token, 3, Role.MGMT);
        commands.apply(
                        SYSTEM,
                        new Command.JoinNode(
                                token,
                                like.node(),
                                Role.MGMT,
                                like.name(),
                                like.keys(),
                                like.endpoints(),
                                new ManagerServices("m:7443", "m:7800", Levels.NEWEST, null)))
                .orThrow();
        assertTrue(member(3).isHub());
        hub(3, false).orThrow();
        assertFalse(member(3).isHub());
    }

    @Test
    void networkIsRoutedOnceItIsOfferedAndApproved() {
        assertEquals(Reason.INVALID, reasonOf(approve(1, OFFICE)));
        offer(1, OFFICE, LAB).orThrow();
        assertNull(member(1).routes());
        approve(1, OFFICE).orThrow();
        assertEquals(List.of(OFFICE), member(1).routes());
        offer(1, LAB).orThrow();
        assertNull(member(1).routes(), "what is offered no longer is approved no longer");
    }

    @Test
    void networkIsRoutedThroughOneNode_andAPartOfItMayBeThroughAnother() {
        offer(1, OFFICE, LAB).orThrow();
        offer(2, OFFICE, LAB, Prefix.parse("192.168.7.128/25")).orThrow();
        approve(1, OFFICE).orThrow();
        assertEquals(Reason.ADDRESS_TAKEN, reasonOf(approve(2, OFFICE)));
        approve(2, LAB, Prefix.parse("192.168.7.128/25")).orThrow();
        commands.apply(SYSTEM, new Command.RemoveNode(NodeId.of(1), "gone")).orThrow();
        approve(2, OFFICE).orThrow();
    }

    @Test
    void networkThatIsThePoolsOrOneLinksIsRefused() {
        for (String wrong : List.of(
                "10.0.0.0/25", "10.0.0.0/8", "127.1.0.0/16", "169.254.7.0/24", "224.0.0.0/8", "fe80::/64", "::1/128")) {
            assertEquals(Reason.INVALID, reasonOf(offer(1, Prefix.parse(wrong))), wrong);
        }
        assertEquals(Reason.INVALID, reasonOf(offer(1, OFFICE, OFFICE)));
        offer(1, OFFICE, Prefix.parse("fd11::/48")).orThrow();
    }

    @Test
    void exitNodesAreApprovedBesideEachOther_andNoPoolIsInTheirWay() {
        Prefix[] everything = {Prefix.parse("0.0.0.0/0"), Prefix.parse("::/0")};
        offer(1, everything).orThrow();
        offer(2, everything).orThrow();
        approve(1, everything).orThrow();
        approve(2, everything[0]).orThrow();
        assertEquals(List.of(everything), member(1).routes());
        assertEquals(List.of(everything[0]), member(2).routes());
        commands.apply(SYSTEM, new Command.AddPool(Prefix.parse("192.168.0.0/16")))
                .orThrow();
    }

    @Test
    void poolOverANetworkThatIsRoutedIsRefused() {
        offer(1, OFFICE).orThrow();
        approve(1, OFFICE).orThrow();
        assertEquals(
                Reason.ADDRESS_TAKEN,
                reasonOf(commands.apply(SYSTEM, new Command.AddPool(Prefix.parse("192.168.0.0/16")))));
    }

    @Test
    void nobodyOffersForAnother() {
        assertEquals(
                Reason.NOT_ALLOWED,
                reasonOf(commands.apply(itself(2), new Command.OfferRoutes(NodeId.of(1), List.of(OFFICE)))));
        assertEquals(
                Reason.NOT_ALLOWED,
                reasonOf(commands.apply(itself(1), new Command.ApproveRoutes(NodeId.of(1), List.of()))));
    }

    @Test
    void keysAreAsOldAsTheirMainPlane() {
        assertEquals(commands.node(1).joined(), commands.node(1).keysFrom());
        NodeId node = NodeId.of(1);
        commands.now = commands.now.plus(Duration.ofDays(1));
        commands.apply(SYSTEM, new Command.RotateNodeKey(node)).orThrow();
        commands.apply(itself(1), new Command.PublishKey(node, Plane.SPARE, Commands.key(71)))
                .orThrow();
        assertEquals(commands.node(1).joined(), commands.node(1).keysFrom());
        commands.apply(SYSTEM, new Command.AdvanceRotation(node, Phase.MOVE_OUT, false))
                .orThrow();
        commands.apply(itself(1), new Command.PublishKey(node, Plane.MAIN, Commands.key(72)))
                .orThrow();
        assertEquals(commands.now, commands.node(1).keysFrom());
    }
}
