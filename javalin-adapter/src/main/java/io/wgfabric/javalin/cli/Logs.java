package io.wgfabric.javalin.cli;

import io.wgfabric.api.RequestId;
import java.io.PrintWriter;
import java.util.logging.ConsoleHandler;
import java.util.logging.Handler;
import java.util.logging.Level;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import org.jspecify.annotations.Nullable;

/** Where log records go: standard error, one line each; libraries only when they warn. */
final class Logs {
    /** Held, so that their levels are not forgotten with them. */
    private static final Logger OURS = Logger.getLogger("io.wgfabric");

    /** Warns of what any client may do wrong, as often as it does; the metrics count that. */
    private static final Logger JAVALIN = Logger.getLogger("io.javalin");

    private static final ConsoleHandler CONSOLE = new ConsoleHandler();

    private static volatile boolean json;
    private static volatile boolean withTraces;

    private Logs() {}

    /** @param level of our own records */
    static void configure(Level level, boolean traces) {
        Logger root = Logger.getLogger("");
        for (Handler handler : root.getHandlers()) {
            root.removeHandler(handler);
        }
        json = false;
        withTraces = traces;
        CONSOLE.setLevel(Level.ALL);
        CONSOLE.setFormatter(new LineFormatter(traces));
        CONSOLE.setFilter(record -> traces || !isCommonplace(record));
        root.addHandler(CONSOLE);
        root.setLevel(Level.WARNING);
        JAVALIN.setLevel(Level.SEVERE);
        OURS.setLevel(level);
    }

    /** From now on each record is a JSON object, and so is what a command says on standard error. */
    static void useJson() {
        CONSOLE.setFormatter(new JsonFormatter(withTraces));
        json = true;
    }

    /**
     * Says a line on standard error, as a record where these are JSON.
     *
     * @param prefix of the line where it is text
     * @param request what it is about, if that is known
     */
    static void say(PrintWriter err, Level level, String prefix, String line, @Nullable RequestId request) {
        if (json) {
            // The line is no pattern, whatever stands in it.
            OURS.log(level, "{0}", new Object[] {line, request});
        } else {
            err.println(prefix + line);
            err.flush();
        }
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
