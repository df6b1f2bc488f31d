package io.wgfabric.simulation.lab;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class KeyHuntTest {
    private static final int CHUNK = 1 << 16;

    private final byte[] key = new byte[32];
    private final KeyHunt hunt = new KeyHunt();

    @TempDir
    @SuppressWarnings("NullAway.Init")
    private Path folder;

    KeyHuntTest() {
        new Random(7).nextBytes(key);
        hunt.want("p1", key);
    }

    @Test
    void aKeyIsFoundWhereverItLiesInAFile() throws IOException {
        for (int at : new int[] {0, 5, CHUNK - 32, CHUNK - 31, CHUNK - 1, CHUNK, 2 * CHUNK - 16}) {
            byte[] content = new byte[2 * CHUNK + 40];
            System.arraycopy(key, 0, content, at, key.length);
            Path file = folder.resolve("at-" + at);
            Files.write(file, content);
            assertEquals(Set.of("p1"), hunt.inFiles(file), "at " + at);
            content[at + 31] ^= 1;
            Files.write(file, content);
            assertEquals(Set.of(), hunt.inFiles(file), "nearly, at " + at);
        }
    }

    @Test
    void allFilesOfAFolderAreSearched() throws IOException {
        Files.createDirectories(folder.resolve("deep/er"));
        Files.write(folder.resolve("deep/er/file"), key);
        assertEquals(Set.of("p1"), hunt.inFiles(folder));
        assertEquals(Set.of(), hunt.inFiles(folder.resolve("missing")));
    }

    @Test
    void theMemoryOfAnotherProcessIsSearched() throws Exception {
        String secret = "a secret that only the other process holds";
        KeyHunt inMemory = new KeyHunt();
        inMemory.want("other", secret.getBytes(StandardCharsets.US_ASCII));
        inMemory.want("nobody", "what nobody holds at all".getBytes(StandardCharsets.US_ASCII));
        ProcessBuilder builder = new ProcessBuilder("sh", "-c", "echo ready; read line; echo $HELD$line");
        builder.environment().put("HELD", secret);
        Process other = builder.start();
        try {
            assertEquals("ready", other.inputReader().readLine());
            Assumptions.assumeTrue(
                    Files.isReadable(Path.of("/proc/" + other.pid() + "/mem")), "skipped: memory may not be read here");
            assertEquals(Set.of("other"), inMemory.inMemory(other.pid()));
        } finally {
            other.destroyForcibly().waitFor();
        }
        assertThrows(IOException.class, () -> inMemory.inMemory(other.pid()));
    }

    @Test
    void tooFewBytesAreNotLookedFor() {
        assertThrows(IllegalArgumentException.class, () -> hunt.want("short", new byte[3]));
    }
}
