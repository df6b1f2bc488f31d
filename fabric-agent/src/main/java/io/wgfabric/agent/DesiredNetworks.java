package io.wgfabric.agent;

import io.wgfabric.agent.paths.Candidate;
import io.wgfabric.agent.paths.Echo;
import io.wgfabric.agent.paths.Path;
import io.wgfabric.agent.paths.Paths;
import io.wgfabric.agent.wireguard.ActualNetwork;
import io.wgfabric.agent.wireguard.ActualPlane;
import io.wgfabric.agent.wireguard.DesiredNetwork;
import io.wgfabric.agent.wireguard.DesiredPeer;
import io.wgfabric.agent.wireguard.Forwarding;
import io.wgfabric.agent.wireguard.PlaneKey;
import io.wgfabric.agent.wireguard.PresharedKey;
import io.wgfabric.agent.wireguard.PrivateKey;
import io.wgfabric.api.NodeId;
import io.wgfabric.api.Plane;
import io.wgfabric.api.Prefix;
import io.wgfabric.api.Rotation;
import io.wgfabric.core.netmap.Netmap;
import io.wgfabric.core.netmap.Netmap.Member;
import io.wgfabric.core.wire.PresharedKeyRequest.Pair;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** What this node's interfaces shall be, from the configuration and its own keys. Pure. */
final class DesiredNetworks {
    private DesiredNetworks() {}

    /**
     * What a node knows beside its configuration and its keys.
     *
     * @param paths to every other node
     * @param hub {@link Paths#hub}
     * @param mtu of the interfaces
     * @param attached the networks that this machine is in by other interfaces: they are not reached through a node
     * @param exit the node that carries what this machine sends to the internet; null for none
     * @param preshared the pre-shared keys of pairs, as far as they are known
     */
    record Surroundings(
            Map<NodeId, Path> paths,
            @Nullable NodeId hub,
            int mtu,
            Collection<Prefix> attached,
            @Nullable NodeId exit,
            Function<Pair, @Nullable PresharedKey> preshared) {

        boolean isAttached(Prefix route) {
            return attached.stream().anyMatch(own -> holds(own, route));
        }
    }

    /** The same as long as nothing is known of the pairs: each as it begins. */
    static DesiredNetwork of(Netmap netmap, Member self, WireGuardKeys keys) {
        ActualNetwork nothing = new ActualNetwork(ActualPlane.absent(), ActualPlane.absent());
        Paths paths = new Paths();
        Map<NodeId, Path> first = paths.decide(netmap, self, nothing, node -> Echo.NONE, Instant.EPOCH);
        return of(
                netmap, self, keys, new Surroundings(first, paths.hub(), netmap.mtu(), List.of(), null, pair -> null));
    }

    /**
     * What the interfaces shall be.
     *
     * @param self this node's own entry in the netmap
     * @param around what else the node knows
     */
    static DesiredNetwork of(Netmap netmap, Member self, WireGuardKeys keys, Surroundings around) {
        boolean spare = preparesSpare(self) || netmap.members().stream().anyMatch(Member::usesSpare);
        Map<NodeId, Set<Prefix>> carried = carried(netmap, self, around);
        List<Prefix> routed = new ArrayList<>(netmap.pools());
        routed.addAll(beyond(netmap, self, around));
        List<DesiredPeer> peers = new ArrayList<>();
        for (Member other : netmap.members()) {
            Path path = around.paths().get(other.id());
            if (path != null) {
                routed.addAll(behind(other, path, around));
            }
            Path.Direct direct = path instanceof Path.Relayed relayed ? relayed.attempt() : (Path.Direct) path;
            if (direct != null) {
                Set<Prefix> allowed = carried.getOrDefault(other.id(), Set.of());
                peers.add(peer(
                        self,
                        other,
                        direct,
                        allowed,
                        plane -> preshared(self, other, plane, keys, around.preshared())));
            }
        }
        return new DesiredNetwork(
                self.addresses(),
                routed,
                around.mtu(),
                planeKey(self, keys, Plane.MAIN),
                spare ? planeKey(self, keys, Plane.SPARE) : null,
                peers);
    }

    /**
     * What each node's entry carries: its own addresses and the networks behind it if it is reached directly, and those of
     * the nodes that it forwards to. The hub of a spoke carries the pools, and the networks behind other spokes.
     */
    private static Map<NodeId, Set<Prefix>> carried(Netmap netmap, Member self, Surroundings around) {
        Map<NodeId, Set<Prefix>> carried = new HashMap<>();
        if (around.hub() != null) {
            Set<Prefix> prefixes = carried.computeIfAbsent(around.hub(), id -> new TreeSet<>());
            prefixes.addAll(netmap.pools());
            prefixes.addAll(beyond(netmap, self, around));
        }
        for (Member other : netmap.members()) {
            Path path = around.paths().get(other.id());
            if (path == null) {
                continue;
            }
            NodeId by = path instanceof Path.Relayed relayed ? relayed.via() : other.id();
            Set<Prefix> prefixes = carried.computeIfAbsent(by, id -> new TreeSet<>());
            prefixes.addAll(behind(other, path, around));
            if (around.hub() == null || other.isHub()) {
                other.addresses().forEach(address -> prefixes.add(address.toPrefix()));
            }
        }
        return carried;
    }

    /**
     * The networks behind a node that are reached through it. The internet is so through the chosen exit node alone, and
     * not through a relay, whose own way there is another one.
     */
    private static List<Prefix> behind(Member member, Path path, Surroundings around) {
        boolean leadsOut = member.id().equals(around.exit()) && path instanceof Path.Direct;
        return routes(member).stream()
                .filter(route -> route.length() == 0 ? leadsOut : !around.isAttached(route))
                .toList();
    }

    /** The networks behind nodes that a spoke is not told of, its own left out. */
    private static List<Prefix> beyond(Netmap netmap, Member self, Surroundings around) {
        return netmap.routesBeyondHubs().stream()
                .filter(route -> !routes(self).contains(route) && !around.isAttached(route))
                .toList();
    }

    /** What this node forwards: between others, and to the networks behind it. */
    static Forwarding.Duty forwarding(Netmap netmap, Member self) {
        boolean relays = Paths.forwards(self);
        List<Prefix> others = netmap.members().stream()
                .filter(other -> relays && !other.id().equals(self.id()))
                .flatMap(other -> routes(other).stream())
                .filter(network -> network.length() > 0)
                .toList();
        return new Forwarding.Duty(relays, netmap.pools(), routes(self), others);
    }

    /** Whether a node leads others to the internet. */
    static boolean isExit(Member member) {
        return routes(member).stream().anyMatch(network -> network.length() == 0);
    }

    private static List<Prefix> routes(Member member) {
        return member.routes() == null ? List.of() : member.routes();
    }

    private static boolean holds(Prefix whole, Prefix part) {
        return whole.length() <= part.length() && whole.contains(part.address());
    }

    /** The phases in which a plane gets its key begin when all that are online have left it: the rest catch up later. */
    private static PlaneKey planeKey(Member self, WireGuardKeys keys, Plane plane) {
        Rotation.Phase turns = plane == Plane.MAIN ? Rotation.Phase.MOVE_BACK : Rotation.Phase.REKEY_SPARE;
        return new PlaneKey(key(self, keys, plane), self.endpoints().portOn(plane), phase(self) == turns);
    }

    /**
     * The key that the others know. The spare plane has its next one before they do, since nothing is there yet. The main
     * plane has not: its sessions would end with its key, and if the rotation were given up then, the others would move
     * back to sessions that look alive to them.
     */
    private static PrivateKey key(Member self, WireGuardKeys keys, Plane plane) {
        PrivateKey next = keys.next(plane);
        if (next == null) {
            return keys.current(plane);
        }
        boolean published = self.keys().on(plane).equals(next.publicKey());
        boolean idle = plane == Plane.SPARE && phase(self) == Rotation.Phase.REKEY_SPARE;
        return published || idle ? next : keys.current(plane);
    }

    static Rotation.Phase phaseThatRekeys(Plane plane) {
        return plane == Plane.MAIN ? Rotation.Phase.REKEY_MAIN : Rotation.Phase.REKEY_SPARE;
    }

    static Rotation.@Nullable Phase phase(Member self) {
        return self.rotation() == null ? null : self.rotation().phase();
    }

    /** Whether others use a key of this node that it has not, and no rotation is under way that would end this. */
    static boolean lacksKeys(Member self, WireGuardKeys keys) {
        return self.rotation() == null
                && !keys.allPublic()
                        .containsAll(Set.of(self.keys().main(), self.keys().spare()));
    }

    /** The rotating node has its spare plane ready before the others hear of its key, so that the first try succeeds. */
    private static boolean preparesSpare(Member self) {
        Rotation.Phase phase = phase(self);
        return phase == Rotation.Phase.REKEY_SPARE || phase == Rotation.Phase.READY;
    }

    /** Null as long as it is not known, as with a key of this node that the others do not know: it has no generation yet. */
    private static @Nullable PresharedKey preshared(
            Member self, Member other, Plane plane, WireGuardKeys keys, Function<Pair, @Nullable PresharedKey> known) {
        Pair pair = PairKeys.pair(self, other, plane);
        if (pair.generation() == 0) {
            return PresharedKey.NONE;
        }
        return key(self, keys, plane).publicKey().equals(pair.own()) ? known.apply(pair) : null;
    }

    private static DesiredPeer peer(
            Member self,
            Member other,
            Path.Direct path,
            Set<Prefix> allowed,
            Function<Plane, @Nullable PresharedKey> preshared) {
        boolean pairUsesSpare = self.usesSpare() || other.usesSpare() || preparesSpare(self);
        Candidate candidate = path.candidate();
        return new DesiredPeer(
                other.id().text(),
                allowed,
                other.keys().main(),
                pairUsesSpare ? other.keys().spare() : null,
                self.isOut() || other.isOut() ? ActualNetwork.SPARE : ActualNetwork.MAIN,
                path.initiator(),
                candidate == null ? null : candidate.main(),
                candidate == null ? null : candidate.spare(),
                path.keepaliveSeconds(),
                preshared.apply(Plane.MAIN),
                preshared.apply(Plane.SPARE));
    }
}
