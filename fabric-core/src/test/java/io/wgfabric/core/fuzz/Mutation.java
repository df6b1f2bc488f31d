package io.wgfabric.core.fuzz;

import java.util.Random;

/** Makes a damaged copy of a sound input; the same random numbers make the same copy. */
interface Mutation {
    /** No damaged input is larger, in bytes; a little more than the largest body of a request. */
    int MAX_BYTES = 80_000;

    /** @param other another sound input of the same kind, to take parts from */
    byte[] damage(Random random, byte[] sound, byte[] other);

    /** One of several, each as likely as it stands there. */
    static Mutation oneOf(Mutation... mutations) {
        return (random, sound, other) -> mutations[random.nextInt(mutations.length)].damage(random, sound, other);
    }

    /** This one up to four times over. */
    default Mutation repeated() {
        return (random, sound, other) -> {
            byte[] damaged = sound;
            for (int i = random.nextInt(4); i >= 0; i--) {
                damaged = damage(random, damaged, other);
            }
            return damaged;
        };
    }
}
