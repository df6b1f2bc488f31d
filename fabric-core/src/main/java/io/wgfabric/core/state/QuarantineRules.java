package io.wgfabric.core.state;

import io.wgfabric.api.Command.EndQuarantine;
import io.wgfabric.api.Command.QuarantineNode;
import io.wgfabric.api.Command.ReleaseNode;
import io.wgfabric.api.Limits;
import io.wgfabric.api.Node;
import io.wgfabric.api.NodeId;
import io.wgfabric.api.Rejection.Reason;
import io.wgfabric.api.Token;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import org.jspecify.annotations.Nullable;

/** How a node is cut off and let in again. */
final class QuarantineRules {
    private static final Duration SHORTEST = Duration.ofSeconds(1);

    private QuarantineRules() {}

    static Verdict quarantine(Draft draft, QuarantineNode command) {
        Node node = draft.nodes.get(command.node());
        if (node == null) {
            return NodeRules.unknown(command.node());
        }
        if (command.reason().length() > Limits.REASON_LENGTH) {
            return NodeRules.tooLong(node.id());
        }
        Duration period = command.period();
        if (period != null && (period.compareTo(SHORTEST) < 0 || period.compareTo(Limits.QUARANTINE) > 0)) {
            return Verdict.refused(
                    node.id(),
                    Reason.INVALID,
                    "a quarantine that ends by itself lasts between 1 second and " + Limits.QUARANTINE.toDays()
                            + " days");
        }
        if (node.isPending()) {
            return Verdict.refused(
                    node.id(),
                    Reason.NODE_WRONG_STATE,
                    "node " + node.name() + " waits for approval and is in no configuration; to be rid of it, remove"
                            + " it");
        }
        if (node.isQuarantined() && node.stateUntil() == null) {
            return Verdict.refused(
                    node.id(),
                    Reason.NODE_WRONG_STATE,
                    "node " + node.name() + " is quarantined already: " + node.stateCause());
        }
        if (NodeRules.isLastActiveManager(draft, node)) {
            return NodeRules.lastManager(node.id(), "quarantined");
        }
        Instant until = period == null ? null : draft.time.plus(period).truncatedTo(ChronoUnit.MILLIS);
        cutOff(draft, node, command.reason(), until);
        if (node.rotation() != null) {
            RotationRules.goOn(draft);
        }
        return Verdict.accepted(node.id(), until == null ? command.reason() : command.reason() + "; until " + until);
    }

    /**
     * Cuts off all that joined with a token, those that wait and those whose quarantine would end by itself too. For k
     * nodes of n it costs O(k log n), and one look at all nodes if a rotation ends with it.
     *
     * @return what the audit chain says of it
     */
    static String quarantineLineage(Draft draft, Token token) {
        String reason = "its token " + token.id() + " was revoked";
        int count = 0;
        boolean kept = false;
        boolean rotated = false;
        for (NodeId id : token.nodes()) {
            Node node = draft.nodes.get(id);
            if (node == null || (node.isQuarantined() && node.stateUntil() == null)) {
                continue;
            }
            if (NodeRules.isLastActiveManager(draft, node)) {
                kept = true;
                continue;
            }
            rotated |= node.rotation() != null;
            cutOff(draft, node, reason, null);
            count++;
        }
        if (rotated) {
            RotationRules.goOn(draft);
        }
        return "quarantined " + count + " nodes" + (kept ? ", but not the last manager" : "");
    }

    private static void cutOff(Draft draft, Node node, String reason, @Nullable Instant until) {
        draft.changeNode(
                node.withRotation(null).withState(Node.State.QUARANTINED, draft.time, reason, until, draft.actor));
    }

    static Verdict release(Draft draft, ReleaseNode command) {
        Node node = draft.nodes.get(command.node());
        if (node == null) {
            return NodeRules.unknown(command.node());
        }
        if (!node.isQuarantined()) {
            return Verdict.refused(
                    node.id(),
                    Reason.NODE_WRONG_STATE,
                    "node " + node.name() + " is not quarantined"
                            + (node.isPending() ? "; it waits for approval: fabric node approve" : ""));
        }
        letIn(draft, node, "released");
        return Verdict.accepted(node.id(), "");
    }

    static Verdict end(Draft draft, EndQuarantine command) {
        Node node = draft.nodes.get(command.node());
        if (node == null) {
            return NodeRules.unknown(command.node());
        }
        if (!node.isQuarantined()
                || !command.until().equals(node.stateUntil())
                || draft.time.isBefore(command.until())) {
            return Verdict.refused(
                    node.id(),
                    Reason.NODE_WRONG_STATE,
                    "node " + node.name() + " is in no quarantine that was to end by " + command.until());
        }
        letIn(draft, node, "its quarantine was over");
        return Verdict.accepted(node.id(), "quarantined for: " + node.stateCause());
    }

    private static void letIn(Draft draft, Node node, String cause) {
        draft.changeNode(node.withState(Node.State.ACTIVE, draft.time, cause, null, draft.actor));
    }
}
