package io.wgfabric.core.state;

import io.wgfabric.api.Command.ReleaseNode;
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
        draft.removeNode(node);
        RotationRules.goOn(draft);
        return Verdict.accepted(node.id(), "name " + node.name() + ": " + command.reason());
    }

    static Verdict quarantine(Draft draft, NodeId id, String reason) {
        Node node = draft.nodes.get(id);
        if (node == null) {
            return unknown(id);
        }
        if (reason.length() > Limits.REASON_LENGTH) {
            return tooLong(id);
        }
        if (!node.isActive()) {
            return Verdict.refused(
                    id,
                    Reason.NODE_WRONG_STATE,
                    "node " + node.name() + " is quarantined already: " + node.stateCause());
        }
        if (isLastActiveManager(draft, node)) {
            return lastManager(id, "quarantined");
        }
        draft.changeNode(node.withRotation(null).withState(Node.State.QUARANTINED, draft.time, reason));
        RotationRules.goOn(draft);
        return Verdict.accepted(id, reason);
    }

    static Verdict release(Draft draft, ReleaseNode command) {
        Node node = draft.nodes.get(command.node());
        if (node == null) {
            return unknown(command.node());
        }
        if (node.isActive()) {
            return Verdict.refused(node.id(), Reason.NODE_WRONG_STATE, "node " + node.name() + " is not quarantined");
        }
        draft.changeNode(node.withState(Node.State.ACTIVE, draft.time, "released"));
        return Verdict.accepted(node.id(), "");
    }

    private static boolean isLastActiveManager(Draft draft, Node node) {
        return node.isManager()
                && node.isActive()
                && draft.nodes.values().stream()
                                .filter(n -> n.isManager() && n.isActive())
                                .count()
                        == 1;
    }

    private static Verdict lastManager(NodeId node, String what) {
        return Verdict.refused(
                node, Reason.LAST_MANAGER, "the last manager cannot be " + what + "; add another one first");
    }

    static Verdict tooLong(NodeId node) {
        return Verdict.refused(node, Reason.INVALID, "a reason has at most " + Limits.REASON_LENGTH + " characters");
    }
}
