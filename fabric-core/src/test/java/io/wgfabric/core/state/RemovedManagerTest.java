package io.wgfabric.core.state;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.wgfabric.api.Command;
import io.wgfabric.api.Limits;
import io.wgfabric.api.NodeId;
import io.wgfabric.api.Role;
import io.wgfabric.core.codec.Codec;
import org.junit.jupiter.api.Test;

class RemovedManagerTest {
    private final Commands commands = Commands.bootstrapped("10.0.0.0/16");

    private void join(long node, Role role) {
        commands.join(commands.token(node, role, 1), node, role).orThrow();
    }

    private void joinAndRemove(long node, Role role) {
        join(node, role);
        commands.apply(Commands.SYSTEM, new Command.RemoveNode(NodeId.of(node), "test"))
                .orThrow();
    }

    @Test
    void managerThatWasRemoved_isKnownAsSuch_alsoAfterASnapshot() {
        join(1, Role.MGMT);
        joinAndRemove(2, Role.MGMT);
        joinAndRemove(3, Role.PEER);
        State restored = Codec.decodeState(Codec.encode(commands.state));
        assertEquals(commands.state, restored);
        assertTrue(restored.removedManagers().containsKey(NodeId.of(2)));
        assertFalse(restored.removedManagers().containsKey(NodeId.of(1)));
        assertFalse(restored.removedManagers().containsKey(NodeId.of(3)), "a peer never replicated");
    }

    @Test
    void oldestRemovedManagersMakeRoom() {
        join(1, Role.MGMT);
        for (int i = 0; i <= Limits.REMOVED_MANAGERS; i++) {
            joinAndRemove(10 + i, Role.MGMT);
        }
        assertEquals(Limits.REMOVED_MANAGERS, commands.state.removedManagers().size());
        assertFalse(commands.state.removedManagers().containsKey(NodeId.of(10)));
        assertTrue(commands.state.removedManagers().containsKey(NodeId.of(11)));
    }
}
