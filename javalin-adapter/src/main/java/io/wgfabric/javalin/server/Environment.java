package io.wgfabric.javalin.server;

import java.time.InstantSource;
import java.util.function.Consumer;

/**
 * What a manager gets from the outside world.
 *
 * @param mesh used only if the settings want a tunnel
 * @param progress hears, in one line, what a long start is waiting for
 */
public record Environment(Replication replication, Mesh mesh, InstantSource clock, Consumer<String> progress) {}
