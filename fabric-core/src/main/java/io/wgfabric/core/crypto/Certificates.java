package io.wgfabric.core.crypto;

import io.wgfabric.api.Bytes;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.security.KeyPair;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.CertificateParsingException;
import java.security.cert.X509Certificate;
import java.util.Collection;
import java.util.List;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x509.GeneralName;
import org.bouncycastle.operator.OperatorCreationException;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;
import org.bouncycastle.pkcs.jcajce.JcaPKCS10CertificationRequestBuilder;

/** Reading certificates, and asking for one. */
public final class Certificates {
    /** The largest certificate or request that is read, in bytes. */
    public static final int MAX_BYTES = 8192;

    private Certificates() {}

    /** @throws CryptoException if the bytes are not an X.509 certificate in DER */
    public static X509Certificate decode(Bytes der) {
        if (der.length() > MAX_BYTES) {
            throw new CryptoException("a certificate has at most " + MAX_BYTES + " bytes");
        }
        try {
            return (X509Certificate) CertificateFactory.getInstance("X.509")
                    .generateCertificate(new ByteArrayInputStream(der.toArray()));
        } catch (CertificateException | RuntimeException e) {
            // The JDK throws what it likes at some keys, such as an Ed25519 key of no bytes.
            throw new CryptoException("not a certificate", e);
        }
    }

    public static Bytes encode(X509Certificate certificate) {
        try {
            return Bytes.of(certificate.getEncoded());
        } catch (CertificateException e) {
            throw new CryptoException("the certificate cannot be encoded", e);
        }
    }

    /** The URIs among the subject alternative names (RFC 5280 section 4.2.1.6). */
    static List<String> uris(X509Certificate certificate) {
        try {
            Collection<List<?>> names = certificate.getSubjectAlternativeNames();
            return names == null
                    ? List.of()
                    : names.stream()
                            .filter(name -> name.get(0).equals(GeneralName.uniformResourceIdentifier))
                            .map(name -> String.valueOf(name.get(1)))
                            .toList();
        } catch (CertificateParsingException e) {
            return List.of();
        }
    }

    /**
     * A certification request (PKCS #10, RFC 2986) in DER: proves that the asker has the key. Its subject is ignored;
     * the authority decides who the node is.
     */
    public static Bytes request(KeyPair pair) {
        try {
            return Bytes.of(new JcaPKCS10CertificationRequestBuilder(new X500Name("CN=node"), pair.getPublic())
                    .build(new JcaContentSignerBuilder("SHA256withECDSA").build(pair.getPrivate()))
                    .getEncoded());
        } catch (OperatorCreationException | IOException e) {
            throw new CryptoException("the certification request cannot be made", e);
        }
    }
}
