package io.wgfabric.core.crypto;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.wgfabric.api.Bytes;
import io.wgfabric.api.ClusterId;
import io.wgfabric.api.NodeId;
import io.wgfabric.api.Role;
import java.security.KeyPair;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Two authorities with a bridge between them, and what must not cross it. */
class AuthoritiesTest {
    private static final Instant NOW = Instant.parse("2026-01-01T00:00:00Z");
    private static final ClusterId CLUSTER = ClusterId.of(7);
    private static final NodeIdentity MANAGER = new NodeIdentity(CLUSTER, Role.MGMT, NodeId.of(5));

    private final CertificateAuthority old = authority(NOW);
    private final KeyPair nextKey = Keys.generateP256();
    private final CertificateAuthority next = CertificateAuthority.create(CLUSTER, nextKey, NOW);
    private final X509Certificate cross = old.certifyNext(nextKey.getPublic(), NOW);
    private final AuthorityCertificate toldOld = told(1, old.certificate());
    private final AuthorityCertificate toldNext =
            new AuthorityCertificate(2, Certificates.encode(next.certificate()), Certificates.encode(cross));
    private final Authorities known = Authorities.of(List.of(toldOld, toldNext));
    private final Authorities used = Authorities.of(List.of(toldNext, toldOld));
    private final Authorities retired = Authorities.of(List.of(told(2, next.certificate())));
    private final Authorities before = Authorities.of(old.certificate());

    private static CertificateAuthority authority(Instant now) {
        return CertificateAuthority.create(CLUSTER, Keys.generateP256(), now);
    }

    private static AuthorityCertificate told(int generation, X509Certificate certificate) {
        return new AuthorityCertificate(generation, Certificates.encode(certificate), null);
    }

    private static X509Certificate leaf(CertificateAuthority from) {
        return from.issueNode(Keys.generateP256().getPublic(), MANAGER, NOW);
    }

    private static X509Certificate[] chain(X509Certificate... certificates) {
        return certificates;
    }

    private static void check(Authorities believed, X509Certificate... chain) throws CertificateException {
        new FabricTrust(() -> believed, CLUSTER, any -> true, InstantSource.fixed(NOW)).checkClientTrusted(chain, "EC");
    }

    private static void refuses(Authorities believed, X509Certificate... chain) {
        assertThrows(CertificateException.class, () -> check(believed, chain));
    }

    private X509Certificate[] shown(Authorities authorities, CertificateAuthority from) {
        return new ShownCertificate(nextKey.getPrivate(), leaf(from), authorities).getCertificateChain("node");
    }

    @Test
    void bothAreBelievedDuringTheOverlapAndOneAfterIt() throws CertificateException {
        for (Authorities both : List.of(known, used)) {
            check(both, leaf(old));
            check(both, leaf(next));
        }
        check(retired, leaf(next), next.certificate());
        refuses(retired, leaf(old), old.certificate());
        refuses(before, leaf(next), next.certificate());
    }

    @Test
    void whoHeardOfNothingBelievesWhatTheOldOneLeadsTo() throws CertificateException {
        assertEquals(List.of(cross, old.certificate()), used.above(leaf(next)));
        check(before, shown(used, next));
        check(before, shown(known, old));
        refuses(before, shown(retired, next));
    }

    @Test
    void retiredAuthorityLeadsNowhere() {
        KeyPair thief = Keys.generateP256();
        X509Certificate later = old.certifyNext(thief.getPublic(), NOW);
        CertificateAuthority pretended = CertificateAuthority.create(CLUSTER, thief, NOW);
        refuses(retired, leaf(old), cross, old.certificate());
        refuses(retired, leaf(pretended), later, old.certificate());
        refuses(retired, leaf(pretended), later, cross);
    }

    @Test
    void onlyABridgeOfThisClusterIsCrossed() {
        CertificateAuthority foreign = authority(NOW);
        X509Certificate forged = leaf(foreign);
        refuses(before, forged, foreign.certificate());
        refuses(before, forged, cross, old.certificate());
        refuses(before, forged, foreign.certificate(), old.certificate());
        refuses(before, forged, foreign.certifyNext(nextKey.getPublic(), NOW), old.certificate());
        refuses(before, leaf(next), foreign.certifyNext(nextKey.getPublic(), NOW), old.certificate());

        CertificateAuthority stranger = CertificateAuthority.create(ClusterId.of(8), nextKey, NOW);
        refuses(before, leaf(stranger), cross, old.certificate());
    }

    @Test
    void bridgeHasItsTime() {
        CertificateAuthority young = authority(NOW.plus(Duration.ofDays(1)));
        KeyPair pair = Keys.generateP256();
        CertificateAuthority after = CertificateAuthority.create(CLUSTER, pair, NOW);
        X509Certificate notYet = young.certifyNext(pair.getPublic(), NOW.plus(Duration.ofDays(1)));
        refuses(Authorities.of(young.certificate()), leaf(after), notYet, young.certificate());

        CertificateAuthority aged = authority(NOW.minus(Duration.ofDays(3700)));
        X509Certificate over = aged.certifyNext(pair.getPublic(), NOW.minus(Duration.ofDays(3700)));
        refuses(Authorities.of(aged.certificate()), leaf(after), over, aged.certificate());
    }

    @Test
    void noLongerPathAndNoNodeInTheMiddle() {
        KeyPair thirdKey = Keys.generateP256();
        CertificateAuthority third = CertificateAuthority.create(CLUSTER, thirdKey, NOW);
        X509Certificate second = next.certifyNext(thirdKey.getPublic(), NOW);
        refuses(before, leaf(third), second, cross);
        refuses(before, leaf(third), second, cross, old.certificate());

        KeyPair node = Keys.generateP256();
        X509Certificate honest = old.issueNode(node.getPublic(), MANAGER, NOW);
        CertificateAuthority pretended = new CertificateAuthority(honest, node.getPrivate());
        refuses(before, leaf(pretended), honest, old.certificate());
        CertificateAuthority named = new CertificateAuthority(old.certificate(), node.getPrivate());
        refuses(before, leaf(named), honest, old.certificate());
        refuses(before, chain());
    }

    @Test
    void noAuthorityIsANode() {
        refuses(before, cross, old.certificate());
        refuses(used, next.certificate());
    }

    @Test
    void pinsOfBothLeadIntoTheOverlap() throws CertificateException {
        for (X509Certificate[] chain : List.of(shown(used, next), shown(used, old))) {
            new PinTrust(CLUSTER, Pin.of(old.certificate()), InstantSource.fixed(NOW)).checkServerTrusted(chain, "EC");
        }
        PinTrust joining = new PinTrust(CLUSTER, Pin.of(next.certificate()), InstantSource.fixed(NOW));
        joining.checkServerTrusted(shown(used, next), "EC");
        joining.checkServerTrusted(shown(retired, next), "EC");
        assertThrows(CertificateException.class, () -> joining.checkServerTrusted(shown(used, old), "EC"));
    }

    @Test
    void pinOfARetiredAuthorityOpensNothing() {
        PinTrust late = new PinTrust(CLUSTER, Pin.of(old.certificate()), InstantSource.fixed(NOW));
        X509Certificate[] honest = shown(retired, next);
        assertThrows(CertificateException.class, () -> late.checkServerTrusted(honest, "EC"));
        assertThrows(
                CertificateException.class,
                () -> late.checkServerTrusted(chain(honest[0], honest[1], old.certificate()), "EC"));
    }

    @Test
    void nobodyButAnAuthorityMakesOne() {
        CertificateAuthority foreign = authority(NOW);
        AuthorityCertificate uncertified = told(2, foreign.certificate());
        AuthorityCertificate borrowed = new AuthorityCertificate(
                2, Certificates.encode(foreign.certificate()), Certificates.encode(foreign.certificate()));

        assertEquals(before, before.follow(List.of(uncertified, toldOld), NOW));
        assertEquals(before, before.follow(List.of(borrowed, toldOld), NOW));
        assertThrows(CryptoException.class, () -> before.follow(List.of(uncertified), NOW));
        assertEquals(used, before.follow(used.told(), NOW));
        assertEquals(retired, used.follow(retired.told(), NOW));
        assertThrows(CryptoException.class, () -> before.follow(retired.told(), NOW));
    }

    @Test
    void stepsHaveAnOrder() {
        List<Authorities> steps = List.of(before, known, used, retired);
        for (int i = 0; i < steps.size(); i++) {
            for (int j = 0; j < steps.size(); j++) {
                assertEquals(i > j, steps.get(i).areLaterThan(steps.get(j)), i + " after " + j);
            }
        }
        assertEquals(1, used.generationOf(leaf(old)));
        assertEquals(2, used.generationOf(leaf(next)));
        assertEquals(0, retired.generationOf(leaf(old)));
    }

    @Test
    void whatIsToldIsLookedAt() {
        AuthorityCertificate notOne = told(1, leaf(old));
        AuthorityCertificate otherKey =
                new AuthorityCertificate(2, toldNext.certificate(), Certificates.encode(old.certificate()));
        for (List<AuthorityCertificate> wrong : List.of(
                List.<AuthorityCertificate>of(),
                List.of(notOne),
                List.of(otherKey, toldOld),
                List.of(toldOld, toldOld),
                List.of(told(0, old.certificate())),
                List.of(toldOld, toldNext, told(3, old.certificate())),
                List.of(new AuthorityCertificate(1, Bytes.of(new byte[9000]), null)))) {
            assertThrows(CryptoException.class, () -> Authorities.of(wrong));
        }
        assertTrue(used.believed().contains(old.certificate()));
        assertFalse(retired.believed().contains(old.certificate()));
    }
}
