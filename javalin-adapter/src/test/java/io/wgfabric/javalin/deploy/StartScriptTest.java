package io.wgfabric.javalin.deploy;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What a container does at its start, {@code deploy/images/start}, with a command that says what it was asked. */
@Timeout(60)
class StartScriptTest {
    private static final Path START = Path.of("..", "deploy", "images", "start").toAbsolutePath();

    @TempDir
    private Path folder;

    @BeforeEach
    void makePrograms() throws IOException {
        Files.createDirectories(folder.resolve("data"));
        program("fabric", "echo \"fabric $* with ${FABRIC_TOKEN-no token}\"");
        // As any user but root, whose part is to become that user.
        program("id", "echo 7443");
    }

    private void program(String name, String does) throws IOException {
        Path file = folder.resolve(name);
        Files.writeString(file, "#!/bin/sh\n" + does + "\n");
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rwxr-xr-x"));
    }

    private Process start(String role, Map<String, String> variables) throws IOException {
        ProcessBuilder builder = new ProcessBuilder("/bin/sh", START.toString(), role);
        builder.environment().keySet().removeIf(name -> name.startsWith("FABRIC_"));
        builder.environment().put("PATH", folder + ":" + System.getenv("PATH"));
        builder.environment().put("FABRIC_DATA", folder.resolve("data").toString());
        builder.environment().putAll(variables);
        return builder.redirectErrorStream(true)
                .redirectOutput(folder.resolve("said").toFile())
                .start();
    }

    private String said() throws IOException {
        return Files.readString(folder.resolve("said")).strip();
    }

    private String said(String role, Map<String, String> variables) throws IOException, InterruptedException {
        Process process = start(role, variables);
        boolean ended = process.waitFor(20, TimeUnit.SECONDS);
        process.destroyForcibly();
        assertTrue(ended, "it waits: " + said());
        assertEquals(0, process.exitValue(), said());
        return said();
    }

    private Map<String, String> pod(String name) {
        return Map.of(
                "FABRIC_NAME",
                name,
                "FABRIC_FOUNDER",
                "m-0",
                "FABRIC_TOKEN_FILE",
                folder.resolve("token").toString());
    }

    @Test
    void managerWithoutTokenFounds() throws Exception {
        assertEquals("fabric server init --name m1 with no token", said("manager", Map.of("FABRIC_NAME", "m1")));
    }

    @Test
    void founderFoundsAndOthersWaitForTheirToken() throws Exception {
        assertEquals("fabric server init --name m-0 with no token", said("manager", pod("m-0")));

        Process other = start("manager", pod("m-1"));
        try {
            Awaitility.await().atMost(Duration.ofSeconds(10)).until(() -> said().contains("waits for a join token"));
            assertTrue(other.isAlive(), "it founds no second cluster");
            Path written = Files.writeString(folder.resolve("token.new"), "the-token\n");
            Files.move(written, folder.resolve("token"), StandardCopyOption.ATOMIC_MOVE);
            assertTrue(other.waitFor(20, TimeUnit.SECONDS), "it waits on");
        } finally {
            other.destroyForcibly();
        }
        assertTrue(said().endsWith("fabric server join --name m-1 with the-token"), said());
    }

    @Test
    void founderThatLostItsDataJoinsWhereThereIsToken() throws Exception {
        Files.writeString(folder.resolve("token"), "the-token\n");
        assertEquals("fabric server join --name m-0 with the-token", said("manager", pod("m-0")));
    }

    @Test
    void nodeWithDataRunsWithoutToken() throws Exception {
        Files.writeString(folder.resolve("data").resolve("settings.json"), "{}");
        assertEquals("fabric server run with no token", said("manager", pod("m-1")));
        Files.writeString(folder.resolve("data").resolve("node.json"), "{}");
        assertEquals(
                "fabric peer run with no token",
                said(
                        "agent",
                        Map.of("FABRIC_TOKEN_FILE", folder.resolve("token").toString())));
    }
}
