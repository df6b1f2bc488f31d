package io.wgfabric.javalin.cli;

import java.util.logging.ConsoleHandler;
import java.util.logging.Handler;
import java.util.logging.Level;
import java.util.logging.LogRecord;
import java.util.logging.Logger;

/** Where log records go: standard error, one line each; libraries only when they warn. */
final class Logs {
    /** Held, so that their levels are not forgotten with them. */
    private static final Logger OURS = Logger.getLogger("io.wgfabric");

    /** Warns of what any client may do wrong, as often as it does; the metrics count that. */
    private static final Logger JAVALIN = Logger.getLogger("io.javalin");

    private Logs() {}

    /** @param level of our own records */
    static void configure(Level level, boolean traces) {
        Logger root = Logger.getLogger("");
        for (Handler handler : root.getHandlers()) {
            root.removeHandler(handler);
        }
        ConsoleHandler console = new ConsoleHandler();
        console.setLevel(Level.ALL);
        console.setFormatter(new LineFormatter(traces));
        console.setFilter(record -> traces || !isCommonplace(record));
        root.addHandler(console);
        root.setLevel(Level.WARNING);
        JAVALIN.setLevel(Level.SEVERE);
        OURS.setLevel(level);
    }

    /** Two managers that connect to each other at once close one connection, and one that stops closes all. */
    private static boolean isCommonplace(LogRecord record) {
        String name = record.getLoggerName();
        String message = record.getMessage();
        return name != null
                && name.startsWith("org.jgroups.")
                && message != null
                && (message.contains("failed sending graceful close") || message.contains("Socket is closed"));
    }
}
