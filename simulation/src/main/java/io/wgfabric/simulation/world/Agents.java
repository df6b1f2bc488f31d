package io.wgfabric.simulation.world;
import java.util.SplittableRandom;
final class Agents {
    void happen(World world, SplittableRandom dice) {}
    void round(World world, SplittableRandom dice) {}
    boolean areCurrent(World world) { return true; }
}
