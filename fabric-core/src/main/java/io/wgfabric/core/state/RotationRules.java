package io.wgfabric.core.state;

import io.wgfabric.api.Command.AdvanceRotation;
import io.wgfabric.api.Command.PublishKey;
import io.wgfabric.api.Command.RotateNodeKey;
import io.wgfabric.api.Node;
import io.wgfabric.api.Plane;
import io.wgfabric.api.Rejection.Reason;
import io.wgfabric.api.Rotation;
import io.wgfabric.api.Rotation.Phase;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * The phases of key rotation ({@link Rotation}).
 *
 * <p>The one rule that keeps packets: a plane is never given a new key while it carries a pair. A node's spare plane
 * carries a pair as soon as <em>either</em> end has moved out, so rotations go in batches: a rotation begins only while
 * no other one uses the spare planes, and those that began together move out together. A node's main plane carries
 * nothing once all its pairs have moved out, whatever the others do.
 */
final class RotationRules {
    private RotationRules() {}

    static Verdict rotate(Draft draft, RotateNodeKey command) {
        Node node = draft.nodes.get(command.node());
        if (node == null) {
            return NodeRules.unknown(command.node());
        }
        if (!node.isActive()) {
            return Verdict.refused(
                    node.id(),
                    Reason.NODE_WRONG_STATE,
                    "node " + node.name()
                            + (node.isPending()
                                    ? " waits for approval; approve it first"
                                    : " is quarantined; release it first"));
        }
        if (node.rotation() != null) {
            return Verdict.refused(
                    node.id(), Reason.ROTATION_WRONG_PHASE, "node " + node.name() + " is rotating its keys already");
        }
        put(draft, node, Phase.WAITING);
        goOn(draft);
        return Verdict.accepted(node.id(), "rotation began");
    }

    static Verdict publish(Draft draft, PublishKey command) {
        Node node = draft.nodes.get(command.node());
        if (node == null) {
            return NodeRules.unknown(command.node());
        }
        Phase wanted = command.plane() == Plane.SPARE ? Phase.REKEY_SPARE : Phase.REKEY_MAIN;
        if (node.rotation() == null || node.rotation().phase() != wanted) {
            return wrongPhase(node, wanted);
        }
        if (draft.holderOf(command.key()) != null) {
            return Verdict.refused(
                    node.id(), Reason.KEY_TAKEN, "this WireGuard key is in use; every plane gets a key of its own");
        }
        Node rekeyed = node.withKeys(
                node.keys().with(command.plane(), command.key(), PresharedKeyRules.inForce(draft)),
                // Half a rotation that was given up renews nothing, and software of level 1 writes no such time.
                command.plane() == Plane.MAIN && LevelRules.isAt(draft, 2) ? draft.time : node.keysSince());
        put(draft, rekeyed, command.plane() == Plane.SPARE ? Phase.READY : Phase.MOVE_BACK);
        PresharedKeyRules.dropUnused(draft);
        goOn(draft);
        return Verdict.accepted(node.id(), "new key on plane " + command.plane() + ": " + command.key());
    }

    static Verdict advance(Draft draft, AdvanceRotation command) {
        Node node = draft.nodes.get(command.node());
        if (node == null) {
            return NodeRules.unknown(command.node());
        }
        Rotation rotation = node.rotation();
        if (rotation == null || rotation.phase() != command.from()) {
            return wrongPhase(node, command.from());
        }
        Phase next = command.abort() ? afterAbort(command.from()) : afterSuccess(command.from());
        if (next == command.from()) {
            return wrongPhase(node, command.from());
        }
        put(draft, node, next);
        goOn(draft);
        return Verdict.accepted(
                node.id(),
                (command.abort() ? "given up in phase " : "ended phase ")
                        + command.from()
                        + (next == null ? ", rotation over" : ""));
    }

    /** The next phase, null for the end, or the same phase where only the node itself can end it. */
    private static @Nullable Phase afterSuccess(Phase from) {
        return switch (from) {
            case MOVE_OUT -> Phase.REKEY_MAIN;
            case MOVE_BACK -> null;
            default -> from;
        };
    }

    private static @Nullable Phase afterAbort(Phase from) {
        return switch (from) {
            case MOVE_OUT, REKEY_MAIN -> Phase.MOVE_BACK;
            case MOVE_BACK -> from;
            default -> null;
        };
    }

    /** Lets those go on that waited for others; called after whatever may have ended the wait. */
    static void goOn(Draft draft) {
        if (!any(draft, Rotation::usesSpare)) {
            moveAll(draft, Phase.WAITING, Phase.REKEY_SPARE);
        }
        if (!any(draft, rotation -> rotation.phase() == Phase.REKEY_SPARE)) {
            moveAll(draft, Phase.READY, Phase.MOVE_OUT);
        }
    }

    private static boolean any(Draft draft, Predicate<Rotation> test) {
        for (Node node : draft.nodes.values()) {
            if (node.rotation() != null && test.test(node.rotation())) {
                return true;
            }
        }
        return false;
    }

    private static void moveAll(Draft draft, Phase from, Phase to) {
        for (Node node : draft.nodes.values()) {
            if (node.rotation() != null && node.rotation().phase() == from) {
                put(draft, node, to);
            }
        }
    }

    private static void put(Draft draft, Node node, @Nullable Phase phase) {
        Rotation before = node.rotation();
        draft.changeNode(node.withRotation(
                phase == null
                        ? null
                        : new Rotation(phase, before == null ? draft.time : before.began(), draft.revision)));
    }

    private static Verdict wrongPhase(Node node, Phase wanted) {
        Rotation rotation = node.rotation();
        return Verdict.refused(
                node.id(),
                Reason.ROTATION_WRONG_PHASE,
                "node " + node.name()
                        + (rotation == null ? " is not rotating its keys" : " is in phase " + rotation.phase())
                        + ", not in " + wanted);
    }
}
