package io.wgfabric.simulation.world;

/** Counts what a process does to the world, and ends it at the n-th time: before a write, a sync, a message. */
final class Fuse {
    private int left;

    void set(int count) {
        left = count;
    }

    void burn() {
        if (left > 0 && --left == 0) {
            throw new Crash();
        }
    }
}
