package io.wgfabric.javalin.server;

import io.wgfabric.api.FabricView;
import io.wgfabric.api.Node;
import io.wgfabric.api.NodeId;
import io.wgfabric.api.Role;
import io.wgfabric.core.crypto.NodeIdentity;
import io.wgfabric.core.log.Log;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * With whom a manager replicates: managers that its own state knows, and, while it is not known to be up to date, any
 * manager with a certificate of the cluster. Without the latter a manager that comes back with an old state would
 * refuse the very ones that could bring it up to date. One that it saw leave stays out. Thread-safe.
 */
final class ManagerTrust implements Predicate<NodeIdentity> {
    private final Set<NodeId> seen = ConcurrentHashMap.newKeySet();
    private volatile @Nullable Log log;
    private volatile @Nullable FabricView view;

    /** Begins to decide by the state, which changed. */
    void update(Log newLog, FabricView newView) {
        log = newLog;
        view = newView;
        for (Node node : newView.nodes()) {
            if (node.isManager()) {
                seen.add(node.id());
            }
        }
    }

    @Override
    public boolean test(NodeIdentity identity) {
        if (identity.role() != Role.MGMT) {
            return false;
        }
        FabricView now = view;
        Optional<Node> node = now == null ? Optional.empty() : now.node(identity.node());
        if (node.isPresent()) {
            return node.get().isManager() && node.get().isActive();
        }
        return !seen.contains(identity.node()) && !isUpToDate(now);
    }

    /** A leader has everything that was decided; a follower may lag. */
    private boolean isUpToDate(@Nullable FabricView now) {
        Log current = log;
        return now != null
                && current != null
                && now.cluster().isPresent()
                && current.status().isLeader();
    }
}
