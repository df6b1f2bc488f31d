package io.wgfabric.api;

import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A node's public keys, one for each plane; they differ.
 *
 * @param mainGeneration of the pre-shared keys of pairs on the main plane, see {@link PresharedKeys}; absent for none
 * @param spareGeneration the same of the spare plane
 */
public record NodeKeys(
        PublicKey main,
        PublicKey spare,
        @Nullable Integer mainGeneration,
        @Nullable Integer spareGeneration) {

    public NodeKeys {
        Objects.requireNonNull(main);
        Objects.requireNonNull(spare);
        if (main.equals(spare)) {
            throw new IllegalArgumentException("the keys of the two planes must differ");
        }
        if ((mainGeneration != null && mainGeneration < 1) || (spareGeneration != null && spareGeneration < 1)) {
            throw new IllegalArgumentException("the generations of pre-shared keys are counted from 1");
        }
    }

    /** Of a node whose pairs have no pre-shared keys. */
    public NodeKeys(PublicKey main, PublicKey spare) {
        this(main, spare, null, null);
    }

    public PublicKey on(Plane plane) {
        return plane == Plane.MAIN ? main : spare;
    }

    /** Of the pre-shared keys; 0 for none. */
    public int generation(Plane plane) {
        Integer generation = plane == Plane.MAIN ? mainGeneration : spareGeneration;
        return generation == null ? 0 : generation;
    }

    /** @param generation that its pairs on this plane have from now on; 0 for none */
    public NodeKeys with(Plane plane, PublicKey key, int generation) {
        Integer told = told(generation);
        return plane == Plane.MAIN
                ? new NodeKeys(key, spare, told, spareGeneration)
                : new NodeKeys(main, key, mainGeneration, told);
    }

    /** The same keys, both of this generation; 0 for none. */
    public NodeKeys of(int generation) {
        return new NodeKeys(main, spare, told(generation), told(generation));
    }

    private static @Nullable Integer told(int generation) {
        return generation == 0 ? null : generation;
    }
}
