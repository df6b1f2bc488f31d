package io.wgfabric.javalin.rest;

import java.net.Socket;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.X509ExtendedTrustManager;

/**
 * Lets every client finish the handshake, with or without a certificate: a certificate that is not of this cluster then
 * counts as none, and the client reads why it is refused instead of seeing a broken connection. TLS still proves that
 * the client has the certificate's key; {@link Doorkeeper} decides what the certificate is worth.
 */
public final class OpenTrust extends X509ExtendedTrustManager {
    private final X509Certificate authority;

    /** @param authority named to clients, so that they know which of their certificates to show */
    public OpenTrust(X509Certificate authority) {
        this.authority = authority;
    }

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String authType, Socket socket) {
        // See the class comment.
    }

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String authType, SSLEngine engine) {
        // See the class comment.
    }

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String authType) {
        // See the class comment.
    }

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String authType, Socket socket)
            throws CertificateException {
        throw new CertificateException("this trust is for a server's clients");
    }

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String authType, SSLEngine engine)
            throws CertificateException {
        throw new CertificateException("this trust is for a server's clients");
    }

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String authType) throws CertificateException {
        throw new CertificateException("this trust is for a server's clients");
    }

    @Override
    public X509Certificate[] getAcceptedIssuers() {
        return new X509Certificate[] {authority};
    }
}
