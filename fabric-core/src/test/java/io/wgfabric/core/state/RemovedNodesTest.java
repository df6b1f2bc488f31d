package io.wgfabric.core.state;

import static io.wgfabric.core.state.Commands.SYSTEM;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.wgfabric.api.Actor;
import io.wgfabric.api.Command;
import io.wgfabric.api.Limits;
import io.wgfabric.api.NodeId;
import io.wgfabric.api.RemovedNode;
import io.wgfabric.api.Role;
import io.wgfabric.api.TokenId;
import io.wgfabric.core.StateView;
import io.wgfabric.core.codec.Codec;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class RemovedNodesTest {
    private final Commands commands = Commands.bootstrapped("10.0.0.0/8");
    private TokenId token = TokenId.of(1);

    @BeforeEach
    void raise() {
        token = commands.token(1, Role.PEER, 0);
    }

    private void joinAndRemove(long id) {
        commands.join(token, id).orThrow();
        commands.apply(SYSTEM, new Command.RemoveNode(NodeId.of(id), "broken")).orThrow();
    }

    private List<NodeId> shown() {
        return new StateView(commands.state)
                .removedNodes().stream().map(RemovedNode::id).toList();
    }

    @Test
    void whoRemovedANodeWhenAndWhyIsKnown() {
        commands.join(token, 1).orThrow();
        commands.now = commands.now.plusSeconds(5);
        Actor itself = new Actor(Actor.Kind.PEER, NodeId.of(1).text(), "192.0.2.1");
        commands.apply(itself, new Command.RemoveNode(NodeId.of(1), "left")).orThrow();
        RemovedNode removed =
                new StateView(commands.state).removedNode(NodeId.of(1)).orElseThrow();
        assertEquals(commands.now, removed.removed());
        assertEquals("left", removed.cause());
        assertEquals(itself, removed.by());
        assertEquals("node1", removed.node().name().text());
        assertEquals(commands.state, Codec.decodeState(Codec.encode(commands.state)));
    }

    @Test
    void theOldestMakeRoom() {
        for (int i = 1; i <= Limits.REMOVED_NODES + 3; i++) {
            commands.now = commands.now.plusMillis(1);
            joinAndRemove(i);
        }
        List<NodeId> shown = shown();
        assertEquals(Limits.REMOVED_NODES, shown.size());
        assertEquals(NodeId.of(4), shown.get(0));
        assertEquals(NodeId.of(Limits.REMOVED_NODES + 3L), shown.get(shown.size() - 1));
    }

    @Test
    void whatIsOldIsNotShownAndGoesWithTheNextRemoval() {
        joinAndRemove(1);
        token = commands.token(2, Role.PEER, 0);
        commands.join(token, 2).orThrow();
        commands.now = commands.now.plus(Limits.REMOVED_NODES_FOR).minusMillis(1);
        commands.apply(
                        SYSTEM,
                        new Command.UpdateNode(NodeId.of(2), commands.node(2).endpoints(), null))
                .orThrow();
        assertEquals(List.of(NodeId.of(1)), shown());
        commands.now = commands.now.plusMillis(1);
        commands.apply(
                        SYSTEM,
                        new Command.UpdateNode(NodeId.of(2), commands.node(2).endpoints(), null))
                .orThrow();
        assertEquals(List.of(), shown());
        commands.now = commands.now.plusMillis(1);
        commands.apply(SYSTEM, new Command.RemoveNode(NodeId.of(2), "broken")).orThrow();
        assertEquals(1, commands.state.removedNodes().order().size());
    }

    @Test
    void whoIsAMemberAgainIsNoRemovedNode() {
        joinAndRemove(1);
        commands.join(token, 1).orThrow();
        assertTrue(new StateView(commands.state).removedNode(NodeId.of(1)).isEmpty());
    }
}
