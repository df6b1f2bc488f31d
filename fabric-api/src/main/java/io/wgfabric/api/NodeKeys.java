package io.wgfabric.api;

import java.util.Objects;

/** A node's public keys, one for each plane; they differ. */
public record NodeKeys(PublicKey main, PublicKey spare) {

    public NodeKeys {
        Objects.requireNonNull(main);
        Objects.requireNonNull(spare);
        if (main.equals(spare)) {
            throw new IllegalArgumentException("the keys of the two planes must differ");
        }
    }

    public PublicKey on(Plane plane) {
        return plane == Plane.MAIN ? main : spare;
    }

    public NodeKeys with(Plane plane, PublicKey key) {
        return plane == Plane.MAIN ? new NodeKeys(key, spare) : new NodeKeys(main, key);
    }
}
