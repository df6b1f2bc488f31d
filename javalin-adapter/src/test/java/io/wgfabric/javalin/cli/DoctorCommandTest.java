package io.wgfabric.javalin.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.wgfabric.core.codec.Json;
import io.wgfabric.javalin.doctor.Finding;
import io.wgfabric.javalin.doctor.Finding.Result;
import io.wgfabric.javalin.server.TestCluster;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

class DoctorCommandTest {
    @TempDir
    @SuppressWarnings("NullAway.Init")
    private Path root;

    private Run run(String... more) {
        String[] all = new String[more.length + 3];
        all[0] = "doctor";
        all[1] = "--data";
        all[2] = root.resolve("m1").toString();
        System.arraycopy(more, 0, all, 3, more.length);
        return Run.of(all);
    }

    @Test
    void exitStatusSaysWhetherSomethingFailed() throws Exception {
        try (TestCluster cluster = new TestCluster(root)) {
            cluster.init("m1");

            Run healthy = run();
            assertEquals(0, healthy.exit(), healthy.out());
            assertTrue(healthy.out().endsWith("Nothing is wrong.\n"), healthy.out());

            Path key = root.resolve("m1/sealing.key");
            Files.setPosixFilePermissions(root.resolve("m1"), PosixFilePermissions.fromString("rwxr-xr-x"));
            Run warned = run();
            assertEquals(0, warned.exit(), "a warning is no failure");
            assertTrue(warned.out().endsWith("0 failed, 1 to look at.\n"), warned.out());

            Files.setPosixFilePermissions(key, PosixFilePermissions.fromString("rw----r--"));
            Run failed = run("-o", "json");
            assertEquals(1, failed.exit());
            JsonNode row = Json.mapper()
                    .readTree(failed.out())
                    .valueStream()
                    .filter(each -> each.path("result").asString().equals("failed"))
                    .findFirst()
                    .orElseThrow();
            assertEquals("rights", row.path("check").asString());
            assertEquals("others may read " + key, row.path("found").asString());
            assertEquals("chmod 600 " + key, row.path("mend").asString());
            assertEquals(2, run("--no-such-option").exit());
        }
    }

    @Test
    void tableFitsIntoEightyColumns() {
        List<Finding> findings = List.of(
                new Finding("certificate", Result.OK, "valid until 2026-03-08T00:00:00Z", ""),
                new Finding(
                        "state",
                        Result.FAILED,
                        "m1 has " + "a".repeat(200),
                        "replace it ".repeat(20).strip()));

        String text = DoctorCommand.text(findings);

        assertTrue(text.lines().allMatch(line -> line.length() <= 80), text);
        assertTrue(text.startsWith("CHECK         RESULT   WHAT TO DO\ncertificate   ok       valid until"), text);
        assertTrue(text.endsWith("\n\n1 failed, 0 to look at.\n"), text);
    }
}
