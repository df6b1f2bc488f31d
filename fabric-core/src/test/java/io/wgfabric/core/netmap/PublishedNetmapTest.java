package io.wgfabric.core.netmap;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.wgfabric.api.Edition;
import io.wgfabric.api.Revision;
import java.util.Objects;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class PublishedNetmapTest {
    private static Edition edition(long revision) {
        return new Edition(1, new Revision(revision));
    }

    private static int bytes(SignedNetmap signed) {
        return signed.deltas().stream().mapToInt(String::length).sum();
    }

    @Test
    void aChangeAddsOneDeltaAndLeavesTheBase() {
        PublishedNetmap first = PublishedNetmap.begin(Meshes.mesh(1, 50), Meshes.SIGNER);
        PublishedNetmap second = first.next(Meshes.mesh(2, 51), Meshes.SIGNER);

        assertEquals(first.signed().base(), second.signed().base());
        assertEquals(1, second.signed().deltas().size());
        assertEquals(new Revision(2), second.edition().revision());
        assertNull(first.after(edition(1)));
        assertEquals(
                new Revision(2),
                Objects.requireNonNull(second.after(edition(1))).revision());
    }

    @Test
    void theBaseIsSignedAgainOnlyOnceTheDeltasAreAsLong() {
        PublishedNetmap published = PublishedNetmap.begin(Meshes.mesh(1, 20), Meshes.SIGNER);
        String base = published.signed().base();
        int bases = 0;
        int changes = 150;
        for (int i = 0; i < changes; i++) {
            published = published.next(Meshes.mesh(2 + i, 21 + i), Meshes.SIGNER);
            SignedNetmap signed = published.signed();
            assertTrue(bytes(signed) <= signed.base().length());
            assertEquals(
                    Meshes.mesh(2 + i, 21 + i),
                    Meshes.verifier().verify(signed, 1).netmap());
            if (!signed.base().equals(base)) {
                base = signed.base();
                bases++;
            }
        }
        // Growing from 20 to 170 by doubling takes few, and each is paid for by as many bytes of deltas.
        assertTrue(bases >= 2 && bases <= 8, bases + " bases for " + changes + " changes");
    }

    @Test
    void whoIsALittleBehindGetsDeltasAcrossANewBase() {
        PublishedNetmap published = PublishedNetmap.begin(Meshes.mesh(1, 10), Meshes.SIGNER);
        long revision = 1;
        for (int bases = 0; bases < 3; bases++) {
            String base = published.signed().base();
            while (published.signed().base().equals(base)) {
                revision++;
                published = published.next(Meshes.mesh(revision, 10 + (int) revision), Meshes.SIGNER);
            }
        }
        assertEquals(0, published.signed().deltas().size());
        assertEquals(
                new Revision(revision),
                Objects.requireNonNull(published.after(edition(revision - 1))).revision());
        assertNull(published.after(edition(1)), "too far behind");
        assertNull(published.after(new Edition(2, new Revision(revision - 1))), "another epoch's");
    }

    @Test
    void anotherSignerBeginsAnew() {
        PublishedNetmap published =
                PublishedNetmap.begin(Meshes.mesh(1, 10), Meshes.SIGNER).next(Meshes.mesh(2, 11), Meshes.SIGNER);
        NetmapSigner second = Meshes.signer(Meshes.CLUSTER, 2, Meshes.AUTHORITY);

        PublishedNetmap anew = published.next(Meshes.mesh(3, 12), second);

        assertEquals(0, anew.signed().deltas().size());
        assertNull(anew.after(edition(2)));
        assertNotEquals(published.signer().id(), anew.signer().id());
    }

    @Test
    void aWholeOneIsSignedWhenItIsAskedFor() {
        PublishedNetmap published =
                PublishedNetmap.begin(Meshes.mesh(1, 10), Meshes.SIGNER).next(Meshes.mesh(2, 11), Meshes.SIGNER);

        PublishedNetmap whole = published.whole();

        assertEquals(Meshes.mesh(2, 11), Meshes.verifier().verify(whole.signed().base()));
        assertSame(whole, whole.whole());
        assertNotNull(whole.after(edition(1)));
    }

    @Test
    void digestsOfEarlierRevisionsAreKnownWhileTheirDeltasAreKept() {
        PublishedNetmap published = PublishedNetmap.begin(Meshes.mesh(1, 10), Meshes.SIGNER)
                .next(Meshes.mesh(3, 11), Meshes.SIGNER)
                .next(Meshes.mesh(7, 12), Meshes.SIGNER);

        assertEquals(Optional.of(DigestedNetmap.of(Meshes.mesh(3, 11)).digest()), published.digestAt(new Revision(3)));
        assertEquals(Optional.empty(), published.digestAt(new Revision(5)));
        assertEquals(Optional.of(published.digest()), published.digestAt(new Revision(7)));
        assertEquals(Optional.of(published.digest()), published.digestAt(new Revision(9)));
    }
}
