package io.wgfabric.javalin.rest;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * What {@code promtool} says of a manager's metrics and of the alerts. It needs Debian's package {@code prometheus}, so it
 * runs with {@code -Poutside} alone; without the program it fails and says so.
 */
@Timeout(120)
class PrometheusCheck {
    private static void promtool(Path input, String... arguments) throws IOException, InterruptedException {
        Path printed = Files.createDirectories(Path.of("target", "promtool")).resolve(arguments[1] + ".txt");
        List<String> command = new ArrayList<>(List.of(arguments));
        command.add(0, "promtool");
        Process process = new ProcessBuilder(command)
                .directory(MetricsTest.DEPLOY.resolve("prometheus").toFile())
                .redirectErrorStream(true)
                .redirectInput(input.toFile())
                .redirectOutput(printed.toFile())
                .start();
        boolean ended = process.waitFor(60, TimeUnit.SECONDS);
        process.destroyForcibly();
        String said = Files.readString(printed);
        assertTrue(ended, said);
        assertEquals(0, process.exitValue(), said);
    }

    @Test
    void metricsFollowTheRules() throws Exception {
        Path told = Files.createDirectories(Path.of("target", "promtool")).resolve("told.txt");
        try (LoneManager manager = LoneManager.start()) {
            Files.writeString(told, MetricsTest.scrape(manager), StandardCharsets.UTF_8);
        }
        promtool(told, "check", "metrics");
    }

    @Test
    void alertsAreSoundAndFireAndClear() throws Exception {
        Path nothing = Files.createTempFile("promtool", ".txt");
        try {
            promtool(nothing, "check", "rules", "alerts.yaml");
            promtool(nothing, "test", "rules", "alerts.test.yaml");
        } finally {
            Files.delete(nothing);
        }
    }
}
