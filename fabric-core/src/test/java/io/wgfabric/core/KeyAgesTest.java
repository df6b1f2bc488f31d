package io.wgfabric.core;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import io.wgfabric.api.Bytes;
import io.wgfabric.api.Command;
import io.wgfabric.api.MeshPolicy;
import io.wgfabric.api.Node;
import io.wgfabric.api.NodeId;
import io.wgfabric.api.Revision;
import io.wgfabric.api.Role;
import io.wgfabric.api.TokenId;
import io.wgfabric.api.Topology;
import io.wgfabric.core.presence.Presence;
import io.wgfabric.core.state.Commands;
import io.wgfabric.core.state.Levels;
import io.wgfabric.core.wire.Heartbeat;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class KeyAgesTest {
    private static final Duration MONTH = Duration.ofDays(30);
    private static final int NODES = KeyAges.SHARE * 2;
    private static final int TOGETHER = 3;

    private final Commands commands = Commands.bootstrapped("10.0.0.0/24");
    private final Presence presence = new Presence(() -> Commands.START);
    private final KeyAges ages = new KeyAges();

    @BeforeEach
    void nodesThatJoinedOneAfterTheOther() {
        commands.apply(Commands.SYSTEM, new Command.RaiseLevel(Levels.NEWEST)).orThrow();
        TokenId token = commands.token(1, Role.PEER, 0);
        for (long node = NODES; node >= 1; node--) {
            commands.now = commands.now.plusSeconds(1);
            commands.join(token, node).orThrow();
            presence.heard(NodeId.of(node), new Heartbeat(1, Revision.ZERO, Revision.ZERO, "1", "test", 0));
        }
        commands.apply(Commands.SYSTEM, new Command.SetMeshPolicy(new MeshPolicy(Topology.MESH, MONTH)))
                .orThrow();
    }

    private List<NodeId> due(Instant now) {
        return ages.due(new StateView(commands.state), presence, now).stream()
                .map(Node::id)
                .toList();
    }

    @Test
    void oldestKeysAreDueFirst_aFewAtATime() {
        Instant firstDue = commands.node(NODES).keysFrom().plus(MONTH);
        assertEquals(List.of(), due(firstDue.minusMillis(1)));
        assertEquals(List.of(NodeId.of(NODES)), due(firstDue));
        List<NodeId> later = due(firstDue.plus(MONTH));
        assertEquals(TOGETHER, later.size());
        assertEquals(NodeId.of(NODES), later.get(0));
    }

    @Test
    void smallMeshesTurnOneNodeAtATime_largeOnesNoMoreThanABatch() {
        assertEquals(1, KeyAges.together(1));
        assertEquals(1, KeyAges.together(KeyAges.SHARE - 1));
        assertEquals(2, KeyAges.together(KeyAges.SHARE));
        assertEquals(KeyAges.BATCH, KeyAges.together(KeyAges.SHARE * KeyAges.BATCH));
        assertEquals(KeyAges.BATCH, KeyAges.together(3_000));
    }

    @Test
    void nobodyIsDueWhileAnyoneRotates() {
        Instant now = commands.now.plus(MONTH).plus(MONTH);
        commands.apply(Commands.SYSTEM, new Command.RotateNodeKey(NodeId.of(1))).orThrow();
        assertEquals(List.of(), due(now));
    }

    @Test
    void whoIsAwayOrOutIsNotDue() {
        Instant now = commands.node(NODES).keysFrom().plus(MONTH);
        presence.retain(node -> !node.equals(NodeId.of(NODES)));
        assertEquals(List.of(), due(now));
        presence.heard(NodeId.of(NODES), new Heartbeat(1, Revision.ZERO, Revision.ZERO, "1", "test", 0));
        commands.apply(Commands.SYSTEM, new Command.QuarantineNode(NodeId.of(NODES), "lost"))
                .orThrow();
        assertEquals(List.of(), due(now));
    }

    @Test
    void whoTakesNoPartInTheMeshIsNotDue() {
        Instant now = commands.node(NODES).keysFrom().plus(MONTH);
        presence.retain(node -> !node.equals(NodeId.of(NODES)));
        presence.heard(NodeId.of(NODES), new Heartbeat(1, Revision.ZERO, Revision.ZERO, "1", Heartbeat.NO_TUNNEL, 0));
        assertEquals(List.of(), due(now));
    }

    @Test
    void rotationThatWasGivenUpIsTriedAgainAfterARest() {
        Instant now = commands.node(NODES).keysFrom().plus(MONTH);
        ages.begin(new StateView(commands.state), NodeId.of(NODES), now);
        assertFalse(due(now.plus(KeyAges.REST).minusMillis(1)).contains(NodeId.of(NODES)));
        assertEquals(NodeId.of(NODES), due(now.plus(KeyAges.REST)).get(0));
    }

    /** Whoever was begun for another generation need not rest for this one. */
    @Test
    void keysOfAnotherGenerationOfPresharedKeysAreDueAtOnce() {
        commands.apply(Commands.SYSTEM, new Command.SetMeshPolicy(MeshPolicy.FIRST))
                .orThrow();
        ages.begin(new StateView(commands.state), NodeId.of(NODES), commands.now);
        commands.apply(Commands.SYSTEM, new Command.SetPresharedKeys(1, 1, Bytes.of(new byte[61])))
                .orThrow();
        List<NodeId> due = due(commands.now);
        assertEquals(TOGETHER, due.size());
        assertEquals(NodeId.of(NODES), due.get(0));
        ages.begin(new StateView(commands.state), NodeId.of(NODES), commands.now);
        assertFalse(due(commands.now).contains(NodeId.of(NODES)));
        commands.apply(Commands.SYSTEM, new Command.SetPresharedKeys(1, 0, null))
                .orThrow();
        assertEquals(List.of(), due(commands.now));
    }

    @Test
    void withoutAPolicyNothingIsEverDue() {
        commands.apply(Commands.SYSTEM, new Command.SetMeshPolicy(MeshPolicy.FIRST))
                .orThrow();
        assertEquals(List.of(), due(commands.now.plus(Duration.ofDays(3650))));
    }
}
