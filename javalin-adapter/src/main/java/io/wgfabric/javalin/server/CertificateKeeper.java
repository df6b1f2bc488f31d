package io.wgfabric.javalin.server;

import io.wgfabric.agent.NodeStore;
import io.wgfabric.api.FabricView;
import io.wgfabric.api.Node;
import io.wgfabric.core.CertificateDesk;
import io.wgfabric.core.ClusterKeyring;
import io.wgfabric.core.crypto.Authorities;
import io.wgfabric.core.crypto.Renewal;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.security.cert.X509Certificate;
import java.time.InstantSource;
import java.util.Optional;

/**
 * Keeps a manager's own certificate young and of the authority that issues now, and what it believes on its disk. Whoever has the authority's key issues it himself and asks nobody, so a
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

    private boolean isDue(X509Certificate shown) {
        return !clock.instant().isBefore(Renewal.dueAt(shown));
    }

    /** Whether another authority issues by now. A state that is older than what this manager knows does not count. */
    private boolean isOutdated(X509Certificate shown, Authorities newest) {
        return newest.equals(credentials.authorities())
                && newest.generationOf(shown) != newest.generationOf(newest.used());
    }

    /** The generation of the authority that issued what this manager shows. */
    int authority() {
        return credentials.authorities().generationOf(credentials.certificate());
    }

    /**
     * Stores what is believed, and renews the certificate if it is time and this manager is an active member of the view.
     *
     * @throws UncheckedIOException if something cannot be stored; then the old certificate is still shown
     */
    void look(FabricView view, ClusterKeyring keyring) {
        try {
            credentials.follow(view);
            if (!credentials.authorities().equals(store.authorities())) {
                store.believe(credentials.authorities());
            }
            X509Certificate shown = credentials.certificate();
            if (!isDue(shown) && !isOutdated(shown, keyring.authorities())) {
                return;
            }
            Optional<Node> self = view.node(store.identity().node());
            if (self.isEmpty() || !self.get().isActive()) {
                return;
            }
            X509Certificate fresh = CertificateDesk.issue(keyring, self.get(), shown.getPublicKey(), clock);
            if (credentials.authorities().generationOf(fresh) == 0) {
                return;
            }
            store.saveCertificate(fresh);
            credentials.show(fresh);
            LOGGER.log(
                    Level.INFO,
                    "this manager''s certificate is renewed and valid until {0}",
                    fresh.getNotAfter().toInstant());
        } catch (IOException e) {
            throw new UncheckedIOException(e.getMessage(), e);
        }
    }
}
