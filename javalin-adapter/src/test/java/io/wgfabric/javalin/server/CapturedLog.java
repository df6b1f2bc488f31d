package io.wgfabric.javalin.server;

import java.io.ByteArrayOutputStream;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.logging.Formatter;
import java.util.logging.Handler;
import java.util.logging.Level;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import java.util.logging.SimpleFormatter;

/** All that is logged by anyone in this process at any level, until it is closed. */
final class CapturedLog extends Handler {
    private static final int MAX_BYTES = 256 << 20;

    private static final Logger ROOT = Logger.getLogger("");

    /** Whose own levels would keep records from the root. */
    private static final List<Logger> LOUD = List.of(
            Logger.getLogger("io.wgfabric"),
            Logger.getLogger("io.javalin"),
            Logger.getLogger("org.eclipse.jetty"),
            Logger.getLogger("org.jgroups"));

    private final Formatter messages = new SimpleFormatter();
    private final ByteArrayOutputStream text = new ByteArrayOutputStream();
    private final List<Level> before = LOUD.stream()
            .map(logger -> logger.getLevel() == null ? Level.INFO : logger.getLevel())
            .toList();
    private final Level rootBefore = ROOT.getLevel();

    private CapturedLog() {
        setLevel(Level.ALL);
    }

    static CapturedLog start() {
        CapturedLog log = new CapturedLog();
        ROOT.addHandler(log);
        ROOT.setLevel(Level.ALL);
        LOUD.forEach(logger -> logger.setLevel(Level.ALL));
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

    synchronized byte[] text() {
        return text.toByteArray();
    }

    @Override
    public void flush() {}

    @Override
    public void close() {
        ROOT.removeHandler(this);
        ROOT.setLevel(rootBefore);
        for (int i = 0; i < LOUD.size(); i++) {
            LOUD.get(i).setLevel(before.get(i));
        }
    }
}
