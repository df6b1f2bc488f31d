package io.wgfabric.core.state;

import io.wgfabric.api.Cluster;
import io.wgfabric.api.Command.BootstrapCluster;
import io.wgfabric.api.Command.RecoverCluster;
import io.wgfabric.api.Event;
import io.wgfabric.api.Limits;
import io.wgfabric.api.Node;
import io.wgfabric.api.Rejection.Reason;
import java.util.ArrayList;
import java.util.List;
import org.pcollections.TreePMap;

/** How a cluster begins, and how it begins again after a disaster. */
final class ClusterRules {
    private static final long FIRST_EPOCH = 1;

    private ClusterRules() {}

    static Verdict bootstrap(Draft draft, BootstrapCluster command) {
        if (draft.cluster != null) {
            return Verdict.refused(
                    command.cluster(),
                    Reason.ALREADY_BOOTSTRAPPED,
                    "this log already holds cluster " + draft.cluster.id() + "; start it with 'fabric server run'");
        }
        String wrong = AddressRules.refusalOf(command.pools());
        if (wrong != null) {
            return Verdict.refused(command.cluster(), Reason.INVALID, wrong);
        }
        draft.cluster = new Cluster(
                command.cluster(),
                FIRST_EPOCH,
                Levels.FIRST,
                List.copyOf(command.pools()),
                command.caCertificate(),
                draft.time);
        draft.secrets = TreePMap.from(command.secrets());
        draft.publicKeys = TreePMap.from(command.publicKeys());
        draft.operators = draft.operators.plus(command.admin().id(), command.admin());
        draft.addresses = AddressBook.of(command.pools());
        draft.events.add(new Event.ClusterBootstrapped(command.cluster()));
        return Verdict.accepted(command.cluster(), "pools " + command.pools());
    }

    static Verdict recover(Draft draft, RecoverCluster command) {
        Cluster before = draft.cluster;
        if (before == null) {
            throw new IllegalStateException("permissions ask for a cluster first");
        }
        if (command.epoch() != before.epoch() + 1) {
            return Verdict.refused(
                    command.survivor(),
                    Reason.INVALID,
                    "the cluster is in epoch " + before.epoch() + ", so the next is not " + command.epoch());
        }
        if (command.reason().length() > Limits.REASON_LENGTH) {
            return NodeRules.tooLong(command.survivor());
        }
        Node survivor = draft.nodes.get(command.survivor());
        if (survivor != null && !(survivor.isManager() && survivor.isActive())) {
            return Verdict.refused(
                    survivor.id(),
                    Reason.NODE_WRONG_STATE,
                    "node " + survivor.name() + " is no active manager; recover on one that is");
        }
        List<String> dropped = new ArrayList<>();
        for (Node node : draft.nodes.values()) {
            if (node.isManager() && !node.id().equals(command.survivor())) {
                draft.removeNode(node, "the cluster was recovered without it: " + command.reason());
                dropped.add(node.name() + " (" + node.id() + ")");
            }
        }
        RotationRules.goOn(draft);
        PresharedKeyRules.dropUnused(draft);
        draft.cluster = before.withEpoch(command.epoch());
        draft.events.add(new Event.ClusterRecovered(command.epoch()));
        return Verdict.accepted(
                command.survivor(),
                "epoch " + command.epoch() + ", dropped " + (dropped.isEmpty() ? "none" : String.join(", ", dropped))
                        + ": " + command.reason());
    }
}
