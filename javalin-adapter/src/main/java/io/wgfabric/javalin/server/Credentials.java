package io.wgfabric.javalin.server;

import io.wgfabric.agent.NodeStore;
import io.wgfabric.core.crypto.Tls;
import java.io.IOException;
import java.security.PrivateKey;
import java.security.cert.X509Certificate;
import javax.net.ssl.SSLContext;
import javax.net.ssl.X509ExtendedTrustManager;

/** What a manager shows in TLS. */
record Credentials(PrivateKey key, X509Certificate certificate, X509Certificate authority) {

    static Credentials of(NodeStore node) throws IOException {
        return new Credentials(node.tlsKey(), node.certificate(), node.authority());
    }

    SSLContext tls(X509ExtendedTrustManager trust) {
        return Tls.context(key, certificate, authority, trust);
    }

    @Override
    public String toString() {
        return "Credentials[" + certificate.getSubjectX500Principal() + "]";
    }
}
