package io.wgfabric.simulation;

import io.wgfabric.javalin.cli.CommandProvider;
import io.wgfabric.simulation.lab.LabCommand;

/** Adds {@code lab} to the {@code fabric} command. */
public final class LabCommands implements CommandProvider {
    @Override
    public Object command() {
        return new LabCommand();
    }
}
