package io.wgfabric.agent;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.wgfabric.agent.paths.Echo;
import io.wgfabric.agent.paths.Paths;
import io.wgfabric.agent.wireguard.ActualNetwork;
import io.wgfabric.agent.wireguard.ActualPeer;
import io.wgfabric.agent.wireguard.Change;
import io.wgfabric.agent.wireguard.DesiredNetwork;
import io.wgfabric.agent.wireguard.Plan;
import io.wgfabric.agent.wireguard.PresharedKey;
import io.wgfabric.agent.wireguard.PrivateKey;
import io.wgfabric.agent.wireguard.Reconciler;
import io.wgfabric.agent.wireguard.SimulatedTunnel;
import io.wgfabric.api.Address;
import io.wgfabric.api.Bytes;
import io.wgfabric.api.ClusterId;
import io.wgfabric.api.NodeEndpoints;
import io.wgfabric.api.NodeId;
import io.wgfabric.api.NodeKeys;
import io.wgfabric.api.NodeName;
import io.wgfabric.api.Plane;
import io.wgfabric.api.Prefix;
import io.wgfabric.api.PublicKey;
import io.wgfabric.api.Revision;
import io.wgfabric.api.Role;
import io.wgfabric.api.Rotation;
import io.wgfabric.api.Rotation.Phase;
import io.wgfabric.core.netmap.Netmap;
import io.wgfabric.core.netmap.Netmap.Member;
import io.wgfabric.core.wire.PresharedKeyRequest.Pair;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * A whole mesh that rotates keys, of one node and of several at once, to the end or given up in any phase, while agents
 * hear of it when they like, get pre-shared keys one by one as these are switched on and off, and are killed after any
 * change. After every single change every pair has a way there and a
 * way back. The seed is in each message.
 */
class RotationCrashTest {
    private static final int NODES = 4;
    private static final int STEPS = 600;
    private static final int SEEDS = 25;
    private static final Instant NOW = Instant.parse("2026-01-01T00:00:00Z");
    private static final Prefix POOL = Prefix.parse("100.64.0.0/16");

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void everyPairHasAPathAfterEveryChange(boolean givesUp) {
        int rotations = 0;
        int withPresharedKey = 0;
        for (int seed = 0; seed < SEEDS; seed++) {
            Mesh mesh = new Mesh(seed, givesUp);
            mesh.comeUp();
            for (int step = 0; step < STEPS; step++) {
                mesh.step("seed " + seed + ", step " + step);
            }
            mesh.comeToRest("seed " + seed);
            rotations += mesh.rotations;
            withPresharedKey += mesh.withPresharedKey;
        }
        assertTrue(withPresharedKey > rotations, "they use pre-shared keys: " + withPresharedKey);
        assertTrue(rotations > SEEDS, "the runs rotate: " + rotations);
    }

    /** An agent: what it has on disk and in the system, which a crash leaves as it is. */
    private static final class Node {
        final NodeId id;
        final Address address;
        final SimulatedTunnel tunnel = new SimulatedTunnel();
        final Map<Pair, PresharedKey> preshared = new HashMap<>();
        WireGuardKeys stored;
        Netmap netmap;

        @Nullable Revision settled;

        Node(int number, WireGuardKeys stored, Netmap netmap) {
            this.id = NodeId.of(number);
            this.address = Address.parse("100.64.0." + number);
            this.stored = stored;
            this.netmap = netmap;
        }

        Member self() {
            return netmap.member(id).orElseThrow();
        }

        /** Where packets to this address leave. */
        int carrier(Address target) {
            boolean spare = tunnel.read().spare().routes().containsKey(target.toPrefix());
            return spare ? ActualNetwork.SPARE : ActualNetwork.MAIN;
        }
    }

    private static final class Mesh {
        private final Random random;
        private final boolean givesUp;
        private final List<Node> nodes = new ArrayList<>();
        private Netmap netmap;
        private int generation;
        int rotations;
        int withPresharedKey;

        Mesh(int seed, boolean givesUp) {
            this.random = new Random(seed);
            this.givesUp = givesUp;
            List<WireGuardKeys> keys = IntStream.range(0, NODES)
                    .mapToObj(n -> new WireGuardKeys(freshKey(), freshKey(), null, null))
                    .toList();
            List<Member> members = IntStream.rangeClosed(1, NODES)
                    .mapToObj(n -> member(n, keys.get(n - 1).publicKeys(), null))
                    .toList();
            netmap = netmap(1, members);
            for (int n = 1; n <= NODES; n++) {
                nodes.add(new Node(n, keys.get(n - 1), netmap));
            }
        }

        private PrivateKey freshKey() {
            byte[] bytes = new byte[PrivateKey.BYTES];
            random.nextBytes(bytes);
            return PrivateKey.of(bytes);
        }

        private static Netmap netmap(long revision, List<Member> members) {
            return new Netmap(ClusterId.of(1), 1, new Revision(revision), 1420, List.of(POOL), members);
        }

        private static Member member(int number, NodeKeys keys, @Nullable Rotation rotation) {
            return new Member(
                    NodeId.of(number),
                    new NodeName("n" + number),
                    Role.PEER,
                    List.of(Address.parse("100.64.0." + number)),
                    keys,
                    new NodeEndpoints(List.of(Address.parse("192.0.2." + number)), 51820, 51821),
                    NOW.plusSeconds(number),
                    null,
                    rotation);
        }

        void comeUp() {
            nodes.forEach(node -> reconcile(node, Integer.MAX_VALUE, null));
            shakeHands();
            nodes.forEach(node -> reconcile(node, Integer.MAX_VALUE, "at the start"));
        }

        /** One thing that happens somewhere. */
        void step(String where) {
            Node node = nodes.get(random.nextInt(NODES));
            switch (random.nextInt(6)) {
                case 0 -> node.netmap = netmap;
                case 1 -> shakeHands();
                case 2 -> decide();
                case 3 -> learn(node, random.nextInt(NODES));
                default -> reconcile(node, random.nextInt(3) == 0 ? Integer.MAX_VALUE : random.nextInt(6), where);
            }
        }

        /** Everything that is under way ends, and what is left is what a mesh at rest has. */
        void comeToRest(String where) {
            for (int round = 0; round < 100 && (isRotating() || !allSettled(netmap.revision())); round++) {
                nodes.forEach(node -> {
                    node.netmap = netmap;
                    learn(node, Integer.MAX_VALUE);
                    reconcile(node, Integer.MAX_VALUE, where);
                });
                shakeHands();
                nodes.forEach(node -> reconcile(node, Integer.MAX_VALUE, where));
                netmap.members().forEach(this::advance);
            }
            assertFalse(isRotating(), where);
            for (Node node : nodes) {
                ActualNetwork actual = node.tunnel.read();
                assertEquals(Set.of(), actual.spare().routes().keySet(), where);
                assertEquals(node.self().keys().of(0), node.stored.publicKeys(), where);
                assertEquals(node.self().keys().main(), actual.main().publicKey(), where);
            }
        }

        /** Some of those that it needs, and nothing else, as a manager would derive them. */
        private static void learn(Node node, int count) {
            Set<Pair> needed = PairKeys.needed(node.netmap, node.self());
            node.preshared.keySet().retainAll(needed);
            needed.stream()
                    .filter(pair -> !node.preshared.containsKey(pair))
                    .limit(count)
                    .forEach(pair -> node.preshared.put(pair, derived(pair)));
        }

        private static PresharedKey derived(Pair pair) {
            boolean inOrder = pair.own().compareTo(pair.other()) < 0;
            return PresharedKey.of(Bytes.sha256(
                            new byte[] {(byte) pair.generation()},
                            (inOrder ? pair.own() : pair.other()).bytes(),
                            (inOrder ? pair.other() : pair.own()).bytes())
                    .toArray());
        }

        /** A round of the agent that is killed after so many changes; the first one may be that of its keys. */
        private void reconcile(Node node, int changes, @Nullable String where) {
            int left = changes;
            ActualNetwork actual = node.tunnel.read();
            WireGuardKeys turned = node.stored.turned(node.self(), actual, this::freshKey);
            if (!turned.equals(node.stored)) {
                if (left-- == 0) {
                    return;
                }
                node.stored = turned;
            }
            // What an agent that starts here must know, or it takes the interface for somebody else's.
            for (int plane = 0; plane < 2; plane++) {
                PublicKey key = actual.plane(plane).publicKey();
                assertTrue(key == null || node.stored.allPublic().contains(key), where);
            }
            DesiredNetwork desired = DesiredNetworks.of(
                    node.netmap,
                    node.self(),
                    node.stored,
                    new DesiredNetworks.Surroundings(
                            new Paths().decide(node.netmap, node.self(), actual, other -> Echo.NONE, NOW),
                            null,
                            1420,
                            List.of(),
                            null,
                            node.preshared::get));
            Plan plan = Reconciler.reconcile(desired, actual, NOW);
            for (Change change : plan.changes()) {
                if (left-- == 0) {
                    return;
                }
                node.tunnel.apply(List.of(change));
                if (where != null) {
                    assertPaths(where + ", " + node.id + " after " + change);
                }
            }
            if (plan.settled()) {
                node.settled = node.netmap.revision();
                publish(node);
            }
        }

        private void assertPaths(String where) {
            for (Node from : nodes) {
                for (Node to : nodes) {
                    int plane = from.carrier(to.address);
                    assertTrue(from == to || accepts(from, to, plane), where + ": " + from.id + " to " + to.id);
                }
            }
        }

        /** Both have a session with each other on the plane, and the receiver lets the sender's address in. */
        private static boolean accepts(Node from, Node to, int plane) {
            ActualPeer sending = entry(from, to, plane);
            ActualPeer receiving = entry(to, from, plane);
            return sending != null
                    && receiving != null
                    && sending.isLive(NOW)
                    && receiving.isLive(NOW)
                    && sending.allowedIps().contains(to.address.toPrefix())
                    && receiving.allowedIps().contains(from.address.toPrefix());
        }

        private static @Nullable ActualPeer entry(Node at, Node of, int plane) {
            PublicKey key = of.tunnel.read().plane(plane).publicKey();
            return key == null ? null : at.tunnel.read().plane(plane).peers().get(key);
        }

        /** Each pair that can: both have each other's key, and exactly one of the two begins. */
        private void shakeHands() {
            for (Node from : nodes) {
                for (Node to : nodes) {
                    for (int plane = 0; plane < 2; plane++) {
                        ActualPeer begins = from == to ? null : entry(from, to, plane);
                        ActualPeer answers = begins == null ? null : entry(to, from, plane);
                        if (begins != null
                                && answers != null
                                && begins.keepaliveSeconds() > 0
                                && begins.presharedKey().equals(answers.presharedKey())) {
                            withPresharedKey += begins.presharedKey().isNone() ? 0 : 1;
                            from.tunnel.handshake(plane, keyOf(to, plane), NOW);
                            to.tunnel.handshake(plane, keyOf(from, plane), NOW);
                        }
                    }
                }
            }
        }

        private static PublicKey keyOf(Node node, int plane) {
            return Objects.requireNonNull(node.tunnel.read().plane(plane).publicKey());
        }

        private boolean isRotating() {
            return netmap.members().stream().anyMatch(member -> member.rotation() != null);
        }

        private boolean allSettled(Revision since) {
            return nodes.stream().allMatch(node -> node.settled != null && node.settled.compareTo(since) >= 0);
        }

        /** What the managers decide, see {@link Rotation}. */
        private void decide() {
            if (!isRotating()) {
                rotations++;
                generation = random.nextInt(3) == 0 ? 0 : rotations;
                Set<NodeId> chosen = new TreeSet<>();
                for (int n = random.nextInt(NODES); n >= 0; n--) {
                    chosen.add(nodes.get(random.nextInt(NODES)).id);
                }
                chosen.forEach(id -> put(netmap.member(id).orElseThrow(), Phase.REKEY_SPARE, null));
                return;
            }
            Member member = netmap.members().get(random.nextInt(NODES));
            if (givesUp && random.nextInt(4) == 0 && member.rotation() != null) {
                giveUp(member, member.rotation().phase());
            } else {
                advance(member);
            }
        }

        private void advance(Member member) {
            Rotation rotation = member.rotation();
            if (rotation != null && allSettled(rotation.since())) {
                if (rotation.phase() == Phase.MOVE_OUT) {
                    put(member, Phase.REKEY_MAIN, null);
                } else if (rotation.phase() == Phase.MOVE_BACK) {
                    put(member, null, null);
                }
            }
        }

        private void giveUp(Member member, Phase phase) {
            switch (phase) {
                case MOVE_OUT, REKEY_MAIN -> put(member, Phase.MOVE_BACK, null);
                case WAITING, REKEY_SPARE, READY -> put(member, null, null);
                case MOVE_BACK -> advance(member);
            }
            goOn();
        }

        private void publish(Node node) {
            Member member = netmap.member(node.id).orElseThrow();
            Phase phase = DesiredNetworks.phase(member);
            if (phase == null || phase != DesiredNetworks.phase(node.self())) {
                return;
            }
            for (Plane plane : Plane.values()) {
                PrivateKey next = node.stored.next(plane);
                if (next != null && phase == DesiredNetworks.phaseThatRekeys(plane)) {
                    NodeKeys keys = member.keys().with(plane, next.publicKey(), generation);
                    put(member, plane == Plane.SPARE ? Phase.READY : Phase.MOVE_BACK, keys);
                    goOn();
                }
            }
        }

        private void goOn() {
            if (netmap.members().stream().noneMatch(other -> DesiredNetworks.phase(other) == Phase.REKEY_SPARE)) {
                netmap.members().stream()
                        .filter(other -> DesiredNetworks.phase(other) == Phase.READY)
                        .forEach(other -> put(other, Phase.MOVE_OUT, null));
            }
        }

        private void put(Member member, @Nullable Phase phase, @Nullable NodeKeys keys) {
            long revision = netmap.revision().number() + 1;
            Rotation rotation = phase == null ? null : new Rotation(phase, NOW, new Revision(revision));
            int number = nodes.stream().map(node -> node.id).toList().indexOf(member.id()) + 1;
            List<Member> members = new ArrayList<>(netmap.members());
            members.set(number - 1, member(number, keys == null ? member.keys() : keys, rotation));
            netmap = netmap(revision, members);
        }
    }
}
