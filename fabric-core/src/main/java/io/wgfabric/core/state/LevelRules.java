package io.wgfabric.core.state;

import io.wgfabric.api.Cluster;
import io.wgfabric.api.Command;
import io.wgfabric.api.Event;
import io.wgfabric.api.ManagerServices;
import io.wgfabric.api.Rejection.Reason;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Nothing enters the log that a manager may not be able to read, and no manager comes in that cannot read the log. */
final class LevelRules {
    private LevelRules() {}

    /** Why the cluster cannot use a command yet, or null if it can. */
    static @Nullable Verdict refusalOf(Draft draft, Object subject, Command command) {
        Cluster cluster = draft.cluster;
        if (cluster == null || command.requiredLevel() <= cluster.level()) {
            return null;
        }
        List<String> old = below(draft, command.requiredLevel());
        return Verdict.refused(
                subject,
                Reason.LEVEL_TOO_LOW,
                "this needs cluster level " + command.requiredLevel() + ", and the cluster is at level "
                        + cluster.level()
                        + (old.isEmpty()
                                ? "; the leader raises it in a moment, ask again"
                                : "; upgrade the managers " + String.join(", ", old)));
    }

    /** Whether every manager understands what came with a level. */
    static boolean isAt(Draft draft, int level) {
        return draft.cluster != null && draft.cluster.level() >= level;
    }

    /** Why a manager with these services cannot be in the cluster, or null if it can. */
    static @Nullable Verdict refusalOf(Draft draft, Object subject, @Nullable ManagerServices services) {
        Cluster cluster = draft.cluster;
        if (cluster == null || services == null || services.supports() >= cluster.level()) {
            return null;
        }
        return Verdict.refused(
                subject,
                Reason.LEVEL_TOO_LOW,
                "the cluster is at level " + cluster.level() + ", and this manager's software knows no level above "
                        + services.supports() + "; install a newer version");
    }

    static Verdict raise(Draft draft, Command.RaiseLevel command) {
        Cluster cluster = draft.cluster;
        if (cluster == null || command.level() <= cluster.level()) {
            return Verdict.refused(
                    "level " + command.level(),
                    Reason.INVALID,
                    "a cluster's level only grows; it has this one already");
        }
        List<String> old = below(draft, command.level());
        if (!old.isEmpty()) {
            return Verdict.refused(
                    "level " + command.level(),
                    Reason.LEVEL_TOO_LOW,
                    "upgrade the managers " + String.join(", ", old) + " first");
        }
        draft.cluster = cluster.withLevel(command.level());
        draft.events.add(new Event.LevelRaised(command.level()));
        return Verdict.accepted("level " + command.level(), "from level " + cluster.level());
    }

    private static List<String> below(Draft draft, int level) {
        return draft.nodes.values().stream()
                .filter(node -> node.services() != null && node.services().supports() < level)
                .map(node -> node.name().text())
                .toList();
    }
}
