package io.wgfabric.agent;

import io.wgfabric.agent.wireguard.ActualNetwork;
import io.wgfabric.agent.wireguard.DesiredNetwork;
import io.wgfabric.agent.wireguard.DesiredPeer;
import io.wgfabric.agent.wireguard.PlaneKey;
import io.wgfabric.agent.wireguard.PrivateKey;
import io.wgfabric.api.Address;
import io.wgfabric.api.Endpoint;
import io.wgfabric.api.Plane;
import io.wgfabric.api.Prefix;
import io.wgfabric.api.Rotation;
import io.wgfabric.core.netmap.Netmap;
import io.wgfabric.core.netmap.Netmap.Member;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** What this node's interfaces shall be, from the configuration and its own keys. Pure. */
final class DesiredNetworks {
    /** Shorter than the 30 s for which the tightest NATs keep a UDP mapping. */
    private static final int KEEPALIVE_SECONDS = 25;

    private DesiredNetworks() {}

    /** @param self this node's own entry in the netmap */
    static DesiredNetwork of(Netmap netmap, Member self, WireGuardKeys keys) {
        boolean spare = preparesSpare(self) || netmap.members().stream().anyMatch(Member::usesSpare);
        return new DesiredNetwork(
                self.addresses(),
                netmap.pools(),
                netmap.mtu(),
                planeKey(self, keys, Plane.MAIN),
                spare ? planeKey(self, keys, Plane.SPARE) : null,
                netmap.members().stream()
                        .filter(other -> !other.id().equals(self.id()))
                        .map(other -> peer(self, other))
                        .toList());
    }

    /** The phase that rekeys a plane begins when all that are online have left it: who is there still catches up later. */
    private static PlaneKey planeKey(Member self, WireGuardKeys keys, Plane plane) {
        return new PlaneKey(
                key(self, keys, plane), self.endpoints().portOn(plane), phase(self) == phaseThatRekeys(plane));
    }

    /** The key that the others know, or the next one from the moment when nothing uses the plane. */
    private static PrivateKey key(Member self, WireGuardKeys keys, Plane plane) {
        PrivateKey next = keys.next(plane);
        if (next == null) {
            return keys.current(plane);
        }
        boolean published = self.keys().on(plane).equals(next.publicKey());
        return published || phaseThatRekeys(plane) == phase(self) ? next : keys.current(plane);
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

    private static DesiredPeer peer(Member self, Member other) {
        boolean pairUsesSpare = self.usesSpare() || other.usesSpare() || preparesSpare(self);
        boolean initiator = initiates(self, other);
        Set<Prefix> allowed = new TreeSet<>();
        for (Address address : other.addresses()) {
            allowed.add(address.toPrefix());
        }
        return new DesiredPeer(
                other.id().text(),
                allowed,
                phase(other) == phaseThatRekeys(Plane.MAIN) ? null : other.keys().main(),
                pairUsesSpare ? other.keys().spare() : null,
                self.isOut() || other.isOut() ? ActualNetwork.SPARE : ActualNetwork.MAIN,
                initiator,
                initiator ? endpoint(self, other, Plane.MAIN) : null,
                initiator ? endpoint(self, other, Plane.SPARE) : null,
                initiator ? KEEPALIVE_SECONDS : 0);
    }

    /**
     * Whether this node begins the handshakes of a pair; exactly one of the two does. A node that cannot be reached
     * must reach out itself. While one of the two rotates, the other one begins, since the rotating one has its plane
     * ready before it publishes the key. Else the one that joined later begins: the others hear of it while it still
     * makes its interface, and so are ready for its first try.
     */
    static boolean initiates(Member self, Member other) {
        boolean reachable = !self.endpoints().addresses().isEmpty();
        boolean otherReachable = !other.endpoints().addresses().isEmpty();
        if (reachable != otherReachable) {
            return otherReachable;
        }
        if (self.usesSpare() != other.usesSpare()) {
            return other.usesSpare();
        }
        int byAge = self.joined().compareTo(other.joined());
        return byAge != 0 ? byAge > 0 : self.id().compareTo(other.id()) > 0;
    }

    /** The other node's best address of a family that this one has too; null if there is none. */
    private static @Nullable Endpoint endpoint(Member self, Member other, Plane plane) {
        for (Address address : other.endpoints().addresses()) {
            boolean same = self.endpoints().addresses().isEmpty()
                    || self.endpoints().addresses().stream().anyMatch(own -> own.isV4() == address.isV4());
            if (same) {
                return new Endpoint(address, other.endpoints().portOn(plane));
            }
        }
        return null;
    }
}
