package io.wgfabric.core.crypto;

import java.security.GeneralSecurityException;
import java.security.PrivateKey;
import java.security.cert.X509Certificate;
import javax.net.ssl.KeyManager;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManager;
import javax.net.ssl.X509ExtendedTrustManager;
import org.jspecify.annotations.Nullable;

/** TLS contexts of TLS 1.3 (RFC 8446). */
public final class Tls {
    private Tls() {}

    /**
     * A context that shows this node's certificate.
     *
     * @param authority sent along, so that who has its pin alone can check it
     */
    public static SSLContext context(
            PrivateKey key, X509Certificate certificate, X509Certificate authority, X509ExtendedTrustManager trust) {
        return context(new ShownCertificate(key, certificate, Authorities.of(authority)), trust);
    }

    /** A context that shows what this shows at each handshake. */
    public static SSLContext context(ShownCertificate shown, X509ExtendedTrustManager trust) {
        return context(new KeyManager[] {shown}, trust);
    }

    /** A context of a client that has no certificate. */
    public static SSLContext context(X509ExtendedTrustManager trust) {
        return context((KeyManager @Nullable []) null, trust);
    }

    private static SSLContext context(KeyManager @Nullable [] keys, X509ExtendedTrustManager trust) {
        try {
            SSLContext context = SSLContext.getInstance("TLSv1.3");
            context.init(keys, new TrustManager[] {trust}, null);
            return context;
        } catch (GeneralSecurityException e) {
            throw new CryptoException("the TLS context cannot be made", e);
        }
    }
}
