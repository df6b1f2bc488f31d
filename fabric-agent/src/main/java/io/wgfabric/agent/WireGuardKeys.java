package io.wgfabric.agent;

import io.wgfabric.agent.wireguard.ActualNetwork;
import io.wgfabric.agent.wireguard.PrivateKey;
import io.wgfabric.api.NodeKeys;
import io.wgfabric.api.Plane;
import io.wgfabric.api.PublicKey;
import io.wgfabric.core.netmap.Netmap;
import java.security.SecureRandom;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The node's private WireGuard keys: one for each plane, and the next one of a plane while it is being rotated. They
 * never leave this node. Immutable.
 *
 * @param nextMain made and stored before it is published, so that a crash in between loses nothing
 */
record WireGuardKeys(
        PrivateKey main,
        PrivateKey spare,
        @Nullable PrivateKey nextMain,
        @Nullable PrivateKey nextSpare) {

    static WireGuardKeys generate() {
        SecureRandom random = new SecureRandom();
        return new WireGuardKeys(PrivateKey.generate(random), PrivateKey.generate(random), null, null);
    }

    NodeKeys publicKeys() {
        return new NodeKeys(main.publicKey(), spare.publicKey());
    }

    Set<PublicKey> allPublic() {
        Set<PublicKey> all = new TreeSet<>();
        all.add(main.publicKey());
        all.add(spare.publicKey());
        if (nextMain != null) {
            all.add(nextMain.publicKey());
        }
        if (nextSpare != null) {
            all.add(nextSpare.publicKey());
        }
        return all;
    }

    PrivateKey current(Plane plane) {
        return plane == Plane.MAIN ? main : spare;
    }

    @Nullable PrivateKey next(Plane plane) {
        return plane == Plane.MAIN ? nextMain : nextSpare;
    }

    WireGuardKeys withNext(Plane plane, @Nullable PrivateKey key) {
        return plane == Plane.MAIN
                ? new WireGuardKeys(main, spare, key, nextSpare)
                : new WireGuardKeys(main, spare, nextMain, key);
    }

    /** The next key of the plane has become the current one. */
    WireGuardKeys promoted(Plane plane) {
        PrivateKey key = next(plane);
        if (key == null) {
            return this;
        }
        return plane == Plane.MAIN
                ? new WireGuardKeys(key, spare, null, nextSpare)
                : new WireGuardKeys(main, key, nextMain, null);
    }

    /**
     * The keys that follow. The next one of a plane is made when its phase has come; it becomes the current one once the
     * others know it, or goes if its phase is over before. The one that goes is kept as long as the interface has it: it
     * is what tells an agent that starts again that the interface is its own.
     *
     * @param self this node's entry in the newest configuration
     */
    WireGuardKeys turned(Netmap.Member self, ActualNetwork actual, Supplier<PrivateKey> fresh) {
        WireGuardKeys turned = this;
        for (Plane plane : Plane.values()) {
            PrivateKey key = next(plane);
            boolean rekeys = DesiredNetworks.phase(self) == DesiredNetworks.phaseThatRekeys(plane);
            if (key == null) {
                turned = rekeys ? turned.withNext(plane, fresh.get()) : turned;
            } else if (self.keys().on(plane).equals(key.publicKey())) {
                turned = has(actual, plane, current(plane)) ? turned : turned.promoted(plane);
            } else if (!rekeys && !has(actual, plane, key)) {
                turned = turned.withNext(plane, null);
            }
        }
        return turned;
    }

    private static boolean has(ActualNetwork actual, Plane plane, PrivateKey key) {
        int number = plane == Plane.MAIN ? ActualNetwork.MAIN : ActualNetwork.SPARE;
        return Objects.equals(actual.plane(number).publicKey(), key.publicKey());
    }

    @Override
    public String toString() {
        return "WireGuardKeys[" + publicKeys() + "]";
    }
}
