package io.wgfabric.api;

/**
 * Whether pairs of nodes get pre-shared keys. Each is derived from a secret of the cluster, which are numbered by
 * generations: a WireGuard key carries the generation that was in force when it was published, and a pair has a
 * pre-shared key of the lower one of its two ends. So both ends know which it is, and switching cuts no pair.
 *
 * @param generation of the newest secret; 0 as long as there was none. It only grows
 * @param on whether that generation is in force
 */
public record PresharedKeys(int generation, boolean on) {
    /** Of a cluster that never had any. */
    public static final PresharedKeys NEVER = new PresharedKeys(0, false);

    public PresharedKeys {
        if (generation < 0 || (on && generation == 0)) {
            throw new IllegalArgumentException("the generations of pre-shared keys are counted from 1");
        }
    }

    /** What a key gets that is published now; 0 for none. */
    public int inForce() {
        return on ? generation : 0;
    }
}
