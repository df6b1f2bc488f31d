package io.wgfabric.core.crypto;

import java.io.IOException;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.PrivateKey;
import java.security.cert.Certificate;
import java.security.cert.X509Certificate;
import javax.net.ssl.KeyManager;
import javax.net.ssl.KeyManagerFactory;
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
     * @param authority sent along, so that a joining node can check it against the pin in its token
     */
    public static SSLContext context(
            PrivateKey key, X509Certificate certificate, X509Certificate authority, X509ExtendedTrustManager trust) {
        try {
            KeyStore store = KeyStore.getInstance("PKCS12");
            store.load(null, null);
            store.setKeyEntry("node", key, new char[0], new Certificate[] {certificate, authority});
            KeyManagerFactory factory = KeyManagerFactory.getInstance("PKIX");
            factory.init(store, new char[0]);
            return context(factory.getKeyManagers(), trust);
        } catch (GeneralSecurityException | IOException e) {
            throw new CryptoException("the TLS context cannot be made", e);
        }
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
