package io.wgfabric.javalin.cli;

import picocli.CommandLine.Option;

/** How a program that runs on writes its log. */
final class LogOptions {

    /** What a line of the log is. */
    enum LogFormat {
        TEXT,
        JSON
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
