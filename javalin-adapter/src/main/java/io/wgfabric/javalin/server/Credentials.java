package io.wgfabric.javalin.server;

import io.wgfabric.agent.NodeStore;
import io.wgfabric.api.FabricView;
import io.wgfabric.api.SigningKey;
import io.wgfabric.api.SigningKeys;
import io.wgfabric.core.crypto.Authorities;
import io.wgfabric.core.crypto.ShownCertificate;
import io.wgfabric.core.crypto.Tls;
import io.wgfabric.core.netmap.Netmap;
import java.io.IOException;
import java.security.PrivateKey;
import java.security.cert.X509Certificate;
import javax.net.ssl.SSLContext;
import javax.net.ssl.X509ExtendedTrustManager;
import org.jspecify.annotations.Nullable;

/**
 * What a manager shows in TLS, and which authorities it believes; contexts that it made follow when either changes. What
 * is believed only goes on: a manager that comes back may have stored more than the state that it has so far. Thread-safe.
 */
final class Credentials {
    private final ShownCertificate shown;
    private volatile Authorities authorities;

    /** Of the state that was looked at last. */
    private volatile @Nullable SigningKeys seen;

    Credentials(PrivateKey key, X509Certificate certificate, Authorities authorities) {
        shown = new ShownCertificate(key, certificate, authorities);
        this.authorities = authorities;
    }

    static Credentials of(NodeStore node) throws IOException {
        return new Credentials(node.tlsKey(), node.certificate(), node.authorities());
    }

    X509Certificate certificate() {
        return shown.certificate();
    }

    Authorities authorities() {
        return authorities;
    }

    /** Believes what a state says; cheap while that is what it said before. */
    void follow(FabricView view) {
        SigningKeys keys = view.signing(SigningKey.AUTHORITY);
        if (view.cluster().isPresent() && !keys.equals(seen)) {
            believe(Authorities.of(Netmap.authorities(view)));
            seen = keys;
        }
    }

    private synchronized void believe(Authorities newest) {
        if (newest.areLaterThan(authorities)) {
            authorities = newest;
            shown.replace(shown.certificate(), newest);
        }
    }

    /** Shows another certificate for the same key from now on. */
    synchronized void show(X509Certificate certificate) {
        shown.replace(certificate, authorities);
    }

    SSLContext tls(X509ExtendedTrustManager trust) {
        return Tls.context(shown, trust);
    }

    @Override
    public String toString() {
        return "Credentials[" + shown.certificate().getSubjectX500Principal() + "]";
    }
}
