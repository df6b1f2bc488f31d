package io.wgfabric.core.state;

import static io.wgfabric.core.state.Commands.SYSTEM;
import static io.wgfabric.core.state.Commands.key;
import static io.wgfabric.core.state.Commands.reasonOf;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;

import io.wgfabric.api.Actor;
import io.wgfabric.api.Command;
import io.wgfabric.api.NodeId;
import io.wgfabric.api.Outcome;
import io.wgfabric.api.Plane;
import io.wgfabric.api.Rejection.Reason;
import io.wgfabric.api.Role;
import io.wgfabric.api.Rotation;
import io.wgfabric.api.Rotation.Phase;
import io.wgfabric.api.TokenId;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class RotationTest {
    private final Commands commands = Commands.bootstrapped("10.0.0.0/24");

    @BeforeEach
    void threeNodes() {
        TokenId token = commands.token(1, Role.PEER, 0);
        for (long i = 1; i <= 3; i++) {
            commands.join(token, i).orThrow();
        }
    }

    private @Nullable Phase phase(long node) {
        Rotation rotation = commands.node(node).rotation();
        return rotation == null ? null : rotation.phase();
    }

    private Outcome rotate(long node) {
        return commands.apply(SYSTEM, new Command.RotateNodeKey(NodeId.of(node)));
    }

    private Outcome publish(long node, Plane plane, long key) {
        return commands.apply(
                new Actor(Actor.Kind.PEER, NodeId.of(node).text(), ""),
                new Command.PublishKey(NodeId.of(node), plane, key(key)));
    }

    private Outcome advance(long node, Phase from, boolean abort) {
        return commands.apply(SYSTEM, new Command.AdvanceRotation(NodeId.of(node), from, abort));
    }

    @Test
    void aRotationChangesBothKeysInItsPhases() {
        rotate(1).orThrow();
        assertEquals(Phase.REKEY_SPARE, phase(1));
        publish(1, Plane.SPARE, 11).orThrow();
        assertEquals(Phase.MOVE_OUT, phase(1));
        assertEquals(key(11), commands.node(1).keys().spare());
        advance(1, Phase.MOVE_OUT, false).orThrow();
        assertEquals(Phase.REKEY_MAIN, phase(1));
        publish(1, Plane.MAIN, 12).orThrow();
        assertEquals(Phase.MOVE_BACK, phase(1));
        advance(1, Phase.MOVE_BACK, false).orThrow();
        assertNull(phase(1));
        assertEquals(key(12), commands.node(1).keys().main());
    }

    @Test
    void aPlaneIsOnlyRekeyedInItsPhase() {
        assertEquals(Reason.ROTATION_WRONG_PHASE, reasonOf(publish(1, Plane.MAIN, 11)));
        rotate(1).orThrow();
        assertEquals(Reason.ROTATION_WRONG_PHASE, reasonOf(publish(1, Plane.MAIN, 11)));
        publish(1, Plane.SPARE, 11).orThrow();
        assertEquals(Reason.ROTATION_WRONG_PHASE, reasonOf(publish(1, Plane.MAIN, 12)));
    }

    @Test
    void aRotationWaitsWhileAnotherUsesTheSparePlanes() {
        rotate(1).orThrow();
        publish(1, Plane.SPARE, 11).orThrow();
        rotate(2).orThrow();
        assertEquals(Phase.WAITING, phase(2));
        advance(1, Phase.MOVE_OUT, false).orThrow();
        publish(1, Plane.MAIN, 12).orThrow();
        assertEquals(Phase.WAITING, phase(2));
        advance(1, Phase.MOVE_BACK, false).orThrow();
        assertEquals(Phase.REKEY_SPARE, phase(2));
    }

    @Test
    void rotationsThatBeganTogetherMoveOutTogether() {
        rotate(1).orThrow();
        rotate(2).orThrow();
        publish(1, Plane.SPARE, 11).orThrow();
        assertEquals(Phase.READY, phase(1));
        publish(2, Plane.SPARE, 21).orThrow();
        assertEquals(Phase.MOVE_OUT, phase(1));
        assertEquals(Phase.MOVE_OUT, phase(2));
    }

    @Test
    void whoIsReadyGoesOnWhenTheOtherGivesUp() {
        rotate(1).orThrow();
        rotate(2).orThrow();
        publish(1, Plane.SPARE, 11).orThrow();
        advance(2, Phase.REKEY_SPARE, true).orThrow();
        assertNull(phase(2));
        assertEquals(Phase.MOVE_OUT, phase(1));
    }

    @Test
    void aRotationThatIsGivenUpMovesItsPairsBack() {
        rotate(1).orThrow();
        publish(1, Plane.SPARE, 11).orThrow();
        advance(1, Phase.MOVE_OUT, true).orThrow();
        assertEquals(Phase.MOVE_BACK, phase(1));
        assertEquals(Commands.keys(1).main(), commands.node(1).keys().main());
        advance(1, Phase.MOVE_BACK, false).orThrow();
        assertNull(phase(1));
    }

    @Test
    void aRemovedNodeLetsTheOthersGoOn() {
        rotate(1).orThrow();
        publish(1, Plane.SPARE, 11).orThrow();
        rotate(2).orThrow();
        commands.apply(SYSTEM, new Command.RemoveNode(NodeId.of(1), "gone")).orThrow();
        assertEquals(Phase.REKEY_SPARE, phase(2));
    }

    @Test
    void anAdvanceThatComesTwiceIsRefusedTheSecondTime() {
        rotate(1).orThrow();
        publish(1, Plane.SPARE, 11).orThrow();
        advance(1, Phase.MOVE_OUT, false).orThrow();
        assertEquals(Reason.ROTATION_WRONG_PHASE, reasonOf(advance(1, Phase.MOVE_OUT, false)));
    }

    @Test
    void aNodePublishesOnlyItsOwnKeys() {
        rotate(1).orThrow();
        Outcome outcome = commands.apply(
                new Actor(Actor.Kind.PEER, NodeId.of(2).text(), ""),
                new Command.PublishKey(NodeId.of(1), Plane.SPARE, key(11)));
        assertEquals(Reason.NOT_ALLOWED, reasonOf(outcome));
    }
}
