package io.wgfabric.agent;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.wgfabric.api.ClusterId;
import io.wgfabric.api.Edition;
import io.wgfabric.api.NodeId;
import io.wgfabric.api.Revision;
import io.wgfabric.api.Topology;
import io.wgfabric.core.crypto.Authorities;
import io.wgfabric.core.crypto.CertificateAuthority;
import io.wgfabric.core.crypto.CryptoException;
import io.wgfabric.core.crypto.Keys;
import io.wgfabric.core.netmap.Netmap;
import io.wgfabric.core.netmap.NetmapSigner;
import io.wgfabric.core.netmap.NetmapVerifier;
import io.wgfabric.core.netmap.SignedNetmap;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyPair;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class NetmapGuardTest {
    private static final ClusterId CLUSTER = ClusterId.of(1);

    private final CertificateAuthority authority =
            CertificateAuthority.create(CLUSTER, Keys.generateP256(), Instant.now());
    private final KeyPair pair = Keys.generateEd25519();
    private final NetmapSigner signer = signer(1, authority);

    private NetmapSigner signer(int generation, CertificateAuthority from) {
        return new NetmapSigner(
                pair.getPrivate(),
                from.issueConfigSigner(CLUSTER, generation, pair.getPublic(), Instant.now()),
                from.certificate());
    }

    private static Netmap signersFrom(int generation, long revision) {
        return new Netmap(CLUSTER, 1, new Revision(revision), 1420, List.of(), List.of(), generation, null, null, null);
    }

    @TempDir
    Path folder;

    private NetmapGuard guard(InstantSource clock) throws IOException {
        return new NetmapGuard(
                new NodeStore(folder),
                NodeId.of(1),
                new NetmapVerifier(CLUSTER, () -> Authorities.of(authority.certificate()), clock));
    }

    private NetmapGuard guard() throws IOException {
        return guard(InstantSource.system());
    }

    private String netmap(long epoch, long revision) {
        return signer.sign(new Netmap(CLUSTER, epoch, new Revision(revision), 1420, List.of(), List.of()));
    }

    private static Edition edition(long epoch, long revision) {
        return new Edition(epoch, new Revision(revision));
    }

    @Test
    void newerEpochIsAcceptedWithALowerRevision() throws IOException {
        NetmapGuard guard = guard();
        guard.admit(netmap(1, 900));

        assertEquals(edition(2, 40), guard.admit(netmap(2, 40)).edition());
        assertEquals(edition(2, 40), guard.seen());
    }

    @Test
    void whatWasSignedForAnotherNodeIsRefused() throws IOException {
        NetmapGuard guard = guard();
        for (long receiver = 1; receiver <= 2; receiver++) {
            Netmap.Spoke spoke = new Netmap.Spoke(NodeId.of(receiver), List.of());
            String signed = signer.sign(new Netmap(
                    CLUSTER, 1, new Revision(receiver), 1420, List.of(), List.of(), null, null, Topology.HUB, spoke));
            if (receiver == 1) {
                guard.admit(signed);
            } else {
                assertThrows(CryptoException.class, () -> guard.admit(signed));
            }
        }
        assertEquals(edition(1, 1), guard.seen());
        assertEquals(1, guard.refused());
    }

    @Test
    void deadEpochIsRefusedWhateverItsRevision() throws IOException {
        NetmapGuard guard = guard();
        guard.admit(netmap(2, 40));

        CryptoException refused = assertThrows(CryptoException.class, () -> guard.admit(netmap(1, 5_000)));

        assertTrue(String.valueOf(refused.getMessage())
                .contains(
                        "revision 5000 of epoch 1 is of an epoch that is over: the cluster was recovered as epoch 2"));
        assertEquals(edition(2, 40), guard.seen());
    }

    @Test
    void withinAnEpochOnlyAnOlderRevisionIsRefused() throws IOException {
        NetmapGuard guard = guard();
        guard.admit(netmap(2, 40));

        assertThrows(CryptoException.class, () -> guard.admit(netmap(2, 39)));
        assertEquals(edition(2, 40), guard.admit(netmap(2, 40)).edition());
        assertEquals(edition(2, 41), guard.admit(netmap(2, 41)).edition());
    }

    @Test
    void deadEpochIsRefusedAfterARestartToo() throws IOException {
        guard().admit(netmap(2, 40));

        NetmapGuard restarted = guard();

        assertEquals(edition(2, 40), restarted.seen());
        assertThrows(CryptoException.class, () -> restarted.admit(netmap(1, 5_000)));
    }

    @Test
    void whatWasSeenLastsWhereTheStoredConfigurationCannotBeVerified() throws IOException {
        guard().admit(netmap(2, 40));
        NetmapGuard restarted = guard();

        NodeStore store = new NodeStore(folder);
        NetmapGuard clockAtEpoch = guard(InstantSource.fixed(Instant.EPOCH));
        SignedNetmap stored = store.netmap().orElseThrow();

        assertThrows(CryptoException.class, () -> clockAtEpoch.restore(stored));
        assertThrows(CryptoException.class, () -> restarted.admit(netmap(1, 5_000)));
    }

    @Test
    void configurationThatCannotBeStoredIsNotAdmitted() throws IOException {
        NetmapGuard guard = guard();
        Files.createDirectories(folder.resolve("netmap.jws.new").resolve("in the way"));

        assertThrows(IOException.class, () -> guard.admit(netmap(2, 40)));

        assertEquals(Edition.NONE, guard.seen());
    }

    @Test
    void retiredSignerIsRefusedAfterARestartToo() throws IOException {
        NetmapGuard guard = guard();
        guard.admit(netmap(1, 1));
        guard.admit(signer(2, authority).sign(signersFrom(2, 2)));

        assertThrows(CryptoException.class, () -> guard.admit(netmap(1, 3)));
        NetmapGuard restarted = guard();
        restarted.restore(new NodeStore(folder).netmap().orElseThrow());
        CryptoException refused = assertThrows(CryptoException.class, () -> restarted.admit(netmap(1, 3)));
        assertTrue(String.valueOf(refused.getMessage()).contains("retired"), refused.getMessage());
    }

    @Test
    void nodeThatSleptThroughRotationsBelievesTheNewestSigner() throws IOException {
        NetmapGuard guard = guard();
        guard.admit(netmap(1, 1));

        guard.admit(signer(5, authority).sign(signersFrom(5, 2)));
        assertEquals(edition(1, 2), guard.seen());
    }

    @Test
    void bothSignersAreBelievedDuringTheOverlap() throws IOException {
        NetmapGuard guard = guard();
        guard.admit(signer(2, authority).sign(new Netmap(CLUSTER, 1, new Revision(1), 1420, List.of(), List.of())));
        guard.admit(netmap(1, 2));

        assertEquals(edition(1, 2), guard.seen());
    }

    @Test
    void stolenKeyCannotRetireTheNextOne() throws IOException {
        NetmapGuard guard = guard();

        assertThrows(CryptoException.class, () -> guard.admit(signer.sign(signersFrom(2, 1))));
        CertificateAuthority foreign = CertificateAuthority.create(CLUSTER, Keys.generateP256(), Instant.now());
        assertThrows(CryptoException.class, () -> guard.admit(signer(9, foreign).sign(signersFrom(9, 1))));
        assertEquals(Edition.NONE, guard.seen());
    }
}
