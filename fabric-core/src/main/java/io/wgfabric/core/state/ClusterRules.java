package io.wgfabric.core.state;

import io.wgfabric.api.Cluster;
import io.wgfabric.api.Command.BootstrapCluster;
import io.wgfabric.api.Command.RecoverCluster;
import io.wgfabric.api.Event;
import io.wgfabric.api.Limits;
import io.wgfabric.api.Node;
import io.wgfabric.api.Prefix;
import io.wgfabric.api.Rejection.Reason;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.pcollections.TreePMap;

/** How a cluster begins, and how it begins again after a disaster. */
final class ClusterRules {
    private static final long FIRST_EPOCH = 1;

    /** The largest pool: a /8 of IPv4. */
    private static final int SHORTEST_V4 = 8;

    /** The smallest pool of IPv4 that can hold a manager and a peer. */
    private static final int LONGEST_V4 = 30;

    private static final int SHORTEST_V6 = 48;
    private static final int LONGEST_V6 = 120;

    /** RFC 1918 section 3 and RFC 6598 section 7. */
    private static final List<Prefix> PRIVATE_V4 = List.of(
            Prefix.parse("10.0.0.0/8"),
            Prefix.parse("172.16.0.0/12"),
            Prefix.parse("192.168.0.0/16"),
            Prefix.parse("100.64.0.0/10"));

    /** RFC 4193 section 3.1, with the L bit set. */
    private static final Prefix UNIQUE_LOCAL_V6 = Prefix.parse("fd00::/8");

    private ClusterRules() {}

    static Verdict bootstrap(Draft draft, BootstrapCluster command) {
        if (draft.cluster != null) {
            return Verdict.refused(
                    command.cluster(),
                    Reason.ALREADY_BOOTSTRAPPED,
                    "this log already holds cluster " + draft.cluster.id() + "; start it with 'fabric server run'");
        }
        String wrong = refusalOf(command.pools());
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
        for (Prefix pool : command.pools()) {
            draft.addresses = draft.addresses.withPool(pool);
        }
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
        draft.cluster = before.withEpoch(command.epoch());
        draft.events.add(new Event.ClusterRecovered(command.epoch()));
        return Verdict.accepted(
                command.survivor(),
                "epoch " + command.epoch() + ", dropped " + (dropped.isEmpty() ? "none" : String.join(", ", dropped))
                        + ": " + command.reason());
    }

    /** Why these pools cannot be, or null if they can. */
    private static @Nullable String refusalOf(List<Prefix> pools) {
        if (pools.isEmpty() || pools.size() > Limits.POOLS) {
            return "a cluster has 1 to " + Limits.POOLS + " address pools";
        }
        for (int i = 0; i < pools.size(); i++) {
            Prefix pool = pools.get(i);
            if (pool.isV4()) {
                if (PRIVATE_V4.stream().noneMatch(range -> range.length() <= pool.length() && range.overlaps(pool))) {
                    return "pool " + pool + " is not private; choose one of 10.0.0.0/8, 172.16.0.0/12,"
                            + " 192.168.0.0/16 or 100.64.0.0/10";
                }
                if (pool.length() < SHORTEST_V4 || pool.length() > LONGEST_V4) {
                    return "pool " + pool + " must be between a /" + SHORTEST_V4 + " and a /" + LONGEST_V4;
                }
            } else if (!UNIQUE_LOCAL_V6.contains(pool.address())
                    || pool.length() < SHORTEST_V6
                    || pool.length() > LONGEST_V6) {
                return "pool " + pool + " must be a unique local prefix of fd00::/8, between a /" + SHORTEST_V6
                        + " and a /" + LONGEST_V6;
            }
            for (Prefix other : pools.subList(0, i)) {
                if (pool.overlaps(other)) {
                    return "pools " + other + " and " + pool + " overlap";
                }
            }
        }
        return null;
    }
}
