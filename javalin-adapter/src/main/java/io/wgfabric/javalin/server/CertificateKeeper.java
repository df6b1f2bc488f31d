package io.wgfabric.javalin.server;

import io.wgfabric.agent.NodeStore;
import io.wgfabric.api.FabricView;
import io.wgfabric.api.Node;
import io.wgfabric.core.CertificateDesk;
import io.wgfabric.core.ClusterKeyring;
import io.wgfabric.core.crypto.Renewal;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.security.cert.X509Certificate;
import java.time.InstantSource;
import java.util.Optional;

/**
 * Keeps a manager's own certificate young. Whoever has the authority's key issues it himself and asks nobody, so a
 * cluster whose managers were all away for long comes back too. Used by one thread at a time.
 */
final class CertificateKeeper {
    private static final Logger LOGGER = System.getLogger(CertificateKeeper.class.getName());

    private final NodeStore store;
    private final Credentials credentials;
    private final InstantSource clock;

    CertificateKeeper(NodeStore store, Credentials credentials, InstantSource clock) {
        this.store = store;
        this.credentials = credentials;
        this.clock = clock;
    }

    boolean isDue() {
        return !clock.instant().isBefore(Renewal.dueAt(credentials.shown().certificate()));
    }

    /**
     * Renews the certificate if it is due and this manager is an active member of the view.
     *
     * @throws UncheckedIOException if it cannot be stored; then the old one is still shown
     */
    void look(FabricView view, ClusterKeyring keyring) {
        if (!isDue()) {
            return;
        }
        try {
            Optional<Node> self = view.node(store.identity().node());
            if (self.isEmpty() || !self.get().isActive()) {
                return;
            }
            X509Certificate fresh = CertificateDesk.issue(
                    keyring, self.get(), credentials.shown().certificate().getPublicKey(), clock);
            store.saveCertificate(fresh);
            credentials.shown().replace(fresh);
            LOGGER.log(
                    Level.INFO,
                    "this manager''s certificate is renewed and valid until {0}",
                    fresh.getNotAfter().toInstant());
        } catch (IOException e) {
            throw new UncheckedIOException(e.getMessage(), e);
        }
    }
}
