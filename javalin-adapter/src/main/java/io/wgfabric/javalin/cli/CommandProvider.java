package io.wgfabric.javalin.cli;

/**
 * Adds a subcommand to {@code fabric} from another module, found by {@link java.util.ServiceLoader}.
 */
public interface CommandProvider {

    /** An object with picocli's {@code @Command}, its name in it. */
    Object command();
}
