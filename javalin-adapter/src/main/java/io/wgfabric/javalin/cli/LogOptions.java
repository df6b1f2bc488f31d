package io.wgfabric.javalin.cli;

import java.util.Locale;
import picocli.CommandLine.Option;

/** How a program that runs on writes its log. */
final class LogOptions {

    /** What a line of the log is. */
    enum LogFormat {
        TEXT,
        JSON;

        /** As users write it, and shells complete it. */
        @Override
        public String toString() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    @Option(
            names = "--log-format",
            paramLabel = "text|json",
            defaultValue = "${env:FABRIC_LOG_FORMAT:-text}",
            description = "A line of text, or a JSON object a line (env FABRIC_LOG_FORMAT); text if left out.")
    private LogFormat format = LogFormat.TEXT;

    /** From now on. */
    void apply() {
        if (format == LogFormat.JSON) {
            Logs.useJson();
        }
    }
}
