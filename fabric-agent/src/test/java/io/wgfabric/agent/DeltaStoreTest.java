package io.wgfabric.agent;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.wgfabric.api.ClusterId;
import io.wgfabric.api.Edition;
import io.wgfabric.api.NodeId;
import io.wgfabric.api.Prefix;
import io.wgfabric.api.Revision;
import io.wgfabric.core.crypto.Authorities;
import io.wgfabric.core.crypto.CertificateAuthority;
import io.wgfabric.core.crypto.CryptoException;
import io.wgfabric.core.crypto.Keys;
import io.wgfabric.core.netmap.DigestedNetmap;
import io.wgfabric.core.netmap.GapException;
import io.wgfabric.core.netmap.Netmap;
import io.wgfabric.core.netmap.NetmapDelta;
import io.wgfabric.core.netmap.NetmapSigner;
import io.wgfabric.core.netmap.NetmapVerifier;
import io.wgfabric.core.netmap.SignedNetmap;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyPair;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What an agent keeps of a configuration and its deltas, whatever becomes of the file or of the process. */
class DeltaStoreTest {
    private static final ClusterId CLUSTER = ClusterId.of(1);

    private final CertificateAuthority authority =
            CertificateAuthority.create(CLUSTER, Keys.generateP256(), Instant.now());
    private final NetmapSigner signer = signer(1);

    @TempDir
    Path folder;

    private NetmapSigner signer(int generation) {
        KeyPair pair = Keys.generateEd25519();
        return new NetmapSigner(
                pair.getPrivate(),
                authority.issueConfigSigner(CLUSTER, generation, pair.getPublic(), Instant.now()),
                authority.certificate());
    }

    /** Each revision differs from all others. */
    private static Netmap netmap(long revision) {
        Prefix pool = Prefix.parse("10." + revision + ".0.0/16");
        return new Netmap(CLUSTER, 1, new Revision(revision), 1420, List.of(pool), List.of());
    }

    private String full(long revision) {
        return signer.sign(netmap(revision));
    }

    private String delta(long from, long to) {
        DigestedNetmap before = DigestedNetmap.of(netmap(from));
        return signer.sign(NetmapDelta.between(before, before.next(netmap(to)))).line();
    }

    private NetmapGuard guard() throws IOException {
        return new NetmapGuard(
                new NodeStore(folder),
                NodeId.of(1),
                new NetmapVerifier(CLUSTER, () -> Authorities.of(authority.certificate()), InstantSource.system()));
    }

    private NetmapGuard restored() throws IOException {
        NetmapGuard guard = guard();
        guard.restore(new NodeStore(folder).netmap().orElseThrow());
        return guard;
    }

    private static Edition edition(long revision) {
        return new Edition(1, new Revision(revision));
    }

    private Path file() {
        return folder.resolve("netmap.jws");
    }

    private static long have(NetmapGuard guard) {
        var verified = guard.have();
        assertNotNull(verified);
        assertEquals(netmap(verified.netmap().revision().number()), verified.netmap());
        return verified.netmap().revision().number();
    }

    @Test
    void deltasAreOnTheDiskBeforeTheyAreUsed() throws IOException {
        NetmapGuard guard = guard();
        guard.admit(full(1));
        assertEquals(netmap(2), guard.admitDelta(delta(1, 2)));
        assertEquals(netmap(3), guard.admitDelta(delta(2, 3)));

        NetmapGuard restarted = restored();
        assertEquals(3, have(restarted));
        assertEquals(edition(3), guard().seen(), "known before anything is verified");
        assertThrows(CryptoException.class, () -> restarted.admit(full(2)));
        assertEquals("?epoch=1&revision=3&signer=" + signer.id(), restarted.query(false));
        assertEquals("?epoch=1&revision=3", restarted.query(true));
    }

    @Test
    void whatIsRefusedLeavesWhatTheNodeHas() throws IOException {
        NetmapGuard guard = guard();
        guard.admit(full(1));
        String genuine = delta(1, 2);
        guard.admitDelta(genuine);
        byte[] before = Files.readAllBytes(file());

        assertThrows(CryptoException.class, () -> guard.admitDelta(genuine));
        assertThrows(CryptoException.class, () -> guard.admitDelta(delta(2, 3).replace("10.3", "10.4")));
        assertThrows(CryptoException.class, () -> guard.admitDelta("{}"));
        assertThrows(CryptoException.class, () -> guard.admit(full(1)));
        assertEquals(4, guard.refused());
        assertFalse(guard.needsFull());
        assertThrows(GapException.class, () -> guard.admitDelta(delta(3, 4)));
        assertEquals(4, guard.refused(), "a gap is nobody's fault");
        assertTrue(guard.needsFull());

        assertEquals(2, have(guard));
        assertEquals(new String(before, StandardCharsets.UTF_8), Files.readString(file()));
        guard.admit(new SignedNetmap(full(1), List.of(delta(1, 3), delta(3, 4))));
        assertFalse(guard.needsFull());
        assertEquals(4, have(restored()));
    }

    @Test
    void aDeltaThatCannotBeStoredIsNotAdmitted() throws IOException {
        NetmapGuard guard = guard();
        guard.admit(full(1));
        Path aside = folder.resolve("aside");
        Files.move(file(), aside);

        assertThrows(IOException.class, () -> guard.admitDelta(delta(1, 2)));

        assertEquals(1, have(guard));
        assertEquals(edition(1), guard.seen());
        Files.move(aside, file());
        guard.admitDelta(delta(1, 2));
        assertEquals(2, have(restored()));
    }

    /** As an agent leaves it that dies at any byte; then it goes on. */
    @Test
    void aFileThatIsCutAnywhereIsUsedAsFarAsItIsWhole() throws IOException {
        NetmapGuard guard = guard();
        String base = full(1);
        guard.admit(base);
        guard.admitDelta(delta(1, 2));
        guard.admitDelta(delta(2, 3));
        byte[] whole = Files.readAllBytes(file());
        long[] lineEnds = new long[whole.length + 1];
        for (int length = 1; length <= whole.length; length++) {
            lineEnds[length] = lineEnds[length - 1] + (whole[length - 1] == '\n' ? 1 : 0);
        }
        for (int length = 0; length <= whole.length; length++) {
            Files.write(file(), Arrays.copyOf(whole, length));
            if (length < base.length()) {
                // The first line is written beside and renamed: no crash leaves this.
                assertThrows(CryptoException.class, this::restored);
                continue;
            }
            NetmapGuard restarted = restored();
            long expected = Math.max(1, lineEnds[length]);
            assertEquals(expected, have(restarted), "cut at " + length);
            boolean atAnEnd = length == base.length() || whole[length - 1] == '\n' || length % 50 == 0;
            if (atAnEnd && restarted.seen().equals(edition(expected))) {
                restarted.admitDelta(delta(expected, 9));
                assertEquals(9, have(restored()), "cut at " + length + ", then a delta");
            }
            Files.deleteIfExists(folder.resolve("seen.json"));
        }
    }

    @Test
    void ofADamagedFileIsUsedWhatIsBeforeTheDamageAndTheRestIsAskedFor() throws IOException {
        NetmapGuard guard = guard();
        String base = full(1);
        guard.admit(base);
        guard.admitDelta(delta(1, 2));
        guard.admitDelta(delta(2, 3));
        byte[] whole = Files.readAllBytes(file());
        int second = base.length() + 1 + delta(1, 2).length() + 1;
        for (int at = base.length() + 1; at < whole.length; at += 23) {
            byte[] damaged = whole.clone();
            damaged[at] ^= 0x55;
            Files.write(file(), damaged);
            NetmapGuard restarted = guard();
            NetmapVerifier.Restored found =
                    restarted.restore(new NodeStore(folder).netmap().orElseThrow());
            assertEquals(at < second ? 1 : 2, have(restarted), "damaged at " + at);
            if (found.damage() == null) {
                assertEquals(whole.length - 1, at, "the end of the last line looks like a line that was cut");
            }
        }
        Files.write(file(), whole);
        byte[] middle = whole.clone();
        middle[base.length() + 200] ^= 0x55;
        Files.write(file(), middle);
        NetmapGuard restarted = restored();
        assertEquals(edition(3), restarted.seen(), "what was seen lasts");
        assertEquals("?epoch=1&revision=3", restarted.query(false), "a full one, and none that is older");
        assertThrows(GapException.class, () -> restarted.admitDelta(delta(3, 4)));
        restarted.admit(full(4));
        restarted.admitDelta(delta(4, 5));
        assertEquals(5, have(restored()));
    }

    @Test
    void aFileOfBeforeThereWereDeltasIsReadAndGoneOnWith() throws IOException {
        Files.writeString(file(), full(1));
        NetmapGuard guard = restored();
        guard.admitDelta(delta(1, 2));
        assertEquals(2, have(restored()));
    }

    @Test
    void aNewFullOneIsAskedForOnceItsDeltasHaveOutgrownIt() throws IOException {
        NetmapGuard guard = guard();
        guard.admit(full(1));
        long revision = 1;
        while (!guard.needsFull() && revision < 250) {
            guard.admitDelta(delta(revision, revision + 1));
            revision++;
        }
        assertTrue(guard.needsFull());
        long size = Files.size(file());
        assertTrue(size > 32_000 && size < 60_000, size + " bytes");
        assertEquals("?epoch=1&revision=" + revision, guard.query(false));

        guard.admit(full(revision));

        assertFalse(guard.needsFull());
        assertEquals(full(revision).length() + 1, Files.size(file()));
    }

    @Test
    void withoutAConfigurationADeltaIsAGap() throws IOException {
        NetmapGuard guard = guard();
        assertThrows(GapException.class, () -> guard.admitDelta(delta(1, 2)));
        assertNull(guard.have());
        assertEquals("", guard.query(false));
    }

    @Test
    void anotherSignersDeltasAreRefusedUntilItHasShownItsCertificate() throws IOException {
        NetmapGuard guard = guard();
        guard.admit(full(1));
        NetmapSigner next = signer(2);
        DigestedNetmap before = DigestedNetmap.of(netmap(1));
        String theirs =
                next.sign(NetmapDelta.between(before, before.next(netmap(2)))).line();
        assertThrows(CryptoException.class, () -> guard.admitDelta(theirs));
        guard.admit(next.sign(netmap(1)));
        guard.admitDelta(theirs);
        assertEquals(2, have(restored()));
    }
}
