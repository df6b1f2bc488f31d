package io.wgfabric.agent.wireguard;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.wgfabric.api.Address;
import io.wgfabric.api.Endpoint;
import io.wgfabric.api.Prefix;
import io.wgfabric.api.PublicKey;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/**
 * Random networks that change at random, with sessions and interfaces that come and go. Each step is checked, so a failure
 * names the shortest run of its seed.
 */
class ReconcilerPropertyTest {
    private static final int SEEDS = 150;
    private static final int STEPS = 12;
    private static final int NODES = 6;

    /** Far more than any plan has changes. */
    private static final int MAX_LIVES = 200;

    private static final Instant START = Instant.parse("2026-01-01T00:00:00Z");
    private static final List<PlaneKey> KEYS = keys();

    private static List<PlaneKey> keys() {
        List<PlaneKey> keys = new ArrayList<>();
        for (int i = 0; i < 6 * (NODES + 1); i++) {
            byte[] bytes = new byte[PrivateKey.BYTES];
            bytes[2] = (byte) i;
            keys.add(new PlaneKey(PrivateKey.of(bytes), 51_000 + i));
        }
        return keys;
    }

    @Test
    void aRepeatChangesNothingAndACrashAnywhereEndsInTheSamePlace() {
        for (int seed = 0; seed < SEEDS; seed++) {
            World world = new World(seed);
            for (int step = 0; step < STEPS; step++) {
                world.change();
                String where = "seed " + seed + ", step " + step;
                check(world, where);
            }
        }
    }

    private static void check(World world, String where) {
        DesiredNetwork desired = world.desired();
        ActualNetwork before = world.tunnel.read();
        Plan plan = Reconciler.reconcile(desired, before, world.now);
        assertNothingUnchangedIsRemoved(desired, before, plan, where);
        world.tunnel.apply(plan.changes());
        ActualNetwork end = world.tunnel.read();
        Plan repeat = Reconciler.reconcile(desired, end, world.now);
        assertEquals(List.of(), repeat.changes(), where);
        assertSessionsSurvive(world, before, end, where);
        assertOneChangeALifeEndsThere(world, before, end, where);
        for (int done = 0; done < plan.changes().size(); done++) {
            SimulatedTunnel crashed = SimulatedTunnel.of(before);
            crashed.apply(plan.changes().subList(0, done));
            assertCarried(world, before, crashed.read(), where + ", after " + done);
            Plan rest = Reconciler.reconcile(desired, crashed.read(), world.now);
            crashed.apply(rest.changes());
            assertEquals(end, crashed.read(), where + ", crash after " + done + " of " + plan.changes());
            assertATornChangeIsMended(world, SimulatedTunnel.of(before), plan.changes(), done, end, where);
        }
        assertCarried(world, before, end, where);
        if (repeat.settled()) {
            assertIsAsDesired(desired, end, world.now, where);
        }
    }

    /** Each life of the agent gets one change done: no two of them undo each other, and there is an end. */
    private static void assertOneChangeALifeEndsThere(
            World world, ActualNetwork before, ActualNetwork end, String where) {
        SimulatedTunnel tunnel = SimulatedTunnel.of(before);
        for (int life = 0; life < MAX_LIVES; life++) {
            List<Change> changes = Reconciler.reconcile(world.desired(), tunnel.read(), world.now)
                    .changes();
            if (changes.isEmpty()) {
                assertEquals(end, tunnel.read(), where + ", one change a life");
                return;
            }
            tunnel.apply(changes.subList(0, 1));
            assertCarried(world, before, tunnel.read(), where + ", life " + life);
        }
        throw new AssertionError(where + ": no end after " + MAX_LIVES + " changes");
    }

    /** A system that did the first lines of a change only: the key without the prefixes, or the first of the peers. */
    private static void assertATornChangeIsMended(
            World world, SimulatedTunnel tunnel, List<Change> changes, int at, ActualNetwork end, String where) {
        Change torn = changes.get(at);
        Change half = torn;
        if (torn instanceof Change.AddPeer add) {
            half = new Change.AddPeer(add.plane(), new PeerConfig(add.peer().key(), Set.of(), null, 0));
        } else if (torn instanceof Change.ReplaceAllowedIps replace) {
            half = new Change.ReplaceAllowedIps(replace.plane(), replace.key(), Set.of());
        } else if (torn instanceof Change.SetPrivateKey set) {
            List<PeerConfig> first = set.peers().subList(0, set.peers().size() / 2);
            half = new Change.SetPrivateKey(set.plane(), set.key(), set.listenPort(), first);
        }
        tunnel.apply(changes.subList(0, at));
        tunnel.apply(List.of(half));
        tunnel.apply(
                Reconciler.reconcile(world.desired(), tunnel.read(), world.now).changes());
        assertEquals(end, tunnel.read(), where + ", torn " + torn);
    }

    private static void assertNothingUnchangedIsRemoved(
            DesiredNetwork desired, ActualNetwork before, Plan plan, String where) {
        for (Change change : plan.changes()) {
            if (change instanceof Change.RemovePeer remove) {
                boolean wanted = desired.peers().stream()
                        .anyMatch(peer -> Objects.equals(remove.key(), peer.key(remove.plane()))
                                && peer.preshared(remove.plane()) != null);
                assertFalse(wanted, where);
            } else if (change instanceof Change.SetPrivateKey set) {
                assertNotEquals(set.key().publicKey(), before.plane(set.plane()).publicKey(), where);
            }
        }
    }

    /** A live session of an unchanged peer under an unchanged own key keeps its handshake and its endpoint. */
    private static void assertSessionsSurvive(World world, ActualNetwork before, ActualNetwork end, String where) {
        DesiredNetwork desired = world.desired();
        for (int plane = 0; plane < 2; plane++) {
            PlaneKey own = desired.plane(plane);
            if (own == null
                    || !Objects.equals(
                            own.privateKey().publicKey(), before.plane(plane).publicKey())) {
                continue;
            }
            for (DesiredPeer peer : desired.peers()) {
                PublicKey key = peer.key(plane);
                ActualPeer old =
                        key == null ? null : before.plane(plane).peers().get(key);
                ActualPeer now = key == null ? null : end.plane(plane).peers().get(key);
                if (old != null && now != null) {
                    assertEquals(old.lastHandshake(), now.lastHandshake(), where);
                }
                if (old != null && now != null && old.isLive(world.now)) {
                    assertEquals(old.endpoint(), now.endpoint(), where);
                }
            }
        }
    }

    /**
     * A pair that had a live session where it was has one at every step, unless the new state itself takes it away: by
     * another key on the plane where the pair shall stay, or a pre-shared key that it lacks and nobody knows.
     */
    private static void assertCarried(World world, ActualNetwork before, ActualNetwork during, String where) {
        DesiredNetwork desired = world.desired();
        for (DesiredPeer peer : desired.peers()) {
            for (Prefix prefix : peer.allowedIps()) {
                int plane = carrier(before, prefix);
                PlaneKey own = desired.plane(plane);
                boolean stays = peer.plane() == plane;
                boolean rekeyed = own == null
                        || !Objects.equals(
                                own.privateKey().publicKey(),
                                before.plane(plane).publicKey());
                boolean bare = peer.preshared(plane) == null && !hasPresharedKey(before, plane, peer);
                if (isLive(before, plane, peer, prefix, world.now) && !(stays && rekeyed) && !bare) {
                    assertTrue(isLive(during, carrier(during, prefix), peer, prefix, world.now), where + ", " + prefix);
                }
            }
        }
    }

    private static boolean hasPresharedKey(ActualNetwork network, int plane, DesiredPeer peer) {
        PublicKey key = peer.key(plane);
        ActualPeer entry = key == null ? null : network.plane(plane).peers().get(key);
        return entry != null && !entry.presharedKey().isNone();
    }

    private static int carrier(ActualNetwork network, Prefix prefix) {
        return network.spare().routes().containsKey(prefix) ? ActualNetwork.SPARE : ActualNetwork.MAIN;
    }

    private static boolean isLive(ActualNetwork network, int plane, DesiredPeer peer, Prefix prefix, Instant now) {
        PublicKey key = peer.key(plane);
        ActualPeer entry = key == null ? null : network.plane(plane).peers().get(key);
        return entry != null && entry.isLive(now) && entry.allowedIps().contains(prefix);
    }

    private static void assertIsAsDesired(DesiredNetwork desired, ActualNetwork end, Instant now, String where) {
        for (int plane = 0; plane < 2; plane++) {
            PlaneKey own = desired.plane(plane);
            ActualPlane actual = end.plane(plane);
            if (own == null && actual.exists()) {
                assertLingers(desired, actual, now, where);
                continue;
            }
            assertEquals(own != null, actual.exists(), where);
            Map<PublicKey, Set<Prefix>> wanted = new TreeMap<>();
            if (own != null) {
                assertEquals(own.privateKey().publicKey(), actual.publicKey(), where);
                assertEquals(own.listenPort(), actual.listenPort(), where);
                assertEquals(Set.copyOf(desired.addresses()), actual.addresses(), where);
            }
            for (DesiredPeer peer : desired.peers()) {
                PublicKey key = peer.key(plane);
                PresharedKey preshared = peer.preshared(plane);
                if (own != null && key != null && (preshared != null || hasPresharedKey(end, plane, peer))) {
                    wanted.put(key, peer.allowedIps());
                }
                ActualPeer entry = key == null ? null : actual.peers().get(key);
                if (entry != null && preshared != null) {
                    assertEquals(preshared, entry.presharedKey(), where);
                }
            }
            Map<PublicKey, Set<Prefix>> have = new TreeMap<>();
            actual.peers().forEach((key, peer) -> have.put(key, peer.allowedIps()));
            assertEquals(wanted, have, where);
        }
        for (DesiredPeer peer : desired.peers()) {
            peer.allowedIps().forEach(prefix -> assertEquals(peer.plane(), carrier(end, prefix), where));
        }
    }

    /** A plane that is given up stays for members alone, and no longer than one of them may use it. */
    private static void assertLingers(DesiredNetwork desired, ActualPlane plane, Instant now, String where) {
        assertTrue(plane.peers().values().stream().anyMatch(entry -> entry.isLive(now)), where);
        Set<Prefix> known = new TreeSet<>();
        desired.peers().forEach(peer -> known.addAll(peer.allowedIps()));
        for (ActualPeer entry : plane.peers().values()) {
            assertTrue(entry.allowedIps().stream().anyMatch(known::contains), where);
            assertEquals(0, entry.keepaliveSeconds(), where);
        }
    }

    /** What changes from step to step, all from one seed. */
    private static final class World {
        private final Random random;
        final SimulatedTunnel tunnel = new SimulatedTunnel();
        Instant now = START;
        private PlaneKey main = KEYS.get(0);
        private @Nullable PlaneKey spare;
        private int mtu = DesiredNetwork.DEFAULT_MTU;
        private int address = 1;
        private final Map<String, DesiredPeer> peers = new TreeMap<>();

        World(int seed) {
            this.random = new Random(seed);
        }

        DesiredNetwork desired() {
            return new DesiredNetwork(
                    List.of(Address.parse("100.64.0." + address), Address.parse("fd77::" + address)),
                    List.of(Prefix.parse("100.64.0.0/16"), Prefix.parse("fd77::/48")),
                    mtu,
                    main,
                    spare,
                    List.copyOf(peers.values()));
        }

        void change() {
            for (int i = random.nextInt(6); i >= 0; i--) {
                changeOne(random.nextInt(12));
            }
            now = now.plusSeconds(random.nextInt(100));
        }

        private void changeOne(int what) {
            switch (what) {
                case 0, 1, 2, 3 -> putPeer(1 + random.nextInt(NODES));
                case 4 -> peers.remove("n" + (1 + random.nextInt(NODES)));
                case 5 -> main = KEYS.get(random.nextInt(3));
                case 6 -> changeSpare();
                case 7, 8, 9 -> handshakes();
                case 10 -> disturb();
                default -> address = 1 + random.nextInt(2);
            }
        }

        private void putPeer(int number) {
            int key = 6 * number;
            boolean hasSpare = spare != null && random.nextInt(4) > 0;
            PublicKey spareKey =
                    KEYS.get(key + 3 + random.nextInt(2)).privateKey().publicKey();
            peers.put(
                    "n" + number,
                    new DesiredPeer(
                            "n" + number,
                            Set.of(
                                    Prefix.parse("100.64.1." + number + "/32"),
                                    Prefix.parse("fd77::1:" + number + "/128")),
                            KEYS.get(key + random.nextInt(2)).privateKey().publicKey(),
                            hasSpare ? spareKey : null,
                            hasSpare ? random.nextInt(2) : 0,
                            number % 2 == 0,
                            endpoint(number),
                            endpoint(number),
                            random.nextInt(2) * 25,
                            preshared(),
                            preshared()));
        }

        /** None, not known yet, or one of two. */
        private @Nullable PresharedKey preshared() {
            int which = random.nextInt(8);
            byte[] bytes = new byte[PresharedKey.BYTES];
            bytes[0] = (byte) Math.max(0, which - 5);
            return which == 0 ? null : PresharedKey.of(bytes);
        }

        private @Nullable Endpoint endpoint(int number) {
            return random.nextInt(4) == 0
                    ? null
                    : Endpoint.parse("192.0.2." + number + ":" + (4000 + random.nextInt(2)));
        }

        private void changeSpare() {
            if (spare != null && random.nextBoolean()) {
                spare = null;
                peers.replaceAll((id, peer) -> new DesiredPeer(
                        id,
                        peer.allowedIps(),
                        peer.mainKey(),
                        random.nextBoolean() ? peer.spareKey() : null,
                        0,
                        peer.initiator(),
                        peer.mainEndpoint(),
                        null,
                        peer.keepaliveSeconds(),
                        peer.mainPreshared(),
                        PresharedKey.NONE));
            } else {
                spare = KEYS.get(3 + random.nextInt(3));
            }
        }

        private void handshakes() {
            for (int plane = 0; plane < 2; plane++) {
                for (PublicKey key : tunnel.read().plane(plane).peers().keySet()) {
                    if (random.nextInt(3) > 0) {
                        tunnel.handshake(plane, key, now.minusSeconds(random.nextInt(200)));
                    }
                }
            }
        }

        /** What others, or a crash, do to the system. */
        private void disturb() {
            int plane = random.nextInt(2);
            if (!tunnel.read().plane(plane).exists()) {
                return;
            }
            PublicKey stranger = KEYS.get(6 * NODES + 5).privateKey().publicKey();
            switch (random.nextInt(4)) {
                case 0 -> tunnel.apply(List.of(new Change.DeleteInterface(plane)));
                case 1 -> tunnel.apply(List.of(new Change.SetMtu(plane, 1300)));
                case 2 -> tunnel.apply(List.of(new Change.PutRoute(plane, Prefix.parse("100.64.9.9/32"), null)));
                default -> {
                    if (!tunnel.read().plane(plane).peers().containsKey(stranger)) {
                        Set<Prefix> taken = Set.of(Prefix.parse("100.64.1.1/32"));
                        tunnel.apply(List.of(new Change.AddPeer(plane, new PeerConfig(stranger, taken, null, 0))));
                    }
                }
            }
        }
    }
}
