package io.wgfabric.core.state;

import io.wgfabric.api.Command.RemoveNode;
import io.wgfabric.api.Command.UpdateNode;
import io.wgfabric.api.Limits;
import io.wgfabric.api.Node;
import io.wgfabric.api.NodeId;
import io.wgfabric.api.Rejection.Reason;

/** Membership after the join. */
final class NodeRules {
    private NodeRules() {}

    static Verdict unknown(NodeId node) {
        return Verdict.refused(node, Reason.NODE_UNKNOWN, "no node " + node + "; see 'fabric node list'");
    }

    static Verdict update(Draft draft, UpdateNode command) {
        Node node = draft.nodes.get(command.node());
        if (node == null) {
            return unknown(command.node());
        }
        if (node.isManager() != (command.services() != null)) {
            return Verdict.refused(
                    node.id(), Reason.INVALID, "a manager, and only a manager, says where its services are");
        }
        Verdict tooOld = LevelRules.refusalOf(draft, node.id(), command.services());
        if (tooOld != null) {
            return tooOld;
        }
        draft.changeNode(node.withReach(command.endpoints(), command.services()));
        return Verdict.accepted(node.id(), "endpoints " + command.endpoints().addresses());
    }

    static Verdict remove(Draft draft, RemoveNode command) {
        Node node = draft.nodes.get(command.node());
        if (node == null) {
            return unknown(command.node());
        }
        if (command.reason().length() > Limits.REASON_LENGTH) {
            return tooLong(node.id());
        }
        if (isLastActiveManager(draft, node)) {
            return lastManager(node.id(), "removed");
        }
        draft.removeNode(node, command.reason());
        PresharedKeyRules.dropUnused(draft);
        if (node.rotation() != null) {
            RotationRules.goOn(draft);
        }
        return Verdict.accepted(node.id(), "name " + node.name() + ": " + command.reason());
    }

    static boolean isLastActiveManager(Draft draft, Node node) {
        return node.isManager()
                && node.isActive()
                && draft.nodes.values().stream()
                                .filter(n -> n.isManager() && n.isActive())
                                .count()
                        == 1;
    }

    static Verdict lastManager(NodeId node, String what) {
        return Verdict.refused(
                node, Reason.LAST_MANAGER, "the last manager cannot be " + what + "; add another one first");
    }

    static Verdict tooLong(NodeId node) {
        return Verdict.refused(node, Reason.INVALID, "a reason has at most " + Limits.REASON_LENGTH + " characters");
    }
}
