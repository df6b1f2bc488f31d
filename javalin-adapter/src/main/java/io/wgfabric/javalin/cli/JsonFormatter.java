package io.wgfabric.javalin.cli;

import io.wgfabric.api.RequestId;
import io.wgfabric.core.codec.Json;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.time.temporal.ChronoUnit;
import java.util.logging.Formatter;
import java.util.logging.LogRecord;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.ObjectNode;

/**
 * One JSON object a line for each record: {@code time} in UTC, {@code level}, {@code logger}, {@code message}; where there
 * are, {@code request}, which is a {@link RequestId} among the record's parameters, {@code error} and {@code trace}.
 */
final class JsonFormatter extends Formatter {
    private final boolean traces;

    JsonFormatter(boolean traces) {
        this.traces = traces;
    }

    @Override
    public String format(LogRecord record) {
        ObjectNode line = Json.mapper()
                .createObjectNode()
                .put("time", record.getInstant().truncatedTo(ChronoUnit.MILLIS).toString())
                .put("level", LineFormatter.level(record.getLevel()))
                .put("logger", record.getLoggerName())
                .put("message", formatMessage(record));
        RequestId request = request(record.getParameters());
        if (request != null) {
            line.put("request", request.text());
        }
        Throwable thrown = record.getThrown();
        if (thrown != null) {
            line.put("error", OneLine.of(thrown));
            if (traces) {
                StringWriter trace = new StringWriter();
                thrown.printStackTrace(new PrintWriter(trace));
                line.put("trace", trace.toString());
            }
        }
        return Json.mapper().writeValueAsString(line) + "\n";
    }

    private static @Nullable RequestId request(Object @Nullable [] parameters) {
        for (Object parameter : parameters == null ? new Object[0] : parameters) {
            if (parameter instanceof RequestId request) {
                return request;
            }
        }
        return null;
    }
}
