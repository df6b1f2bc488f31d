package io.wgfabric.simulation.world;

import org.jspecify.annotations.Nullable;

/** Runs scenarios. Every run is on its own; threads may run as many as they like beside each other. */
public final class Simulation {
    private Simulation() {}

    /** Lets everything happen, then heals the world and waits until it has recovered. Never throws. */
    public static Run run(Scenario scenario) {
        World world = null;
        Throwable violation = null;
        int steps = 0;
        try {
            world = new World(scenario);
            Director director = new Director(world);
            for (Action action : scenario.actions()) {
                steps++;
                director.happen(action);
            }
            new Recovery(world).await();
        } catch (RuntimeException | StackOverflowError e) {
            violation = e;
        }
        return result(scenario, world, steps, violation);
    }

    private static Run result(Scenario scenario, @Nullable World world, int steps, @Nullable Throwable violation) {
        if (world == null) {
            return new Run(scenario.seed(), steps, 0, 0, 0, 0, 0, 0, 0, violation);
        }
        return new Run(
                scenario.seed(),
                steps,
                world.now(),
                world.raft().highest(),
                world.crashes(),
                world.raft().elections(),
                world.clients().changes(),
                world.clients().reads(),
                world.trace().hash(),
                violation);
    }
}
