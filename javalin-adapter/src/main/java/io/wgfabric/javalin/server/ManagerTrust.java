package io.wgfabric.javalin.server;

import io.wgfabric.api.FabricView;
import io.wgfabric.api.Node;
import io.wgfabric.api.NodeId;
import io.wgfabric.api.Role;
import io.wgfabric.core.crypto.NodeIdentity;
import io.wgfabric.core.log.Log;
import java.util.Optional;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * With whom a manager replicates: managers that its own state knows, and, while it is not known to be up to date, any
 * manager with a certificate of the cluster. Without the latter a manager that comes back with an old state would
 * refuse the very ones that could bring it up to date. One that the state knows to be removed stays out. Thread-safe.
 */
final class ManagerTrust implements Predicate<NodeIdentity> {
    private volatile @Nullable Log log;
    private volatile @Nullable FabricView view;

    /** Begins to decide by the state, which changed. */
    void update(Log newLog, FabricView newView) {
        log = newLog;
        view = newView;
    }

    @Override
    public boolean test(NodeIdentity identity) {
        return identity.role() == Role.MGMT && admits(identity.node());
    }

    /** The same of one whose certificate was looked at when it connected; cheap enough for every message. */
    boolean admits(String member) {
        return NodeId.isValid(member) && admits(new NodeId(member));
    }

    private boolean admits(NodeId manager) {
        FabricView now = view;
        Optional<Node> node = now == null ? Optional.empty() : now.node(manager);
        if (node.isPresent()) {
            return node.get().isManager() && node.get().isActive();
        }
        return !isUpToDate(now) && !(now != null && now.isRemovedManager(manager));
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
