package io.wgfabric.core.crypto;

import io.wgfabric.api.Bytes;
import io.wgfabric.api.ClusterId;
import io.wgfabric.api.Role;
import java.net.Socket;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import java.time.InstantSource;
import java.util.Arrays;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.X509ExtendedTrustManager;
import org.jspecify.annotations.Nullable;

/**
 * What a joining node trusts, which knows of the cluster only what its token says: a server that shows an authority
 * with the pinned key, and a manager's certificate that leads to it. Remembers the authority that it saw. Thread-safe.
 */
public final class PinTrust extends X509ExtendedTrustManager {
    private final ClusterId cluster;
    private final Bytes pin;
    private final InstantSource clock;
    private volatile @Nullable X509Certificate authority;

    public PinTrust(ClusterId cluster, Bytes pin, InstantSource clock) {
        this.cluster = cluster;
        this.pin = pin;
        this.clock = clock;
    }

    /** The authority that a trusted server has shown; null before the first handshake. */
    public @Nullable X509Certificate authority() {
        return authority;
    }

    private void check(X509Certificate[] chain) throws CertificateException {
        X509Certificate pinned = Pin.find(pin, Arrays.asList(chain))
                .orElseThrow(
                        () -> new CertificateException("the server is not of the cluster that this token belongs to"));
        new FabricTrust(pinned, cluster, identity -> identity.role() == Role.MGMT, clock)
                .checkServerTrusted(chain, "UNKNOWN");
        authority = pinned;
    }

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String authType, Socket socket)
            throws CertificateException {
        check(chain);
    }

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String authType, SSLEngine engine)
            throws CertificateException {
        check(chain);
    }

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String authType) throws CertificateException {
        check(chain);
    }

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String authType, Socket socket)
            throws CertificateException {
        throw new CertificateException("only servers are checked against a pin");
    }

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String authType, SSLEngine engine)
            throws CertificateException {
        throw new CertificateException("only servers are checked against a pin");
    }

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String authType) throws CertificateException {
        throw new CertificateException("only servers are checked against a pin");
    }

    @Override
    public X509Certificate[] getAcceptedIssuers() {
        return new X509Certificate[0];
    }
}
