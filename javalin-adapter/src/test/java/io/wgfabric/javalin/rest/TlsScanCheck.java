package io.wgfabric.javalin.rest;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.wgfabric.core.codec.Json;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import tools.jackson.databind.JsonNode;

/**
 * What {@code testssl.sh} finds at a manager's REST interface. It needs Debian's package of that name and a minute, so it
 * runs only when it is named: {@code -Dtest=TlsScanCheck}; without the program it fails and says so.
 */
@Timeout(240)
class TlsScanCheck {
    private static final Set<String> ABOVE_LOW = Set.of("MEDIUM", "HIGH", "CRITICAL", "WARN", "FATAL");

    /** Findings that are meant to be so; docs/SECURITY.md says why. */
    private static final Set<String> EXPLAINED = Set.of("cert_chain_of_trust", "cert_trust", "cert_revocation");

    @Test
    void nothingAboveLowIsFoundThatIsNotExplained() throws Exception {
        Path folder = Files.createDirectories(Path.of("target", "testssl"));
        Path report = folder.resolve("report.json");
        Files.deleteIfExists(report);
        try (LoneManager manager = LoneManager.start()) {
            scan(folder, report, manager.port());
        }
        Map<String, String> findings = new TreeMap<>();
        Map<String, String> severities = new TreeMap<>();
        for (JsonNode each : Json.mapper().readTree(Files.readAllBytes(report))) {
            findings.put(each.path("id").asString(""), each.path("finding").asString(""));
            severities.put(each.path("id").asString(""), each.path("severity").asString(""));
        }

        assertTrue(findings.size() > 60, "a whole report, not " + findings);
        for (String old : Set.of("SSLv2", "SSLv3", "TLS1", "TLS1_1", "TLS1_2")) {
            assertTrue(findings.getOrDefault(old, "").startsWith("not offered"), old + ": " + findings.get(old));
        }
        assertTrue(findings.getOrDefault("TLS1_3", "").startsWith("offered"), findings.get("TLS1_3"));
        assertTrue(findings.getOrDefault("ALPN", "").contains("h2"), findings.get("ALPN"));
        Map<String, String> unexplained = new TreeMap<>();
        severities.forEach((id, severity) -> {
            boolean explained = EXPLAINED.stream().anyMatch(id::startsWith);
            if (ABOVE_LOW.contains(severity) && !explained) {
                unexplained.put(id, severity + ": " + findings.get(id));
            }
        });
        assertEquals(new TreeMap<>(), unexplained);
        Set<String> idle = new TreeSet<>(EXPLAINED);
        idle.removeIf(id -> severities.entrySet().stream()
                .anyMatch(found -> found.getKey().startsWith(id) && ABOVE_LOW.contains(found.getValue())));
        assertEquals(new TreeSet<>(), idle, "explained, but not found any more");
    }

    private static void scan(Path folder, Path report, int port) throws IOException, InterruptedException {
        Process process;
        try {
            process = new ProcessBuilder(
                            "testssl",
                            "--warnings=batch",
                            "--color=0",
                            "--ip=127.0.0.1",
                            "--jsonfile=" + report.toAbsolutePath(),
                            "127.0.0.1:" + port)
                    .redirectErrorStream(true)
                    .redirectOutput(folder.resolve("out.txt").toFile())
                    .start();
        } catch (IOException e) {
            throw new AssertionError("this check needs 'testssl', of Debian's package testssl.sh", e);
        }
        boolean ended = process.waitFor(200, TimeUnit.SECONDS);
        process.descendants().forEach(ProcessHandle::destroyForcibly);
        process.destroyForcibly();
        assertTrue(ended, "testssl ends in time; see " + folder.resolve("out.txt"));
    }
}
