package io.wgfabric.core.state;

import static io.wgfabric.core.state.Commands.SYSTEM;
import static io.wgfabric.core.state.Commands.reasonOf;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.wgfabric.api.Actor;
import io.wgfabric.api.Command;
import io.wgfabric.api.Node;
import io.wgfabric.api.NodeId;
import io.wgfabric.api.Outcome;
import io.wgfabric.api.Rejection.Reason;
import io.wgfabric.api.Role;
import io.wgfabric.api.TokenId;
import io.wgfabric.core.StateView;
import io.wgfabric.core.netmap.Netmap;
import java.time.Duration;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

class ApprovalTest {
    private static final Actor OPERATOR = Actor.application("operator");

    private final Commands commands = Commands.bootstrapped("10.0.0.0/24");
    private final TokenId token = TokenId.of(1);

    private Outcome create(Role role) {
        return commands.apply(
                SYSTEM,
                new Command.CreateToken(
                        token, role, null, Duration.ofHours(1), 0, new TreeSet<>(), null, false, true, null));
    }

    private boolean isInTheMesh(long node) {
        return Netmap.of(new StateView(commands.state))
                .orElseThrow()
                .member(NodeId.of(node))
                .isPresent();
    }

    private void joinPending() {
        commands.apply(SYSTEM, new Command.RaiseLevel(Levels.NEWEST)).orThrow();
        create(Role.PEER).orThrow();
        commands.join(token, 1).orThrow();
    }

    @Test
    void pendingNodeHasItsAddressAndIsInNoConfiguration() {
        joinPending();
        Node node = commands.node(1);
        assertTrue(node.isPending());
        assertEquals(1, node.addresses().size());
        assertEquals("waits for approval", node.stateCause());
        assertFalse(isInTheMesh(1));
        assertEquals(1, commands.token(token).used());
    }

    @Test
    void approvedNodeIsInTheMesh() {
        joinPending();
        commands.now = commands.now.plusSeconds(60);
        commands.apply(OPERATOR, new Command.ApproveNode(NodeId.of(1))).orThrow();
        Node node = commands.node(1);
        assertTrue(node.isActive());
        assertEquals(commands.now, node.stateSince());
        assertEquals("approved", node.stateCause());
        assertEquals(OPERATOR, node.stateBy());
        assertTrue(isInTheMesh(1));
        assertEquals(
                Reason.NODE_WRONG_STATE, reasonOf(commands.apply(OPERATOR, new Command.ApproveNode(NodeId.of(1)))));
    }

    @Test
    void nobodyApprovesItself() {
        joinPending();
        Actor itself = new Actor(Actor.Kind.PEER, NodeId.of(1).text(), "");
        assertEquals(Reason.NOT_ALLOWED, reasonOf(commands.apply(itself, new Command.ApproveNode(NodeId.of(1)))));
        assertEquals(
                Reason.NOT_ALLOWED,
                reasonOf(commands.apply(
                        new Actor(Actor.Kind.TOKEN, token.text(), ""), new Command.ApproveNode(NodeId.of(1)))));
        assertEquals(
                Reason.NODE_WRONG_STATE, reasonOf(commands.apply(itself, new Command.RotateNodeKey(NodeId.of(1)))));
        assertTrue(commands.node(1).isPending());
    }

    @Test
    void pendingNodeIsRemovedButNeitherQuarantinedNorReleased() {
        joinPending();
        assertEquals(
                Reason.NODE_WRONG_STATE,
                reasonOf(commands.apply(SYSTEM, new Command.QuarantineNode(NodeId.of(1), "odd"))));
        assertEquals(Reason.NODE_WRONG_STATE, reasonOf(commands.apply(SYSTEM, new Command.ReleaseNode(NodeId.of(1)))));
        commands.apply(SYSTEM, new Command.RemoveNode(NodeId.of(1), "nobody knows it"))
                .orThrow();
        assertEquals(Reason.NODE_UNKNOWN, reasonOf(commands.apply(SYSTEM, new Command.ApproveNode(NodeId.of(1)))));
    }

    @Test
    void cascadeCutsOffWhoWaitsToo() {
        joinPending();
        commands.apply(SYSTEM, new Command.RevokeToken(token, true)).orThrow();
        assertTrue(commands.node(1).isQuarantined());
        assertEquals(Reason.NODE_WRONG_STATE, reasonOf(commands.apply(SYSTEM, new Command.ApproveNode(NodeId.of(1)))));
    }

    @Test
    void managersDoNotWaitForApproval() {
        commands.apply(SYSTEM, new Command.RaiseLevel(Levels.NEWEST)).orThrow();
        assertEquals(Reason.INVALID, reasonOf(create(Role.MGMT)));
    }

    @Test
    void approvalComesWithItsLevel() {
        assertEquals(Reason.LEVEL_TOO_LOW, reasonOf(create(Role.PEER)));
    }

    @Test
    void saidNoIsTheSameAsLeftOut() {
        Command.CreateToken plain = commands.createToken(1, Role.PEER, 1);
        assertEquals(
                plain,
                new Command.CreateToken(
                        plain.token(), Role.PEER, null, plain.ttl(), 1, plain.tags(), null, false, false, null));
        assertEquals(1, plain.requiredLevel());
    }
}
