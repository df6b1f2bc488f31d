package io.wgfabric.core.crypto;

import java.net.Socket;
import java.security.Principal;
import java.security.PrivateKey;
import java.security.cert.X509Certificate;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.X509ExtendedKeyManager;
import org.jspecify.annotations.Nullable;

/**
 * What a node shows in TLS. It can be replaced while contexts use it: the next handshake shows the new one, connections
 * that are open stay as they are. Shown whatever its age, so that who is asked can say why it is refused. Thread-safe.
 */
public final class ShownCertificate extends X509ExtendedKeyManager {
    private static final String ALIAS = "node";
    private static final String KEY_TYPE = "EC";

    private final PrivateKey key;
    private volatile List<X509Certificate> chain;

    /** @param authorities sent along as far as the certificate leads to them, so that who has a pin alone can check it */
    public ShownCertificate(PrivateKey key, X509Certificate certificate, Authorities authorities) {
        this.key = key;
        chain = chain(certificate, authorities);
    }

    /** @param certificate for the same key */
    public void replace(X509Certificate certificate, Authorities authorities) {
        chain = chain(certificate, authorities);
    }

    private static List<X509Certificate> chain(X509Certificate certificate, Authorities authorities) {
        return Stream.concat(Stream.of(certificate), authorities.above(certificate).stream())
                .toList();
    }

    public X509Certificate certificate() {
        return chain.get(0);
    }

    private static @Nullable String alias(String... keyTypes) {
        return Arrays.asList(keyTypes).contains(KEY_TYPE) ? ALIAS : null;
    }

    @Override
    public @Nullable String chooseClientAlias(String[] keyTypes, Principal[] issuers, Socket socket) {
        return alias(keyTypes);
    }

    @Override
    public @Nullable String chooseEngineClientAlias(String[] keyTypes, Principal[] issuers, SSLEngine engine) {
        return alias(keyTypes);
    }

    @Override
    public @Nullable String chooseServerAlias(String keyType, Principal[] issuers, Socket socket) {
        return alias(keyType);
    }

    @Override
    public @Nullable String chooseEngineServerAlias(String keyType, Principal[] issuers, SSLEngine engine) {
        return alias(keyType);
    }

    @Override
    public String[] getClientAliases(String keyType, Principal[] issuers) {
        return new String[] {ALIAS};
    }

    @Override
    public String[] getServerAliases(String keyType, Principal[] issuers) {
        return new String[] {ALIAS};
    }

    @Override
    public X509Certificate[] getCertificateChain(String alias) {
        return chain.toArray(X509Certificate[]::new);
    }

    @Override
    public PrivateKey getPrivateKey(String alias) {
        return key;
    }
}
