package io.wgfabric.javalin.server;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.wgfabric.api.ClusterId;
import io.wgfabric.api.NodeId;
import io.wgfabric.api.Role;
import io.wgfabric.core.crypto.Authorities;
import io.wgfabric.core.crypto.AuthorityCertificate;
import io.wgfabric.core.crypto.CertificateAuthority;
import io.wgfabric.core.crypto.Certificates;
import io.wgfabric.core.crypto.Keys;
import io.wgfabric.core.crypto.NodeIdentity;
import java.security.KeyPair;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** A connection speaks for a manager as long as the authority of its certificate is believed. */
class SpeakersTest {
    private static final ClusterId CLUSTER = ClusterId.of(1);
    private static final NodeIdentity MANAGER = new NodeIdentity(CLUSTER, Role.MGMT, NodeId.of(3));
    private static final Optional<String> WHO = Optional.of(NodeId.of(3).text());

    private final Instant now = Instant.now();
    private final CertificateAuthority old = CertificateAuthority.create(CLUSTER, Keys.generateP256(), now);
    private final KeyPair nextKey = Keys.generateP256();
    private final CertificateAuthority next = CertificateAuthority.create(CLUSTER, nextKey, now);
    private Authorities believed = Authorities.of(old.certificate());
    private final Speakers speakers = new Speakers(CLUSTER, () -> believed);

    private X509Certificate[] chain(CertificateAuthority from, X509Certificate... above) {
        X509Certificate[] chain = new X509Certificate[above.length + 1];
        chain[0] = from.issueNode(Keys.generateP256().getPublic(), MANAGER, now);
        System.arraycopy(above, 0, chain, 1, above.length);
        return chain;
    }

    private static AuthorityCertificate told(int generation, CertificateAuthority authority) {
        return new AuthorityCertificate(generation, Certificates.encode(authority.certificate()), null);
    }

    @Test
    void authorityThatIsRetiredTakesItsConnectionsAlong() {
        X509Certificate[] before = chain(old, old.certificate());
        X509Certificate[] after = chain(next, old.certifyNext(nextKey.getPublic(), now), old.certificate());
        assertEquals(WHO, speakers.apply(before));
        assertEquals(WHO, speakers.apply(after));
        believed = Authorities.of(List.of(told(2, next), told(1, old)));
        assertEquals(WHO, speakers.apply(before));
        believed = Authorities.of(List.of(told(2, next)));
        assertEquals(Optional.empty(), speakers.apply(before));
        assertEquals(WHO, speakers.apply(after));
        assertEquals(Optional.empty(), speakers.apply(new X509Certificate[0]));
    }

    @Test
    void expiryEndsNoConnection() {
        CertificateAuthority early =
                new CertificateAuthority(old.certificate(), nextKey.getPrivate(), CertificateAuthority.NODE_LIFE);
        assertEquals(Optional.empty(), speakers.apply(chain(early)), "signed by another key in the authority's name");
        KeyPair pair = Keys.generateP256();
        CertificateAuthority own = CertificateAuthority.create(CLUSTER, pair, now);
        believed = Authorities.of(own.certificate());
        X509Certificate expired = own.issueNode(
                Keys.generateP256().getPublic(), MANAGER, now.minus(CertificateAuthority.NODE_LIFE.multipliedBy(2)));
        assertEquals(WHO, speakers.apply(new X509Certificate[] {expired}));
    }
}
