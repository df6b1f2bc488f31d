package io.wgfabric.simulation.world;

import java.util.SplittableRandom;
import java.util.ArrayDeque;

final class Fabric {
    private final Agents agents = new Agents();
    Fabric(RaftChecker raft, boolean whole) {}
    Agents agents() { return agents; }
    void submit(World world, SimulatedProcess process, SplittableRandom dice, ArrayDeque<Runnable> told) {}
    void ended(String member) {}
    void finish(World world) {}
}
