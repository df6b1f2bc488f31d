package io.wgfabric.agent;

import io.wgfabric.api.Edition;
import io.wgfabric.api.NodeId;
import io.wgfabric.core.crypto.CryptoException;
import io.wgfabric.core.netmap.GapException;
import io.wgfabric.core.netmap.Netmap;
import io.wgfabric.core.netmap.NetmapVerifier;
import io.wgfabric.core.netmap.SignedNetmap;
import io.wgfabric.core.netmap.VerifiedNetmap;
import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What managers say to this node: the configuration, and whether it is let in at all. The watch's thread alone changes
 * it; whoever likes reads what was heard last.
 */
final class Hearing implements AutoCloseable {
    private static final Logger LOGGER = System.getLogger(Hearing.class.getName());

    private final NodeId node;
    private final NetmapGuard guard;
    private final ControlClient client;
    private final CertificateRenewal renewal;
    private final Runnable news;
    private final Watch watch;

    private volatile @Nullable Netmap netmap;
    private volatile @Nullable String removedBecause;
    private volatile boolean quarantined;
    private volatile boolean waiting;

    /** @param news called when there is another configuration to go by, or none any more */
    Hearing(NodeId node, NetmapGuard guard, ControlClient client, CertificateRenewal renewal, Runnable news) {
        this.node = node;
        this.guard = guard;
        this.client = client;
        this.renewal = renewal;
        this.news = news;
        watch = new Watch(client, new Ears());
    }

    /**
     * Takes what this node has stored, before it listens. Whom it was told to ask may be wrong, or gone by now: it asks
     * those that it knows too.
     */
    void restore(SignedNetmap stored, List<String> preferredManagers) {
        try {
            NetmapVerifier.Restored found = guard.restore(stored);
            if (found.damage() != null) {
                LOGGER.log(
                        Level.WARNING,
                        "of the stored configuration only what is before its damage is used: {0}",
                        found.damage());
            }
            Netmap restored = found.verified().netmap();
            netmap = restored;
            Set<String> managers = new LinkedHashSet<>(preferredManagers);
            managers.addAll(restored.managerApis());
            client.setManagers(List.copyOf(managers));
        } catch (CryptoException e) {
            LOGGER.log(Level.ERROR, "the stored configuration is not used, waiting for a manager: {0}", e.getMessage());
        }
    }

    void start() {
        watch.start();
    }

    /** Listens over a new connection: the client shows another certificate by now. */
    void reopen() {
        watch.reopen();
    }

    @Override
    public void close() {
        watch.close();
    }

    /** The configuration to go by; null before the first. */
    @Nullable Netmap netmap() {
        return netmap;
    }

    /** This node as that configuration has it; null if there is none. */
    Netmap.@Nullable Member self() {
        Netmap current = netmap;
        return current == null ? null : current.member(node).orElse(null);
    }

    /** What was verified at last; null before the first. */
    @Nullable VerifiedNetmap verified() {
        return guard.have();
    }

    /** How many configurations were refused since this process started. */
    long refused() {
        return guard.refused();
    }

    /** Whether this node shall have no tunnels until it is let in again. */
    boolean isQuarantined() {
        return quarantined;
    }

    /** Why this node is a member no more; null while it is one. */
    @Nullable String removedBecause() {
        return removedBecause;
    }

    /** What takes a configuration in. */
    private interface Admission {
        Netmap admit() throws IOException;
    }

    /** Uses what was admitted, if this node is in it. */
    private void accept(Netmap offered) {
        if (offered.member(node).isEmpty()) {
            return;
        }
        netmap = offered;
        if (waiting) {
            LOGGER.log(Level.INFO, "this node was approved");
            waiting = false;
        }
        quarantined = false;
        client.setManagers(offered.managerApis());
        news.run();
    }

    private final class Ears implements Watch.Listener {
        @Override
        public String query() {
            return guard.query(quarantined || waiting);
        }

        @Override
        public boolean netmap(SignedNetmap signed) {
            return hear(() -> guard.admit(signed));
        }

        @Override
        public boolean delta(String line) {
            return hear(() -> guard.admitDelta(line)) && !guard.needsFull();
        }

        /** Whether this manager's stream is of use to this node. */
        private boolean hear(Admission admission) {
            try {
                accept(admission.admit());
                return true;
            } catch (GapException e) {
                LOGGER.log(Level.INFO, "asking for the whole configuration: {0}", e.getMessage());
            } catch (CryptoException e) {
                LOGGER.log(Level.WARNING, "refused a configuration and keep the one I have: {0}", e.getMessage());
                client.moveOn();
            } catch (IOException e) {
                LOGGER.log(Level.ERROR, e.getMessage());
            }
            return false;
        }

        @Override
        public void pending(String message) {
            if (!waiting) {
                LOGGER.log(Level.WARNING, "{0}; this agent goes on by itself once that is done", message);
                waiting = true;
            }
        }

        @Override
        public boolean gone(String slug, String message, Edition asOf) {
            if (asOf.isBefore(guard.seen())) {
                LOGGER.log(
                        Level.INFO,
                        "a manager at {0} does not know this node, which has seen {1}: {2}",
                        asOf,
                        guard.seen(),
                        message);
                return false;
            }
            if (slug.equals("node-removed")) {
                removedBecause = message;
                news.run();
            } else if (slug.equals("node-quarantined") && !quarantined) {
                LOGGER.log(Level.WARNING, "this node is quarantined, its interfaces go down: {0}", message);
                quarantined = true;
                news.run();
            } else if (slug.equals("certificate-expired")) {
                renewal.expired();
            }
            return slug.equals("node-quarantined");
        }
    }
}
