package io.wgfabric.core.crypto;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.wgfabric.api.Bytes;
import io.wgfabric.api.ClusterId;
import io.wgfabric.api.NodeId;
import io.wgfabric.api.Role;
import java.math.BigInteger;
import java.security.KeyPair;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Date;
import java.util.Optional;
import org.bouncycastle.asn1.edec.EdECObjectIdentifiers;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x509.AlgorithmIdentifier;
import org.bouncycastle.asn1.x509.SubjectPublicKeyInfo;
import org.bouncycastle.cert.X509v3CertificateBuilder;
import org.bouncycastle.operator.ContentSigner;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;
import org.bouncycastle.pkcs.PKCS10CertificationRequestBuilder;
import org.junit.jupiter.api.Test;

class CertificateAuthorityTest {
    private static final Instant NOW = Instant.parse("2026-01-01T00:00:00Z");
    private static final ClusterId CLUSTER = ClusterId.of(7);
    private static final NodeIdentity PEER = new NodeIdentity(CLUSTER, Role.PEER, NodeId.of(5));

    private final CertificateAuthority authority = CertificateAuthority.create(CLUSTER, Keys.generateP256(), NOW);

    private X509Certificate issue(NodeIdentity identity) {
        return authority.issueNode(Keys.generateP256().getPublic(), identity, NOW);
    }

    private FabricTrust trust(Instant now) {
        return new FabricTrust(
                authority.certificate(), CLUSTER, identity -> identity.role() == Role.PEER, InstantSource.fixed(now));
    }

    private static X509Certificate[] chain(X509Certificate... chain) {
        return chain;
    }

    @Test
    void aCertificateSaysWhoTheNodeIs() throws CertificateException {
        X509Certificate certificate = issue(PEER);
        assertEquals(Optional.of(PEER), NodeIdentity.of(certificate));
        trust(NOW).checkClientTrusted(chain(certificate, authority.certificate()), "EC");
    }

    @Test
    void aForeignAuthorityIsNotTrusted() {
        CertificateAuthority other = CertificateAuthority.create(CLUSTER, Keys.generateP256(), NOW);
        X509Certificate forged = other.issueNode(Keys.generateP256().getPublic(), PEER, NOW);
        assertThrows(
                CertificateException.class,
                () -> trust(NOW).checkClientTrusted(chain(forged, other.certificate()), "EC"));
        assertThrows(CertificateException.class, () -> trust(NOW).checkClientTrusted(chain(forged), "EC"));
    }

    @Test
    void aRoleThatIsNotAdmittedIsRefused() {
        X509Certificate manager = issue(new NodeIdentity(CLUSTER, Role.MGMT, NodeId.of(6)));
        assertThrows(CertificateException.class, () -> trust(NOW).checkServerTrusted(chain(manager), "EC"));
    }

    @Test
    void anExpiredCertificateIsRefused() {
        X509Certificate certificate = issue(PEER);
        Instant late = NOW.plus(CertificateAuthority.NODE_LIFE).plus(Duration.ofMinutes(1));
        assertThrows(CertificateException.class, () -> trust(late).checkClientTrusted(chain(certificate), "EC"));
    }

    @Test
    void theAuthorityItselfAndTheConfigSignerAreNoNodes() {
        KeyPair signer = Keys.generateEd25519();
        X509Certificate config = authority.issueConfigSigner(CLUSTER, 1, signer.getPublic(), NOW);
        assertThrows(CertificateException.class, () -> trust(NOW).checkClientTrusted(chain(config), "EC"));
        assertThrows(
                CertificateException.class, () -> trust(NOW).checkClientTrusted(chain(authority.certificate()), "EC"));
    }

    @Test
    void aRequestMustProveItsKey() {
        byte[] request = Certificates.request(Keys.generateP256()).toArray();
        request[request.length - 4] ^= 1;
        assertThrows(CryptoException.class, () -> CertificateAuthority.subjectOf(Bytes.of(request)));
        assertThrows(CryptoException.class, () -> CertificateAuthority.subjectOf(Bytes.of(new byte[] {1, 2, 3})));
    }

    /** At which the JDK's decoder throws no exception that it documents. */
    @Test
    void aKeyOfNoBytesIsNoKey() throws Exception {
        SubjectPublicKeyInfo none =
                new SubjectPublicKeyInfo(new AlgorithmIdentifier(EdECObjectIdentifiers.id_Ed25519), new byte[0]);
        KeyPair signer = Keys.generateP256();
        ContentSigner signing = new JcaContentSignerBuilder("SHA256withECDSA").build(signer.getPrivate());
        X500Name name = new X500Name("CN=node");
        byte[] request =
                new PKCS10CertificationRequestBuilder(name, none).build(signing).getEncoded();
        byte[] certificate = new X509v3CertificateBuilder(
                        name, BigInteger.ONE, Date.from(NOW), Date.from(NOW.plusSeconds(60)), name, none)
                .build(signing)
                .getEncoded();

        assertThrows(CryptoException.class, () -> CertificateAuthority.subjectOf(Bytes.of(request)));
        assertThrows(CryptoException.class, () -> Certificates.decode(Bytes.of(certificate)));
        assertThrows(CryptoException.class, () -> Keys.decodePublic("Ed25519", none.getEncoded()));
    }

    @Test
    void aSecretOpensOnlyUnderItsNameAndKey() {
        Sealer sealer = new Sealer(Sealer.generateKey());
        Bytes sealed = sealer.seal("a", new byte[] {1, 2, 3});
        assertEquals(Bytes.of(new byte[] {1, 2, 3}), Bytes.of(sealer.open("a", sealed)));
        assertThrows(CryptoException.class, () -> sealer.open("b", sealed));
        assertThrows(CryptoException.class, () -> new Sealer(Sealer.generateKey()).open("a", sealed));
        byte[] altered = sealed.toArray();
        altered[altered.length - 1] ^= 1;
        assertThrows(CryptoException.class, () -> sealer.open("a", Bytes.of(altered)));
    }
}
