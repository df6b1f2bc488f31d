package io.wgfabric.scale.bench;

import io.wgfabric.core.crypto.Keys;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import java.util.Date;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x509.BasicConstraints;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.GeneralName;
import org.bouncycastle.asn1.x509.GeneralNames;
import org.bouncycastle.cert.jcajce.JcaX509CertificateConverter;
import org.bouncycastle.cert.jcajce.JcaX509v3CertificateBuilder;
import org.bouncycastle.operator.OperatorCreationException;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;

/**
 * The certificate authority of a run: the members of every compared system show P-256 certificates of it to each other.
 * Its keys live as long as the run's folder.
 */
final class Authority {
    private static final char[] PASSWORD = "of a run".toCharArray();
    private static final X500Name NAME = new X500Name("CN=benchmark");

    private final Path folder;
    private final KeyPair keys = Keys.generateP256();
    private final X509Certificate certificate;
    private int serial = 1;

    /** @param folder where certificates and keys are written */
    Authority(Path folder) throws IOException {
        this.folder = Files.createDirectories(folder);
        try {
            certificate = certificate(NAME, keys, true);
            pem(authorityFile(), "CERTIFICATE", certificate.getEncoded());
        } catch (GeneralSecurityException | OperatorCreationException e) {
            throw new IllegalStateException(e);
        }
    }

    Path folder() {
        return folder;
    }

    Path authorityFile() {
        return folder.resolve("ca.pem");
    }

    Path certificateFile(String member) {
        return folder.resolve(member + ".pem");
    }

    Path keyFile(String member) {
        return folder.resolve(member + ".key");
    }

    /** Writes a member's key and certificate, as PEM for etcd and as PKCS #12 for {@link #context}. */
    void issue(String member) throws IOException {
        KeyPair own = Keys.generateP256();
        try (OutputStream out = Files.newOutputStream(store(folder, member))) {
            X509Certificate signed = certificate(new X500Name("CN=" + member), own, false);
            pem(certificateFile(member), "CERTIFICATE", signed.getEncoded());
            pem(keyFile(member), "PRIVATE KEY", own.getPrivate().getEncoded());
            KeyStore store = KeyStore.getInstance("PKCS12");
            store.load(null, null);
            store.setKeyEntry("own", own.getPrivate(), PASSWORD, new Certificate[] {signed, certificate});
            store.setCertificateEntry("authority", certificate);
            store.store(out, PASSWORD);
        } catch (GeneralSecurityException | OperatorCreationException e) {
            throw new IllegalStateException(e);
        }
    }

    /** What a member that was issued a certificate speaks TLS with. */
    static SSLContext context(Path folder, String member) throws IOException {
        try (InputStream in = Files.newInputStream(store(folder, member))) {
            KeyStore store = KeyStore.getInstance("PKCS12");
            store.load(in, PASSWORD);
            KeyManagerFactory own = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
            own.init(store, PASSWORD);
            TrustManagerFactory others = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
            others.init(store);
            SSLContext context = SSLContext.getInstance("TLSv1.3");
            context.init(own.getKeyManagers(), others.getTrustManagers(), null);
            return context;
        } catch (GeneralSecurityException e) {
            throw new IOException("cannot read the keys of " + member, e);
        }
    }

    private static Path store(Path folder, String member) {
        return folder.resolve(member + ".p12");
    }

    private X509Certificate certificate(X500Name subject, KeyPair subjectKeys, boolean authority)
            throws GeneralSecurityException, OperatorCreationException, IOException {
        Instant now = Instant.now();
        JcaX509v3CertificateBuilder builder = new JcaX509v3CertificateBuilder(
                NAME,
                BigInteger.valueOf(serial++),
                Date.from(now.minus(Duration.ofMinutes(1))),
                Date.from(now.plus(Duration.ofDays(1))),
                subject,
                subjectKeys.getPublic());
        builder.addExtension(Extension.basicConstraints, true, new BasicConstraints(authority));
        if (!authority) {
            GeneralNames names = new GeneralNames(new GeneralName(GeneralName.iPAddress, "127.0.0.1"));
            builder.addExtension(Extension.subjectAlternativeName, false, names);
        }
        return new JcaX509CertificateConverter()
                .getCertificate(builder.build(new JcaContentSignerBuilder("SHA256withECDSA").build(keys.getPrivate())));
    }

    private static void pem(Path file, String type, byte[] der) throws IOException {
        String body = Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(der);
        String text = "-----BEGIN " + type + "-----\n" + body + "\n-----END " + type + "-----\n";
        Files.write(file, text.getBytes(StandardCharsets.US_ASCII));
    }
}
