package io.wgfabric.simulation.world;

/** A 64-bit hash over all that happened, in order: two runs of a seed must agree in it. */
final class Trace {
    private long hash = 0xcbf29ce484222325L;

    void add(long value) {
        hash = Long.rotateLeft((hash ^ value) * 0x9e3779b97f4a7c15L, 29);
    }

    void add(byte[] bytes) {
        add(bytes.length);
        int mixed = 1;
        for (byte each : bytes) {
            mixed = 31 * mixed + each;
        }
        add(mixed);
    }

    void add(String text) {
        add(text.hashCode()); // a string's hash is the same in every Java
    }

    long hash() {
        return hash;
    }
}
