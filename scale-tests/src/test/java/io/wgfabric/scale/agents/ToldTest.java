package io.wgfabric.scale.agents;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.wgfabric.api.ClusterId;
import io.wgfabric.api.Prefix;
import io.wgfabric.api.Revision;
import io.wgfabric.core.crypto.Authorities;
import io.wgfabric.core.crypto.CertificateAuthority;
import io.wgfabric.core.crypto.CryptoException;
import io.wgfabric.core.crypto.Keys;
import io.wgfabric.core.netmap.Netmap;
import io.wgfabric.core.netmap.NetmapSigner;
import io.wgfabric.core.netmap.NetmapVerifier;
import io.wgfabric.core.netmap.PublishedNetmap;
import io.wgfabric.core.netmap.VerifiedNetmap;
import java.security.KeyPair;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import org.junit.jupiter.api.Test;

final class ToldTest {
    private static final ClusterId CLUSTER = ClusterId.of(7);

    private final CertificateAuthority authority =
            CertificateAuthority.create(CLUSTER, Keys.generateP256(), Instant.now());
    private final NetmapVerifier verifier =
            new NetmapVerifier(CLUSTER, () -> Authorities.of(authority.certificate()), InstantSource.system());

    private NetmapSigner signer() {
        KeyPair pair = Keys.generateEd25519();
        return new NetmapSigner(
                pair.getPrivate(),
                authority.issueConfigSigner(CLUSTER, 1, pair.getPublic(), Instant.now()),
                authority.certificate());
    }

    private static Netmap netmap(long revision, int mtu) {
        return new Netmap(CLUSTER, 3, new Revision(revision), mtu, List.of(Prefix.parse("100.64.0.0/16")), List.of());
    }

    @Test
    void isWhatANodeThatVerifiesWouldSay() {
        NetmapSigner signer = signer();
        PublishedNetmap published = PublishedNetmap.begin(netmap(41, 1420), signer);
        VerifiedNetmap verified = verifier.verify(published.signed(), 1);
        assertEquals(new Told(3, 41, verified.signer()), Told.of(published.signed()));
        assertEquals(
                "?epoch=3&revision=41&signer=" + verified.signer(),
                Told.of(published.signed()).query());

        PublishedNetmap next = published.next(netmap(45, 1400), signer);
        assertEquals(1, next.signed().deltas().size());
        assertEquals(new Told(3, 45, verified.signer()), Told.of(next.signed()));
        assertEquals(
                Told.of(next.signed()),
                Told.of(published.signed()).after(next.signed().deltas().get(0)));
    }

    @Test
    void whoHasNothingSaysNothingAndWhoNeedsAFullOneNamesNoSigner() {
        assertEquals("", Told.NOTHING.query());
        assertEquals("?epoch=1&revision=2", new Told(1, 2, "s").withoutSigner().query());
    }

    @Test
    void whatIsNoDeltaIsRefused() {
        assertThrows(CryptoException.class, () -> Told.NOTHING.after("{\"ping\":4}"));
    }
}
