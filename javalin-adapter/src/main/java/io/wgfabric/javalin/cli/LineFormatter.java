package io.wgfabric.javalin.cli;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.time.temporal.ChronoUnit;
import java.util.Locale;
import java.util.logging.Formatter;
import java.util.logging.Level;
import java.util.logging.LogRecord;

/** One line for each record: time in UTC, level, message. */
final class LineFormatter extends Formatter {
    private final boolean traces;

    /** @param traces whether stack traces follow, on lines of their own */
    LineFormatter(boolean traces) {
        this.traces = traces;
    }

    @Override
    public String format(LogRecord record) {
        StringBuilder out = new StringBuilder(160)
                .append(DateTimeFormatter.ISO_INSTANT.format(
                        record.getInstant().atZone(ZoneOffset.UTC).truncatedTo(ChronoUnit.MILLIS)))
                .append(' ')
                .append(level(record.getLevel()))
                .append(' ')
                .append(formatMessage(record).replace('\n', ' '));
        Throwable thrown = record.getThrown();
        if (thrown != null && traces) {
            StringWriter trace = new StringWriter();
            thrown.printStackTrace(new PrintWriter(trace));
            out.append('\n').append(trace.toString().stripTrailing());
        } else if (thrown != null) {
            out.append(": ").append(OneLine.of(thrown));
        }
        return out.append(System.lineSeparator()).toString();
    }

    static String level(Level level) {
        if (level.equals(Level.FINE)) {
            return "DEBUG";
        }
        if (level.equals(Level.SEVERE)) {
            return "ERROR";
        }
        return level.equals(Level.WARNING) ? "WARN" : level.getName().toUpperCase(Locale.ROOT);
    }
}
