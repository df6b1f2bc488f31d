package io.wgfabric.core.crypto;

import io.wgfabric.api.ClusterId;
import java.net.Socket;
import java.security.cert.CertificateException;
import java.security.cert.CertificateExpiredException;
import java.security.cert.CertificateNotYetValidException;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.Predicate;
import java.util.function.Supplier;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.X509ExtendedTrustManager;

/**
 * Trusts the nodes of one cluster and nobody else: a certificate that leads to an authority of the cluster, valid now,
 * that carries a {@link NodeIdentity} which the predicate admits. Host names are not looked at: the identity is in the
 * certificate. Thread-safe.
 */
public final class FabricTrust extends X509ExtendedTrustManager {
    private final Supplier<Authorities> authorities;
    private final ClusterId cluster;
    private final Predicate<NodeIdentity> admits;
    private final InstantSource clock;
    private final Consumer<X509Certificate> onSuccessor;

    /** Of a cluster that has this authority and no other. */
    public FabricTrust(
            X509Certificate authority, ClusterId cluster, Predicate<NodeIdentity> admits, InstantSource clock) {
        this(always(Authorities.of(authority)), cluster, admits, clock);
    }

    private static Supplier<Authorities> always(Authorities authorities) {
        return () -> authorities;
    }

    /**
     * @param authorities of the cluster as they are now; asked at each handshake
     * @param admits which nodes of the cluster to trust; asked at each handshake
     */
    public FabricTrust(
            Supplier<Authorities> authorities, ClusterId cluster, Predicate<NodeIdentity> admits, InstantSource clock) {
        this(authorities, cluster, admits, clock, next -> {});
    }

    private FabricTrust(
            Supplier<Authorities> authorities,
            ClusterId cluster,
            Predicate<NodeIdentity> admits,
            InstantSource clock,
            Consumer<X509Certificate> onSuccessor) {
        this.authorities = authorities;
        this.cluster = cluster;
        this.admits = admits;
        this.clock = clock;
        this.onSuccessor = onSuccessor;
    }

    /**
     * The same, for who hears of a rotation in no other way.
     *
     * @param told an authority that none of those believed is, but that one of them has certified, whenever a node shows
     *     a certificate of it
     */
    public FabricTrust whenSucceeded(Consumer<X509Certificate> told) {
        return new FabricTrust(authorities, cluster, admits, clock, told);
    }

    /** The authorities that are believed now. */
    public Authorities authorities() {
        return authorities.get();
    }

    /**
     * Who this certificate speaks for.
     *
     * @throws CertificateException if it is not of this cluster, not valid now, or not admitted
     */
    public NodeIdentity verify(X509Certificate certificate) throws CertificateException {
        NodeIdentity identity = genuine(new X509Certificate[] {certificate});
        requireValid(certificate);
        return identity;
    }

    private NodeIdentity identify(X509Certificate certificate) throws CertificateException {
        NodeIdentity identity = NodeIdentity.of(certificate)
                .filter(found -> found.cluster().equals(cluster))
                .orElseThrow(() -> new CertificateException("the certificate names no node of this cluster"));
        if (!admits.test(identity)) {
            throw new CertificateException("node " + identity.node() + " is not admitted here");
        }
        return identity;
    }

    /** @throws CertificateException if a certificate is not valid now */
    public void requireValid(X509Certificate certificate) throws CertificateException {
        Instant now = clock.instant();
        Instant until = certificate.getNotAfter().toInstant();
        if (now.isAfter(until)) {
            throw new CertificateExpiredException("the certificate expired at " + until);
        }
        Instant from = certificate.getNotBefore().toInstant();
        if (now.isBefore(from)) {
            throw new CertificateNotYetValidException(
                    "the certificate is valid from " + from + " on; is the clock of this machine right?");
        }
    }

    /**
     * Who this chain speaks for, or spoke for: all that {@link #checkClientTrusted} looks at, but the time.
     *
     * @throws CertificateException if it is not of this cluster, or not admitted
     */
    public NodeIdentity genuine(X509Certificate[] chain) throws CertificateException {
        var unused = authorities.get().issuer(chain, clock.instant());
        return inspect(chain[0]);
    }

    /** All of a certificate but who issued it, and the time. */
    private NodeIdentity inspect(X509Certificate certificate) throws CertificateException {
        Set<String> critical = certificate.getCriticalExtensionOIDs();
        if (critical == null || certificate.getBasicConstraints() >= 0) {
            throw new CertificateException("an authority's certificate is no node's");
        }
        return identify(certificate);
    }

    private void check(X509Certificate[] chain) throws CertificateException {
        Authorities believed = authorities.get();
        X509Certificate issuer = believed.issuer(chain, clock.instant());
        var unused = inspect(chain[0]);
        requireValid(chain[0]);
        if (!believed.believed().contains(issuer)) {
            onSuccessor.accept(issuer);
        }
    }

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String authType, Socket socket)
            throws CertificateException {
        check(chain);
    }

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String authType, Socket socket)
            throws CertificateException {
        check(chain);
    }

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String authType, SSLEngine engine)
            throws CertificateException {
        check(chain);
    }

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String authType, SSLEngine engine)
            throws CertificateException {
        check(chain);
    }

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String authType) throws CertificateException {
        check(chain);
    }

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String authType) throws CertificateException {
        check(chain);
    }

    @Override
    public X509Certificate[] getAcceptedIssuers() {
        return authorities.get().believed().toArray(X509Certificate[]::new);
    }
}
