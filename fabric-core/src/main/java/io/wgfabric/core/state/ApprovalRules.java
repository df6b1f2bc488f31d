package io.wgfabric.core.state;

import io.wgfabric.api.Command.ApproveNode;
import io.wgfabric.api.Node;
import io.wgfabric.api.Rejection.Reason;

/** How a node that joined with a token which needs approval gets into the mesh. */
final class ApprovalRules {
    private ApprovalRules() {}

    static Verdict approve(Draft draft, ApproveNode command) {
        Node node = draft.nodes.get(command.node());
        if (node == null) {
            return NodeRules.unknown(command.node());
        }
        if (!node.isPending()) {
            return Verdict.refused(
                    node.id(),
                    Reason.NODE_WRONG_STATE,
                    "node " + node.name() + " does not wait for approval"
                            + (node.isQuarantined() ? "; it is quarantined: fabric node release" : ""));
        }
        draft.changeNode(node.withState(Node.State.ACTIVE, draft.time, "approved", null, draft.actor));
        return Verdict.accepted(node.id(), "name " + node.name());
    }
}
