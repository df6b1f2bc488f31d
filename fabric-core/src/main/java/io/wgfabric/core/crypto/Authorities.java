package io.wgfabric.core.crypto;

import io.wgfabric.api.Bytes;
import java.security.GeneralSecurityException;
import java.security.PublicKey;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * The authorities of the cluster that are believed: one, or two while one follows the other. The next has its key
 * certified by the one before it ("new with old", RFC 4210 section 4.4), so that who believes only the old one, having
 * heard of nothing, believes what the next issues until the old one is retired. Both have the same name: the certificate
 * between them is self-issued, and does not count against a path length of 0 (RFC 5280 section 4.2.1.9). Immutable.
 */
public final class Authorities {
    /** The longest chain that is looked at: a certificate, the next authority under the old one, the old one. */
    private static final int MAX_CHAIN = 3;

    private static final int KEY_CERT_SIGN = 5;

    private static final Comparator<Authorities> BY_STEP = Comparator.<Authorities>comparingInt(
                    known -> known.told.get(0).generation())
            .thenComparingInt(known -> known.generations().min().orElseThrow())
            .thenComparingInt(known -> known.generations().max().orElseThrow());

    /** One that is believed, and what it has from the one before. */
    private record Anchor(
            int generation,
            X509Certificate certificate,
            @Nullable X509Certificate cross) {}

    private final List<AuthorityCertificate> told;
    private final List<Anchor> anchors;

    private Authorities(List<AuthorityCertificate> told, List<Anchor> anchors) {
        this.told = told;
        this.anchors = anchors;
    }

    /**
     * @param told the one that issues first
     * @throws CryptoException if these are not one authority, or one and its next
     */
    public static Authorities of(List<AuthorityCertificate> told) {
        if (told.isEmpty() || told.size() > 2) {
            throw new CryptoException("a cluster has one authority, or two");
        }
        if (told.size() == 2 && Math.abs(told.get(0).generation() - told.get(1).generation()) != 1) {
            throw new CryptoException("the second authority is not the next one");
        }
        List<Anchor> anchors = new ArrayList<>();
        for (AuthorityCertificate authority : told) {
            X509Certificate certificate = Certificates.decode(authority.certificate());
            Bytes cross = authority.cross();
            X509Certificate crossed = cross == null ? null : Certificates.decode(cross);
            boolean sameKey = crossed == null || crossed.getPublicKey().equals(certificate.getPublicKey());
            if (certificate.getBasicConstraints() < 0 || !sameKey || authority.generation() < 1) {
                throw new CryptoException("an authority's certificate is none");
            }
            anchors.add(new Anchor(authority.generation(), certificate, crossed));
        }
        return new Authorities(List.copyOf(told), List.copyOf(anchors));
    }

    /** The only one of a cluster whose authority was never rotated. */
    public static Authorities of(X509Certificate only) {
        return of(List.of(new AuthorityCertificate(1, Certificates.encode(only), null)));
    }

    /**
     * Those of the named that are believed by who believes these. One that is new must have been certified by one of
     * these, or it is left out, whoever names it: a key that only signs configurations makes no authority.
     *
     * @param named the one that issues first
     * @throws CryptoException if none is left
     */
    public Authorities follow(List<AuthorityCertificate> named, Instant now) {
        Authorities offered = of(named);
        List<AuthorityCertificate> believed = new ArrayList<>();
        for (int i = 0; i < named.size(); i++) {
            if (vouchFor(offered.anchors.get(i), now)) {
                believed.add(named.get(i));
            }
        }
        if (believed.isEmpty()) {
            throw new CryptoException("none of the authorities that are named is believed here");
        }
        return of(believed);
    }

    private boolean vouchFor(Anchor other, Instant now) {
        X509Certificate cross = other.cross();
        PublicKey key = other.certificate().getPublicKey();
        return believed().stream().anyMatch(known -> known.getPublicKey().equals(key))
                || (cross != null && isCrossAt(cross, now));
    }

    /** What {@link #of(List)} makes the same of. */
    public List<AuthorityCertificate> told() {
        return told;
    }

    /** The one that issues. */
    public X509Certificate used() {
        return anchors.get(0).certificate();
    }

    /** All that are believed, the one that issues first. */
    public List<X509Certificate> believed() {
        return anchors.stream().map(Anchor::certificate).toList();
    }

    private IntStream generations() {
        return told.stream().mapToInt(AuthorityCertificate::generation);
    }

    /** Whether these are of a later step of the cluster's rotations. */
    public boolean areLaterThan(Authorities others) {
        return BY_STEP.compare(this, others) > 0;
    }

    /** The generation of the authority that a certificate is directly from; 0 if it is from none of these. */
    public int generationOf(X509Certificate certificate) {
        Anchor anchor = issuerOf(certificate);
        return anchor == null ? 0 : anchor.generation();
    }

    /**
     * What is shown after a certificate, so that it leads to each authority that anybody may believe: RFC 8446 section
     * 4.4.2 has each certify the one before it.
     */
    public List<X509Certificate> above(X509Certificate certificate) {
        Anchor anchor = issuerOf(certificate);
        if (anchor == null) {
            return List.of();
        }
        X509Certificate cross = anchor.cross();
        if (cross != null) {
            for (Anchor other : anchors) {
                if (other.generation() < anchor.generation()) {
                    return List.of(cross, other.certificate());
                }
            }
        }
        return List.of(anchor.certificate());
    }

    private @Nullable Anchor issuerOf(X509Certificate certificate) {
        for (Anchor anchor : anchors) {
            if (isFrom(certificate, anchor.certificate())) {
                return anchor;
            }
        }
        return null;
    }

    /**
     * Whom a chain's first certificate is directly from: one of these, or the next that one of these has certified.
     * Beyond that what is shown in a chain is not looked at.
     *
     * @param now the certificate between two authorities must be valid then; for the first one the caller looks at that
     * @throws CertificateException if it leads to none of these
     */
    public X509Certificate issuer(X509Certificate[] chain, Instant now) throws CertificateException {
        if (chain.length == 0 || chain.length > MAX_CHAIN) {
            throw new CertificateException("a chain has 1 to " + MAX_CHAIN + " certificates");
        }
        Anchor anchor = issuerOf(chain[0]);
        if (anchor != null) {
            return anchor.certificate();
        }
        if (chain.length > 1 && isCrossAt(chain[1], now) && isFrom(chain[0], chain[1])) {
            return chain[1];
        }
        throw new CertificateException("the certificate is not from this cluster's authority");
    }

    /** Whether one of these has certified it as an authority under its own name, with no other below it. */
    private boolean isCrossAt(X509Certificate certificate, Instant now) {
        boolean[] usage = certificate.getKeyUsage();
        return !now.isBefore(certificate.getNotBefore().toInstant())
                && !now.isAfter(certificate.getNotAfter().toInstant())
                && certificate.getBasicConstraints() == 0
                && usage != null
                && usage[KEY_CERT_SIGN]
                && certificate.getSubjectX500Principal().equals(certificate.getIssuerX500Principal())
                && issuerOf(certificate) != null;
    }

    private static boolean isFrom(X509Certificate certificate, X509Certificate issuer) {
        if (!certificate.getIssuerX500Principal().equals(issuer.getSubjectX500Principal())) {
            return false;
        }
        try {
            certificate.verify(issuer.getPublicKey());
            return true;
        } catch (GeneralSecurityException e) {
            return false;
        }
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof Authorities others && told.equals(others.told);
    }

    @Override
    public int hashCode() {
        return told.hashCode();
    }

    @Override
    public String toString() {
        return "Authorities" + generations().boxed().toList();
    }
}
