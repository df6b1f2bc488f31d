package io.wgfabric.core.crypto;

import io.wgfabric.api.Bytes;
import io.wgfabric.api.ClusterId;
import java.io.IOException;
import java.math.BigInteger;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.SecureRandom;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import java.security.interfaces.ECPublicKey;
import java.time.Duration;
import java.time.Instant;
import java.util.Date;
import java.util.List;
import java.util.OptionalInt;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x509.BasicConstraints;
import org.bouncycastle.asn1.x509.ExtendedKeyUsage;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.GeneralName;
import org.bouncycastle.asn1.x509.GeneralNames;
import org.bouncycastle.asn1.x509.KeyPurposeId;
import org.bouncycastle.asn1.x509.KeyUsage;
import org.bouncycastle.cert.CertIOException;
import org.bouncycastle.cert.X509v3CertificateBuilder;
import org.bouncycastle.cert.jcajce.JcaX509CertificateConverter;
import org.bouncycastle.cert.jcajce.JcaX509v3CertificateBuilder;
import org.bouncycastle.operator.OperatorCreationException;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;
import org.bouncycastle.operator.jcajce.JcaContentVerifierProviderBuilder;
import org.bouncycastle.pkcs.PKCSException;
import org.bouncycastle.pkcs.jcajce.JcaPKCS10CertificationRequest;

/** The cluster's certificate authority: ECDSA on P-256, one level, path length 0. Thread-safe. */
public final class CertificateAuthority {
    private static final String ALGORITHM = "SHA256withECDSA";
    private static final Duration AUTHORITY_LIFE = Duration.ofDays(3650);

    /** How far clocks may be apart: certificates are valid from that long before they are made. */
    public static final Duration CLOCK_SKEW = Duration.ofMinutes(5);

    /** How long a node's certificate is valid. */
    public static final Duration NODE_LIFE = Duration.ofDays(7);

    private static final String CONFIG_SIGNER = "config-signer";

    private final X509Certificate certificate;
    private final PrivateKey key;
    private final Duration nodeLife;

    public CertificateAuthority(X509Certificate certificate, PrivateKey key) {
        this(certificate, key, NODE_LIFE);
    }

    /** @param nodeLife how long the certificates of nodes are valid, whole seconds */
    public CertificateAuthority(X509Certificate certificate, PrivateKey key, Duration nodeLife) {
        this.certificate = certificate;
        this.key = key;
        this.nodeLife = nodeLife;
    }

    /** A new authority of a new cluster. */
    public static CertificateAuthority create(ClusterId cluster, KeyPair pair, Instant now) {
        X500Name name = new X500Name("CN=fabric authority,O=" + cluster);
        X509Certificate own =
                authority(name, pair.getPublic(), Date.from(now.plus(AUTHORITY_LIFE)), pair.getPrivate(), now);
        return new CertificateAuthority(own, pair.getPrivate());
    }

    /**
     * The next authority's key, certified by this one under the name of both, for as long as this one's certificate is
     * valid: "new with old" (RFC 4210 section 4.4.1).
     */
    public X509Certificate certifyNext(PublicKey next, Instant now) {
        X500Name name =
                X500Name.getInstance(certificate.getSubjectX500Principal().getEncoded());
        return authority(name, next, certificate.getNotAfter(), key, now);
    }

    private static X509Certificate authority(
            X500Name name, PublicKey subject, Date until, PrivateKey signer, Instant now) {
        X509v3CertificateBuilder builder =
                new JcaX509v3CertificateBuilder(name, serial(), Date.from(now.minus(CLOCK_SKEW)), until, name, subject);
        try {
            builder.addExtension(Extension.basicConstraints, true, new BasicConstraints(0));
            builder.addExtension(
                    Extension.keyUsage, true, new KeyUsage(KeyUsage.keyCertSign | KeyUsage.digitalSignature));
        } catch (CertIOException e) {
            throw new CryptoException("the authority's certificate cannot be made", e);
        }
        return sign(builder, signer);
    }

    public X509Certificate certificate() {
        return certificate;
    }

    /**
     * Issues a node's certificate for TLS as client and server.
     *
     * @param subject the node's key; a request's is {@link #subjectOf}
     */
    public X509Certificate issueNode(PublicKey subject, NodeIdentity identity, Instant now) {
        X509v3CertificateBuilder builder = leaf(identity.node().text(), identity.cluster(), subject, now, nodeLife);
        try {
            builder.addExtension(Extension.extendedKeyUsage, false, new ExtendedKeyUsage(new KeyPurposeId[] {
                KeyPurposeId.id_kp_serverAuth, KeyPurposeId.id_kp_clientAuth
            }));
            builder.addExtension(Extension.subjectAlternativeName, false, new GeneralNames(new GeneralName[] {
                new GeneralName(GeneralName.uniformResourceIdentifier, identity.uri()),
                new GeneralName(GeneralName.dNSName, identity.node().text())
            }));
        } catch (CertIOException e) {
            throw new CryptoException("the node's certificate cannot be made", e);
        }
        return sign(builder, key);
    }

    /**
     * Issues the certificate of a key that signs configurations; it is good for nothing else.
     *
     * @param generation of the key, which nodes hold against those that they were told to be retired
     */
    public X509Certificate issueConfigSigner(ClusterId cluster, int generation, PublicKey subject, Instant now) {
        X509v3CertificateBuilder builder = leaf(CONFIG_SIGNER, cluster, subject, now, AUTHORITY_LIFE);
        try {
            builder.addExtension(
                    Extension.subjectAlternativeName,
                    false,
                    new GeneralNames(new GeneralName(
                            GeneralName.uniformResourceIdentifier, configSignerUri(cluster, generation))));
        } catch (CertIOException e) {
            throw new CryptoException("the signer's certificate cannot be made", e);
        }
        return sign(builder, key);
    }

    /** Which key of the cluster's a certificate, known to be from the authority, signs configurations with. */
    public static OptionalInt configSigner(X509Certificate certificate, ClusterId cluster) {
        List<String> uris = Certificates.uris(certificate);
        if (uris.size() != 1 || certificate.getBasicConstraints() >= 0) {
            return OptionalInt.empty();
        }
        String uri = uris.get(0);
        String first = configSignerUri(cluster, 1);
        if (uri.equals(first)) {
            return OptionalInt.of(1);
        }
        if (!uri.startsWith(first + "/")) {
            return OptionalInt.empty();
        }
        try {
            int generation = Integer.parseInt(uri.substring(first.length() + 1));
            return generation > 1 ? OptionalInt.of(generation) : OptionalInt.empty();
        } catch (NumberFormatException e) {
            return OptionalInt.empty();
        }
    }

    private static String configSignerUri(ClusterId cluster, int generation) {
        return "wgfabric://" + cluster + "/" + CONFIG_SIGNER + (generation == 1 ? "" : "/" + generation);
    }

    private X509v3CertificateBuilder leaf(
            String name, ClusterId cluster, PublicKey subject, Instant now, Duration life) {
        X509v3CertificateBuilder builder = new JcaX509v3CertificateBuilder(
                certificate,
                serial(),
                Date.from(now.minus(CLOCK_SKEW)),
                Date.from(now.plus(life)),
                new X500Name("CN=" + name + ",O=" + cluster),
                subject);
        try {
            builder.addExtension(Extension.basicConstraints, true, new BasicConstraints(false));
            builder.addExtension(Extension.keyUsage, true, new KeyUsage(KeyUsage.digitalSignature));
        } catch (CertIOException e) {
            throw new CryptoException("the certificate cannot be made", e);
        }
        return builder;
    }

    /**
     * The key that a request asks a certificate for.
     *
     * @throws CryptoException if it is not a request for a P-256 key that proves possession
     */
    public static PublicKey subjectOf(Bytes request) {
        if (request.length() > Certificates.MAX_BYTES) {
            throw new CryptoException("a certification request has at most " + Certificates.MAX_BYTES + " bytes");
        }
        try {
            JcaPKCS10CertificationRequest parsed = new JcaPKCS10CertificationRequest(request.toArray());
            PublicKey subject = parsed.getPublicKey();
            boolean p256 = subject instanceof ECPublicKey ec
                    && ec.getParams().getCurve().getField().getFieldSize() == 256;
            if (!p256 || !parsed.isSignatureValid(new JcaContentVerifierProviderBuilder().build(subject))) {
                throw new CryptoException("the certification request is not one for a P-256 key, signed by that key");
            }
            return subject;
        } catch (CryptoException e) {
            throw e;
        } catch (IOException
                | GeneralSecurityException
                | OperatorCreationException
                | PKCSException
                | RuntimeException e) {
            // What the JDK and BouncyCastle throw at damaged keys is not always what they say.
            throw new CryptoException("not a certification request", e);
        }
    }

    private static X509Certificate sign(X509v3CertificateBuilder builder, PrivateKey key) {
        try {
            return new JcaX509CertificateConverter()
                    .getCertificate(builder.build(new JcaContentSignerBuilder(ALGORITHM).build(key)));
        } catch (OperatorCreationException | CertificateException e) {
            throw new CryptoException("the certificate cannot be signed", e);
        }
    }

    /** 128 random bits: RFC 5280 section 4.1.2.2 wants it positive and unique. */
    private static BigInteger serial() {
        return new BigInteger(127, new SecureRandom()).add(BigInteger.ONE);
    }
}
