package io.wgfabric.javalin.rest;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.wgfabric.core.codec.Json;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import tools.jackson.databind.JsonNode;

/**
 * What {@code testssl.sh} finds at a manager's REST interface. It needs Debian's package of that name and a minute or
 * two, so it runs with {@code -Poutside} alone; without the program it fails and says so.
 */
@Timeout(780)
class TlsScanCheck {
    private static final Set<String> ABOVE_LOW = Set.of("MEDIUM", "HIGH", "CRITICAL", "WARN", "FATAL");

    /** A row of the table of findings that are meant to be so. */
    private static final Pattern EXPLAINED = Pattern.compile("(?m)^\\| `(\\w+)` \\| \\S.*\\|$");

    /** What the scanner misses at itself, on machines where it misses it. */
    private static final String OF_THE_SCANNER = "engine_problem";

    /** How often it scans until each of its own connections came about: one that did not has found nothing out. */
    private static final int SCANS = 3;

    private record Finding(String id, String severity, String finding) {
        boolean isNone() {
            return finding.contains("because of connect problem");
        }
    }

    @Test
    void nothingAboveLowIsFoundThatIsNotExplained() throws Exception {
        List<Finding> findings = scan();
        for (int scan = 1; scan < SCANS && findings.stream().anyMatch(Finding::isNone); scan++) {
            findings = scan();
        }
        assertTrue(findings.size() > 100, "a whole report, not " + findings);
        for (String old : List.of("SSLv2", "SSLv3", "TLS1", "TLS1_1", "TLS1_2")) {
            assertFound(findings, old, "not offered");
        }
        assertFound(findings, "TLS1_3", "offered");
        assertFound(findings, "ALPN_HTTP2", "h2");

        Map<String, String> found = new TreeMap<>();
        for (Finding each : findings) {
            if (ABOVE_LOW.contains(each.severity()) && !each.id().equals(OF_THE_SCANNER)) {
                found.put(each.id(), each.finding());
            }
        }
        assertEquals(explained(), found.keySet(), "explained in docs/SECURITY.md, and found: " + found);
    }

    private static List<Finding> scan() throws Exception {
        Path folder = Files.createDirectories(Path.of("target", "testssl"));
        Path report = folder.resolve("report.json");
        Files.deleteIfExists(report);
        try (LoneManager manager = LoneManager.start()) {
            scan(folder, report, manager.port());
        }
        List<Finding> findings = new ArrayList<>();
        for (JsonNode each : Json.mapper().readTree(Files.readAllBytes(report))) {
            findings.add(new Finding(
                    each.path("id").asString(""),
                    each.path("severity").asString(""),
                    each.path("finding").asString("")));
        }
        return findings;
    }

    private static void assertFound(List<Finding> findings, String id, String begin) {
        assertTrue(
                findings.stream().anyMatch(f -> f.id().equals(id) && f.finding().startsWith(begin)),
                id + " is not '" + begin + "'");
    }

    private static Set<String> explained() throws IOException {
        String security = Files.readString(Path.of("..", "docs", "SECURITY.md"));
        Set<String> ids = new TreeSet<>();
        EXPLAINED
                .matcher(security.substring(security.indexOf("testssl.sh")))
                .results()
                .forEach(row -> ids.add(row.group(1)));
        return ids;
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
        boolean ended = process.waitFor(240, TimeUnit.SECONDS);
        process.descendants().forEach(ProcessHandle::destroyForcibly);
        process.destroyForcibly();
        assertTrue(ended, "testssl ends in time; see " + folder.resolve("out.txt"));
    }
}
