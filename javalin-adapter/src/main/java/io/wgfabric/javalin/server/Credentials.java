package io.wgfabric.javalin.server;

import io.wgfabric.agent.NodeStore;
import io.wgfabric.core.crypto.ShownCertificate;
import io.wgfabric.core.crypto.Tls;
import java.io.IOException;
import java.security.cert.X509Certificate;
import javax.net.ssl.SSLContext;
import javax.net.ssl.X509ExtendedTrustManager;

/** What a manager shows in TLS; contexts that it made follow when it is replaced. */
record Credentials(ShownCertificate shown) {

    static Credentials of(NodeStore node) throws IOException {
        return new Credentials(new ShownCertificate(node.tlsKey(), node.certificate(), node.authority()));
    }

    X509Certificate authority() {
        return shown.authority();
    }

    SSLContext tls(X509ExtendedTrustManager trust) {
        return Tls.context(shown, trust);
    }

    @Override
    public String toString() {
        return "Credentials[" + shown.certificate().getSubjectX500Principal() + "]";
    }
}
