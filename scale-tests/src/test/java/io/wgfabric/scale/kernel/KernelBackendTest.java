package io.wgfabric.scale.kernel;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * The agent on a kernel that has WireGuard, in a virtual machine, which {@code src/kernel/vm} starts and
 * {@code src/kernel/story} fills with life: a manager and two peers, as processes in network namespaces.
 */
@Tag("kernel")
final class KernelBackendTest {
    /** Without KVM, on a machine that has other things to do as well, everything takes ten to twenty times as long. */
    private static final int LIMIT_SECONDS = Integer.getInteger("kernel.limit", 900);

    private static final int BUILD_SECONDS = 300;
    private static final String RESULT = "RESULT ";

    private static Path run(int seconds, String... command) throws IOException, InterruptedException {
        Path output = Path.of("target", "kernel.log");
        Process process = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectInput(new File("/dev/null"))
                .redirectOutput(output.toFile())
                .start();
        boolean ended = process.waitFor(seconds, TimeUnit.SECONDS);
        process.descendants().forEach(ProcessHandle::destroyForcibly);
        process.destroyForcibly();
        String words = String.join("\n", Files.readAllLines(output));
        assertTrue(ended, () -> command[0] + " did not end in " + seconds + " s: " + words);
        assertEquals(0, process.exitValue(), words);
        return output;
    }

    /** The results by their first word, each without it. */
    private static Map<String, List<String>> results(Path output) throws IOException {
        Map<String, List<String>> results = new TreeMap<>();
        for (String line : Files.readAllLines(output)) {
            int start = line.indexOf(RESULT);
            if (start >= 0) {
                String[] words = line.substring(start + RESULT.length()).strip().split(" ", 2);
                results.computeIfAbsent(words[0], name -> new ArrayList<>()).add(words.length > 1 ? words[1] : "");
            }
        }
        return results;
    }

    @Test
    void theAgentWorksOnTheKernelsWireGuard() throws IOException, InterruptedException {
        String fabric = Path.of("..", "fabric").toRealPath().toString();
        run(BUILD_SECONDS, fabric, "--version");
        Path output = run(
                LIMIT_SECONDS, Path.of("src", "kernel", "vm").toAbsolutePath().toString(), fabric);
        Map<String, List<String>> results = results(output);
        results.forEach((name, values) -> System.out.println("kernel: " + name + " " + values));
        String words = String.join("\n", Files.readAllLines(output));

        assertEquals(List.of("0"), results.get("status"), words);
        assertEquals(List.of("m1 1", "p1 1", "p2 1"), results.get("kind"), words);
        assertTrue(results.getOrDefault("backend", List.of("")).get(0).startsWith("kernel"), words);
        assertEquals(
                18, results.getOrDefault("mesh", List.of()).size(), "each to each, itself too, over both families");
        assertNothingLost(results.getOrDefault("rotation", List.of()), 4);
        assertNothingLost(results.getOrDefault("restart", List.of()), 2);
        assertEquals(List.of("p1"), results.get("same-interface"), words);
        assertEquals(List.of("p2"), results.get("key-was-there"), words);
        assertEquals(List.of("p2"), results.get("silent"), words);
        assertEquals(List.of("m1"), results.get("still-there"), words);
    }

    /** Each flow is its name, how many were sent and how many were lost. */
    private static void assertNothingLost(List<String> flows, int count) {
        assertEquals(count, flows.size());
        for (String flow : flows) {
            String[] words = flow.split(" ", -1);
            assertTrue(Integer.parseInt(words[1]) > 20, "there was traffic: " + flow);
            assertEquals("0", words[2], flow);
        }
    }
}
