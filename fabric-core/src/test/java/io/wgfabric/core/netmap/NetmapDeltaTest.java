package io.wgfabric.core.netmap;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.wgfabric.api.NodeId;
import io.wgfabric.api.Prefix;
import io.wgfabric.api.Revision;
import io.wgfabric.core.netmap.Netmap.Member;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class NetmapDeltaTest {

    @Test
    void oneNodeThatJoinsIsAllThatItSays() {
        DigestedNetmap before = DigestedNetmap.of(Meshes.mesh(10, 100));
        DigestedNetmap after = before.next(Meshes.mesh(11, 101));

        NetmapDelta delta = NetmapDelta.between(before, after);

        assertEquals(List.of(Meshes.member(100, 0)), delta.changed());
        assertEquals(List.of(), delta.removed());
        assertNull(delta.header());
        assertEquals(after.netmap(), before.apply(delta).netmap());
    }

    @Test
    void aLineForOneNodeThatJoinsIsShort() {
        DigestedNetmap before = DigestedNetmap.of(Meshes.mesh(1_000, 100));
        DigestedNetmap after = before.next(Meshes.mesh(1_001, 101));

        String line = Meshes.SIGNER.sign(NetmapDelta.between(before, after)).line();

        assertTrue(line.length() + 1 <= 600, line.length() + ": " + line);
    }

    @Test
    void anotherHeaderIsSentWhole() {
        Netmap old = Meshes.mesh(10, 3);
        Netmap wider = new Netmap(
                old.cluster(), 1, new Revision(11), 1280, List.of(Prefix.parse("10.0.0.0/8")), old.members());
        DigestedNetmap before = DigestedNetmap.of(old);

        NetmapDelta delta = NetmapDelta.between(before, before.next(wider));

        assertEquals(wider, before.apply(delta).netmap());
        assertEquals(List.of(), delta.changed());
        assertEquals(wider.header(), delta.header());
    }

    @Test
    void theDigestIsOfWhatIsSaidAndNotOfTheRevision() {
        DigestedNetmap mesh = DigestedNetmap.of(Meshes.mesh(10, 5));

        assertEquals(mesh.digest(), DigestedNetmap.of(Meshes.mesh(99, 5)).digest());
        assertEquals(
                mesh.digest(),
                DigestedNetmap.of(Meshes.mesh(9, 4)).next(Meshes.mesh(10, 5)).digest());
        assertFalse(mesh.digest().equals(DigestedNetmap.of(Meshes.mesh(10, 6)).digest()));
        Netmap old = mesh.netmap();
        Netmap narrower = new Netmap(old.cluster(), 1, old.revision(), 1280, old.pools(), old.members());
        assertFalse(mesh.digest().equals(DigestedNetmap.of(narrower).digest()));
    }

    /** A history of meshes, and managers that look at it at different moments. */
    private static final class History {
        final List<Netmap> states = new ArrayList<>();

        History(SplittableRandom dice) {
            TreeMap<NodeId, Member> members = new TreeMap<>();
            int mtu = Netmap.DEFAULT_MTU;
            for (int revision = 1; revision <= 40; revision++) {
                int number = dice.nextInt(6);
                switch (dice.nextInt(8)) {
                    case 0 -> members.remove(NodeId.of(number));
                    // Few versions, so that many a change is taken back.
                    case 1, 2, 3, 4 -> members.put(NodeId.of(number), Meshes.member(number, dice.nextInt(2)));
                    case 5 -> mtu = 1280 + dice.nextInt(2);
                    default -> {}
                }
                Netmap plain = Meshes.netmap(revision, members.values().stream());
                states.add(new Netmap(plain.cluster(), 1, plain.revision(), mtu, plain.pools(), plain.members()));
            }
        }

        Netmap at(Revision revision) {
            return states.get((int) revision.number() - 1);
        }
    }

    /** What a manager signs that looks now and then. */
    private static final class Manager {
        private final History history;
        private PublishedNetmap published;
        private int looked;

        Manager(History history, int first) {
            this.history = history;
            looked = first;
            published = PublishedNetmap.begin(history.states.get(first), Meshes.SIGNER);
        }

        void look(SplittableRandom dice, Revision seen) {
            looked = Math.min(history.states.size() - 1, looked + dice.nextInt(5));
            Netmap newest = history.states.get(looked);
            boolean early = published.netmap().revision().isBefore(seen)
                    && !newest.revision().isBefore(seen);
            if (!newest.saysTheSameAs(published.netmap()) || early) {
                published = published.next(newest, Meshes.SIGNER);
            }
        }

        boolean isDone() {
            return looked == history.states.size() - 1;
        }
    }

    /**
     * A node that is told by two managers in turn has at each revision what the state said there: a delta leads there,
     * or the node notices that it does not and asks for a full one.
     */
    @Test
    void whateverIsPutTogetherLeadsToTheSame() {
        long seed = new SplittableRandom().nextLong();
        int gaps = 0;
        int deltas = 0;
        for (int run = 0; run < 25; run++) {
            SplittableRandom dice = new SplittableRandom(seed + run);
            History history = new History(dice);
            Manager[] managers = {new Manager(history, dice.nextInt(3)), new Manager(history, dice.nextInt(3))};
            NetmapVerifier verifier = Meshes.verifier();
            VerifiedNetmap node = verifier.verify(managers[0].published.signed(), 1);
            while (!managers[0].isDone() || !managers[1].isDone()) {
                Manager manager = managers[dice.nextInt(2)];
                manager.look(dice, node.netmap().revision());
                PublishedNetmap published = manager.published;
                while (node.edition().isBefore(published.edition())) {
                    PublishedNetmap.Delta delta = published.after(node.edition());
                    try {
                        node = verifier.follow(
                                node, Objects.requireNonNull(delta).text(), 1);
                        deltas++;
                    } catch (GapException | NullPointerException e) {
                        node = verifier.verify(published.signed(), 1);
                        gaps++;
                    }
                    Netmap truth = history.at(node.netmap().revision());
                    assertEquals(truth, node.netmap(), "seed " + (seed + run));
                }
                assertEquals(
                        published.digest(),
                        published.digestAt(published.netmap().revision()).orElseThrow());
            }
            for (Manager manager : managers) {
                assertTrue(
                        manager.published.netmap().saysTheSameAs(history.states.get(history.states.size() - 1)),
                        "seed " + (seed + run));
            }
        }
        assertTrue(deltas > gaps, deltas + " deltas, " + gaps + " gaps, seed " + seed);
        assertTrue(gaps > 0, "no history was taken back in a way that matters, seed " + seed);
    }

    @Test
    void aDeltaLeadsToALaterRevision() {
        DigestedNetmap mesh = DigestedNetmap.of(Meshes.mesh(5, 1));
        assertThrows(IllegalArgumentException.class, () -> NetmapDelta.between(mesh, mesh));
        assertEquals(
                List.of(NodeId.of(0)),
                NetmapDelta.between(mesh, mesh.next(Meshes.netmap(6, Stream.of())))
                        .removed());
    }
}
