package io.wgfabric.javalin.server;

import java.io.ByteArrayOutputStream;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.logging.Formatter;
import java.util.logging.Handler;
import java.util.logging.Level;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import java.util.logging.SimpleFormatter;

/** All that is logged by anyone in this process, until it is closed. */
public final class CapturedLog extends Handler implements AutoCloseable {
    private static final int MAX_BYTES = 256 << 20;

    private static final Logger ROOT = Logger.getLogger("");

    /**
     * Louder than a manager can be made, whose libraries only warn; all else from {@code INFO} on. Jetty and the JDK's
     * HTTP client would show headers if they were made to tell more.
     */
    private static final Map<Logger, Level> LOUD = Map.of(
            Logger.getLogger("io.wgfabric"), Level.ALL,
            Logger.getLogger("io.javalin"), Level.ALL,
            Logger.getLogger("org.eclipse.jetty"), Level.INFO,
            Logger.getLogger("org.jgroups"), Level.ALL);

    private final Formatter messages = new SimpleFormatter();
    private final ByteArrayOutputStream text = new ByteArrayOutputStream();
    private final Map<Logger, Level> before = new HashMap<>();
    private final Level rootBefore = ROOT.getLevel();

    private CapturedLog() {
        setLevel(Level.ALL);
    }

    public static CapturedLog start() {
        CapturedLog log = new CapturedLog();
        ROOT.addHandler(log);
        ROOT.setLevel(Level.INFO);
        LOUD.forEach((logger, level) -> {
            log.before.put(logger, logger.getLevel());
            logger.setLevel(level);
        });
        return log;
    }

    @Override
    public synchronized void publish(LogRecord record) {
        StringWriter line = new StringWriter();
        line.append(record.getLoggerName()).append(' ').append(messages.formatMessage(record));
        if (record.getParameters() != null) {
            line.append(' ').append(Arrays.toString(record.getParameters()));
        }
        if (record.getThrown() != null) {
            record.getThrown().printStackTrace(new PrintWriter(line, true));
        }
        line.append('\n');
        if (text.size() > MAX_BYTES) {
            throw new IllegalStateException("more is logged than can be looked at");
        }
        text.writeBytes(line.toString().getBytes(StandardCharsets.UTF_8));
    }

    public synchronized byte[] text() {
        return text.toByteArray();
    }

    @Override
    public void flush() {}

    @Override
    public void close() {
        ROOT.removeHandler(this);
        ROOT.setLevel(rootBefore);
        before.forEach(Logger::setLevel);
    }
}
