package io.wgfabric.core.state;

import static io.wgfabric.core.state.Commands.SYSTEM;
import static io.wgfabric.core.state.Commands.reasonOf;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.wgfabric.api.Actor;
import io.wgfabric.api.Address;
import io.wgfabric.api.AuditEntry;
import io.wgfabric.api.Command;
import io.wgfabric.api.Command.RecoverCluster;
import io.wgfabric.api.Limits;
import io.wgfabric.api.Node;
import io.wgfabric.api.NodeId;
import io.wgfabric.api.Outcome;
import io.wgfabric.api.Plane;
import io.wgfabric.api.Rejection.Reason;
import io.wgfabric.api.RequestId;
import io.wgfabric.api.Role;
import io.wgfabric.api.Rotation;
import io.wgfabric.api.TokenId;
import java.util.Objects;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class RecoveryTest {
    private final Commands commands = Commands.bootstrapped("10.0.0.0/24");

    @BeforeEach
    void threeManagersAndTwoPeers() {
        TokenId managers = commands.token(1, Role.MGMT, 0);
        TokenId peers = commands.token(2, Role.PEER, 0);
        for (long manager = 1; manager <= 3; manager++) {
            commands.join(managers, manager, Role.MGMT).orThrow();
        }
        commands.join(peers, 8).orThrow();
        commands.join(peers, 9).orThrow();
    }

    private static RecoverCluster recover(long epoch, long survivor) {
        return new RecoverCluster(epoch, NodeId.of(survivor), "two disks died");
    }

    private long epoch() {
        return Objects.requireNonNull(commands.state.cluster()).epoch();
    }

    private AuditEntry newestEntry() {
        return Objects.requireNonNull(commands.state.audit().entries().lastEntry())
                .getValue();
    }

    @Test
    void recoveryLeavesOneManagerAndAllPeers() {
        Address dropped = commands.node(2).addresses().get(0);

        commands.apply(new Actor(Actor.Kind.SYSTEM, "root", ""), recover(2, 1)).orThrow();

        assertEquals(2, epoch());
        assertEquals(
                java.util.List.of(NodeId.of(1)),
                commands.state.managers().stream().map(Node::id).toList());
        assertEquals(3, commands.state.nodes().size());
        assertTrue(String.valueOf(commands.state.addresses().refusalOf(dropped, null, TokenId.of(77), commands.now))
                .contains("rests until " + commands.now.plus(Limits.ADDRESS_COOL_DOWN)));
    }

    @Test
    void oneAuditEntrySaysWhoWhenWhyAndWhatWasDropped() {
        long before = commands.state.audit().count();

        commands.apply(Actor.system("root"), recover(2, 1)).orThrow();

        assertEquals(before + 1, commands.state.audit().count());
        AuditEntry entry = newestEntry();
        assertEquals("recover-cluster", entry.action());
        assertEquals("root", entry.actor().id());
        assertEquals(commands.now, entry.time());
        assertEquals(NodeId.of(1).text(), entry.subject());
        assertEquals(
                "epoch 2, dropped node2 (" + NodeId.of(2) + "), node3 (" + NodeId.of(3) + "): two disks died",
                entry.detail());
        assertTrue(commands.state.audit().isWhole());
    }

    @ParameterizedTest
    @EnumSource(
            value = Actor.Kind.class,
            names = {"SYSTEM"},
            mode = EnumSource.Mode.EXCLUDE)
    void nobodyButTheSystemRecovers(Actor.Kind kind) {
        String id = kind == Actor.Kind.OPERATOR
                ? commands.state.operators().firstKey().text()
                : NodeId.of(1).text();

        Outcome outcome = commands.apply(new Actor(kind, id, ""), recover(2, 1));

        assertEquals(Reason.NOT_ALLOWED, reasonOf(outcome));
        assertEquals(1, epoch());
    }

    @Test
    void onlyTheNextEpochIsAccepted() {
        assertEquals(Reason.INVALID, reasonOf(commands.apply(SYSTEM, recover(1, 1))));
        assertEquals(Reason.INVALID, reasonOf(commands.apply(SYSTEM, recover(3, 1))));
        commands.apply(SYSTEM, recover(2, 1)).orThrow();
        assertEquals(Reason.INVALID, reasonOf(commands.apply(SYSTEM, recover(2, 1))));
    }

    @Test
    void repeatUnderTheSameRequestGetsTheFirstAnswer() {
        RequestId request = new RequestId("recover:2");
        Outcome first = commands.apply(SYSTEM, request, recover(2, 1));

        assertEquals(first, commands.apply(SYSTEM, request, recover(2, 1)));
        assertEquals(2, epoch());
    }

    @Test
    void survivorIsAnActiveManager() {
        commands.apply(SYSTEM, new Command.QuarantineNode(NodeId.of(2), "lost")).orThrow();

        assertEquals(Reason.NODE_WRONG_STATE, reasonOf(commands.apply(SYSTEM, recover(2, 2))));
        assertEquals(Reason.NODE_WRONG_STATE, reasonOf(commands.apply(SYSTEM, recover(2, 8))));
    }

    @Test
    void tooLongAReasonIsRefused() {
        Command command = new RecoverCluster(2, NodeId.of(1), "x".repeat(Limits.REASON_LENGTH + 1));

        assertEquals(Reason.INVALID, reasonOf(commands.apply(SYSTEM, command)));
    }

    @Test
    void rotationOfADroppedManagerEndsAndTheNextBegins() {
        commands.apply(SYSTEM, new Command.RotateNodeKey(NodeId.of(2))).orThrow();
        commands.apply(SYSTEM, new Command.PublishKey(NodeId.of(2), Plane.SPARE, Commands.key(1)))
                .orThrow();
        commands.apply(SYSTEM, new Command.RotateNodeKey(NodeId.of(8))).orThrow();
        assertEquals(Rotation.Phase.WAITING, phase(8));

        commands.apply(SYSTEM, recover(2, 1)).orThrow();

        assertEquals(Rotation.Phase.REKEY_SPARE, phase(8));
        assertNull(commands.node(1).rotation());
    }

    private Rotation.Phase phase(long node) {
        return Objects.requireNonNull(commands.node(node).rotation()).phase();
    }

    @Test
    void managerOfARestoredClusterJoinsWithoutATokenWhileThereIsNoOther() {
        commands.apply(SYSTEM, new Command.RemoveNode(NodeId.of(8), "left")).orThrow();
        Command.JoinNode first = founder(77);
        assertEquals(Reason.NOT_ALLOWED, reasonOf(commands.apply(SYSTEM, first)));

        commands.apply(SYSTEM, recover(2, 77)).orThrow();
        commands.apply(SYSTEM, first).orThrow();

        assertNotNull(commands.node(77).services());
        assertEquals(Reason.NOT_ALLOWED, reasonOf(commands.apply(SYSTEM, founder(78))));
        assertFalse(commands.state.managers().isEmpty());
    }

    private static Command.JoinNode founder(long id) {
        Command.JoinNode with = Commands.joinNode(TokenId.of(1), id, Role.MGMT);
        return new Command.JoinNode(
                null, with.node(), with.role(), with.name(), with.keys(), with.endpoints(), with.services());
    }
}
