package io.wgfabric.api;

/** A node's public keys, one for each plane; they differ. */
public record NodeKeys(PublicKey main, PublicKey spare) {

    public NodeKeys {
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
