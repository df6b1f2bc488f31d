package io.wgfabric.core.netmap;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.wgfabric.api.ClusterId;
import io.wgfabric.api.Revision;
import io.wgfabric.core.codec.Json;
import io.wgfabric.core.crypto.Authorities;
import io.wgfabric.core.crypto.CertificateAuthority;
import io.wgfabric.core.crypto.CryptoException;
import io.wgfabric.core.crypto.Keys;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.jose4j.jwa.AlgorithmConstraints;
import org.jose4j.jws.JsonWebSignature;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;

class NetmapVerifierTest {
    private final NetmapVerifier verifier = Meshes.verifier();
    private final VerifiedNetmap have = verifier.verify(SignedNetmap.of(Meshes.SIGNER.sign(Meshes.mesh(10, 3))), 1);

    private static NetmapDelta delta(long from, int before, long to, int after) {
        DigestedNetmap older = DigestedNetmap.of(Meshes.mesh(from, before));
        return NetmapDelta.between(older, older.next(Meshes.mesh(to, after)));
    }

    private final String line = Meshes.SIGNER.sign(delta(10, 3, 11, 4)).line();

    private void assertRefused(String why, Executable attempt) {
        CryptoException refused = assertThrows(CryptoException.class, attempt);
        assertTrue(String.valueOf(refused.getMessage()).contains(why), refused.getMessage());
    }

    @Test
    void genuineDeltaIsFollowed() {
        assertEquals(Meshes.mesh(11, 4), verifier.follow(have, line, 1).netmap());
    }

    /** Any implementation of RFC 7515 and RFC 7797 verifies it, given the header. */
    @Test
    void itIsAJws() throws Exception {
        SignedDelta signed = SignedDelta.parse(line);
        JsonWebSignature jws = new JsonWebSignature();
        jws.setAlgorithmConstraints(AlgorithmConstraints.NO_CONSTRAINTS);
        jws.setCompactSerialization(have.header() + ".." + signed.signature());
        jws.setPayload(signed.payload());
        jws.setKey(have.chain().get(0).getPublicKey());
        assertTrue(jws.verifySignature());
        assertEquals(have.signer(), jws.getX509CertSha256ThumbprintHeaderValue());
        assertEquals(line, signed.line());
    }

    @Test
    void aDeltaWithAnyByteAlteredIsRefused() {
        byte[] genuine = line.getBytes(StandardCharsets.US_ASCII);
        List<Integer> accepted = new ArrayList<>();
        for (int at = 0; at < genuine.length; at++) {
            byte[] altered = genuine.clone();
            altered[at] ^= 1;
            if (isBelieved(new String(altered, StandardCharsets.US_ASCII))) {
                accepted.add(at);
            }
        }
        // The last character of the signature has bits that stand for nothing.
        assertTrue(accepted.size() <= 1, accepted.toString());
    }

    private boolean isBelieved(String altered) {
        try {
            var unused = verifier.follow(have, altered, 1);
            return true;
        } catch (CryptoException e) {
            return false;
        }
    }

    @Test
    void aDeltaThatIsCutIsRefused() {
        for (int length = 0; length < line.length(); length++) {
            String cut = line.substring(0, length);
            assertThrows(CryptoException.class, () -> verifier.follow(have, cut, 1));
        }
    }

    @Test
    void replayedOrLateDeltaIsRefused() {
        VerifiedNetmap next = verifier.follow(have, line, 1);
        assertRefused("leads to nothing newer than revision 11 of epoch 1", () -> verifier.follow(next, line, 1));
    }

    @Test
    void foreignDeltaIsRefused() {
        ClusterId other = ClusterId.of(8);
        Netmap theirs = new Netmap(other, 1, new Revision(10), 1420, List.of(), List.of());
        DigestedNetmap older = DigestedNetmap.of(theirs);
        NetmapDelta foreign = NetmapDelta.between(older, older.next(theirs.with(new Revision(11), List.of())));
        assertRefused(
                "is of cluster",
                () -> verifier.follow(have, Meshes.SIGNER.sign(foreign).line(), 1));
        NetmapSigner stranger =
                Meshes.signer(other, 1, CertificateAuthority.create(other, Keys.generateP256(), Meshes.NOW));
        assertRefused(
                "altered or forged",
                () -> verifier.follow(have, stranger.sign(foreign).line(), 1));
    }

    @Test
    void otherSignersOfTheClusterMustShowTheirCertificateFirst() {
        NetmapSigner second = Meshes.signer(Meshes.CLUSTER, 2, Meshes.AUTHORITY);
        String theirs = second.sign(delta(10, 3, 11, 4)).line();
        assertRefused("another signer's", () -> verifier.follow(have, theirs, 1));
        VerifiedNetmap shown = verifier.verify(SignedNetmap.of(second.sign(Meshes.mesh(10, 3))), 1);
        assertEquals(
                new Revision(11), verifier.follow(shown, theirs, 1).netmap().revision());
    }

    @Test
    void aRetiredSignersDeltaIsRefused() {
        assertRefused("which is retired", () -> verifier.follow(have, line, 2));
    }

    @Test
    void aDeltaIsRefusedOnceItsSignerHasExpired() {
        Instant[] now = {Meshes.NOW};
        NetmapVerifier aging =
                new NetmapVerifier(Meshes.CLUSTER, () -> Authorities.of(Meshes.AUTHORITY.certificate()), () -> now[0]);
        aging.follow(have, line, 1);
        now[0] = Meshes.NOW.plus(Duration.ofDays(365 * 200));
        assertRefused("cannot be verified", () -> aging.follow(have, line, 1));
    }

    @Test
    void aDeltaIsRefusedOnceItsSignersAuthorityIsBelievedNoMore() {
        CertificateAuthority other = CertificateAuthority.create(Meshes.CLUSTER, Keys.generateP256(), Meshes.NOW);
        CertificateAuthority[] believed = {Meshes.AUTHORITY};
        NetmapVerifier follower =
                new NetmapVerifier(Meshes.CLUSTER, () -> Authorities.of(believed[0].certificate()), () -> Meshes.NOW);
        follower.follow(have, line, 1);
        believed[0] = other;
        assertRefused("not signed by this cluster", () -> follower.follow(have, line, 1));
    }

    @Test
    void whoIsBelievedIsNotForADeltaToSay() {
        Netmap old = have.netmap();
        DigestedNetmap older = DigestedNetmap.of(old);
        Netmap retiring = new Netmap(
                old.cluster(), 1, new Revision(11), old.mtu(), old.pools(), old.members(), 2, null, null, null);
        String sly = Meshes.SIGNER
                .sign(NetmapDelta.between(older, older.next(retiring)))
                .line();
        assertRefused("changes who is believed", () -> verifier.follow(have, sly, 1));
    }

    @Test
    void aDeltaThatBeginsLaterIsAGap() {
        String later = Meshes.SIGNER.sign(delta(12, 5, 13, 6)).line();
        assertThrows(GapException.class, () -> verifier.follow(have, later, 1));
    }

    /** It begins early enough, and yet was made for something else: a change that was taken back. */
    @Test
    void aDeltaThatLeadsElsewhereIsAGap() {
        String other = Meshes.SIGNER.sign(delta(9, 2, 11, 2)).line();
        assertThrows(GapException.class, () -> verifier.follow(have, other, 1));
    }

    @Test
    void aWholeIsVerifiedToItsLastDelta() {
        String base = Meshes.SIGNER.sign(Meshes.mesh(10, 3));
        String next = Meshes.SIGNER.sign(delta(11, 4, 12, 5)).line();
        assertEquals(
                Meshes.mesh(12, 5),
                verifier.verify(new SignedNetmap(base, List.of(line, next)), 1).netmap());
        assertRefused("do not belong together", () -> verifier.verify(new SignedNetmap(base, List.of(next)), 1));
        assertRefused("", () -> verifier.verify(new SignedNetmap(base, List.of(line, line)), 1));
    }

    @Test
    void ofADamagedOneIsUsedWhatComesBefore() {
        String base = Meshes.SIGNER.sign(Meshes.mesh(10, 3));
        String next = Meshes.SIGNER.sign(delta(11, 4, 12, 5)).line();
        NetmapVerifier.Restored whole = verifier.restore(new SignedNetmap(base, List.of(line, next)));
        assertNull(whole.damage());
        NetmapVerifier.Restored damaged =
                verifier.restore(new SignedNetmap(base, List.of(line, next.replace("changed", "chbnged"), next)));
        assertEquals(Meshes.mesh(11, 4), damaged.verified().netmap());
        assertEquals(1, damaged.deltas());
        assertTrue(String.valueOf(damaged.damage()).contains("altered"), damaged.damage());
        SignedNetmap stored = new SignedNetmap(base, List.of("x", next));
        assertEquals(new Revision(12), stored.claimed().revision());
    }

    @Test
    void whatIsLeftOutIsReadAsNothing() {
        NetmapDelta empty = delta(10, 3, 11, 3);
        String json = Json.mapper().writeValueAsString(empty);
        assertTrue(!json.contains("changed") && !json.contains("removed") && !json.contains("header"), json);
        assertEquals(empty, Json.mapper().readValue(json, NetmapDelta.class));
    }
}
