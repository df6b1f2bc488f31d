package io.wgfabric.javalin.server;

import io.wgfabric.core.state.Levels;
import java.time.InstantSource;
import java.util.function.Consumer;

/**
 * What a manager gets from the outside world.
 *
 * @param mesh used only if the settings want a tunnel
 * @param progress hears, in one line, what a long start is waiting for
 * @param level the highest cluster level that this software knows
 * @param passphrase of the file with the sealing key
 */
public record Environment(
        Replication replication,
        Mesh mesh,
        InstantSource clock,
        Consumer<String> progress,
        int level,
        Passphrase passphrase) {

    public Environment(Replication replication, Mesh mesh, InstantSource clock, Consumer<String> progress) {
        this(replication, mesh, clock, progress, Levels.NEWEST, Passphrase.NONE);
    }

    /** As older software would run. */
    Environment withLevel(int other) {
        return new Environment(replication, mesh, clock, progress, other, passphrase);
    }

    /** With a passphrase. */
    public Environment withPassphrase(Passphrase other) {
        return new Environment(replication, mesh, clock, progress, level, other);
    }
}
