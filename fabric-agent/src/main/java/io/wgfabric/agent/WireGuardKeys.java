package io.wgfabric.agent;

import io.wgfabric.agent.wireguard.PrivateKey;
import io.wgfabric.api.NodeKeys;
import io.wgfabric.api.Plane;
import io.wgfabric.api.PublicKey;
import java.security.SecureRandom;
import java.util.Set;
import java.util.TreeSet;
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

    @Override
    public String toString() {
        return "WireGuardKeys[" + publicKeys() + "]";
    }
}
