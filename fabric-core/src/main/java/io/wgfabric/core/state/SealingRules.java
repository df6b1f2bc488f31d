package io.wgfabric.core.state;

import io.wgfabric.api.Bytes;
import io.wgfabric.api.Command.RotateSealingKey;
import io.wgfabric.api.Event;
import io.wgfabric.api.Node;
import io.wgfabric.api.NodeId;
import io.wgfabric.api.Rejection.Reason;
import io.wgfabric.api.Sealing;
import java.util.Collection;
import java.util.Objects;
import java.util.TreeMap;
import org.pcollections.TreePMap;

/** How the secrets get under a new key: all of them, and the key to every active manager and nobody else. */
final class SealingRules {
    /** The largest sealed secret or wrapped key, in bytes. */
    private static final int MAX_BYTES = 8192;

    private SealingRules() {}

    static Verdict rotate(Draft draft, RotateSealingKey command) {
        String subject = "generation " + command.generation();
        int next = draft.sealing.generation() + 1;
        if (command.generation() != next) {
            return Verdict.refused(
                    subject,
                    Reason.SEALING_OUTDATED,
                    "the sealing key is of generation " + draft.sealing.generation() + " by now; ask again");
        }
        if (!command.secrets().keySet().equals(draft.secrets.keySet())
                || !areSound(command.secrets().values())
                || !areSound(command.wrapped().values())) {
            return Verdict.refused(
                    subject, Reason.INVALID, "a rotation seals every secret of the cluster again, and no other");
        }
        TreeMap<NodeId, Node> managers = new TreeMap<>();
        for (Node node : draft.nodes.values()) {
            if (node.isManager() && node.isActive()) {
                managers.put(node.id(), node);
            }
        }
        for (Node manager : managers.values()) {
            if (manager.services() == null || manager.services().key() == null) {
                return Verdict.refused(
                        subject,
                        Reason.SEALING_OUTDATED,
                        "manager " + manager.name() + " has told no key for it yet; it does once it runs this version");
            }
        }
        if (!command.wrapped().keySet().equals(managers.keySet())) {
            return Verdict.refused(
                    subject, Reason.SEALING_OUTDATED, "the managers are others by now than the key is for; ask again");
        }
        draft.secrets = TreePMap.from(command.secrets());
        draft.sealing = new Sealing(next, TreePMap.from(command.wrapped()));
        draft.events.add(new Event.SealingKeyRotated(next));
        return Verdict.accepted(subject, "for " + managers.size() + " managers");
    }

    /** What was decoded may have holes. */
    private static boolean areSound(Collection<Bytes> values) {
        return values.stream()
                .allMatch(value -> Objects.nonNull(value) && value.length() > 0 && value.length() <= MAX_BYTES);
    }
}
