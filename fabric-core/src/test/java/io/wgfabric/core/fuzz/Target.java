package io.wgfabric.core.fuzz;

import java.util.List;
import java.util.Random;

/**
 * Something that reads bytes of others.
 *
 * @param sound inputs that it accepts
 */
record Target(String name, List<byte[]> sound, Mutation mutation, Reader reader) {
    /** Reads an input; throws only what is not documented, and whatever shows that a rule was broken. */
    interface Reader {
        /** Whether it was accepted. */
        boolean accepts(byte[] input) throws Exception;
    }

    /** The damaged input of this number. */
    byte[] input(long seed) {
        Random random = new Random(name.hashCode() * 0x9e3779b97f4a7c15L + seed);
        byte[] one = sound.get(random.nextInt(sound.size()));
        byte[] other = sound.get(random.nextInt(sound.size()));
        return mutation.damage(random, one, other);
    }

    @Override
    public String toString() {
        return name;
    }
}
