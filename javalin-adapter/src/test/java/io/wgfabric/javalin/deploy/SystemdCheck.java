package io.wgfabric.javalin.deploy;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * What {@code systemd-analyze} says of the units. It is of Debian's package {@code systemd}, so it runs with
 * {@code -Poutside} alone; without the program it fails and says so.
 */
@Timeout(120)
class SystemdCheck {
    /** Tenths of what {@code deploy/systemd/README.md} says; 100 is a service with no limit at all. */
    private static final String EXPOSURE = "26";

    private static final Path FOLDER = Path.of("target", "systemd");

    /** The unit, with the command where it is in the sources, and with another line where a test wants it. */
    private static Path unit(String name, String line, String instead) throws IOException {
        String text = Files.readString(Path.of("..", "deploy", "systemd", name));
        assertTrue(text.contains("\n" + line + "\n"), name + " has no line " + line);
        Path launcher = Path.of("..", "fabric").toRealPath();
        return Files.writeString(
                Files.createDirectories(FOLDER).resolve(name),
                text.replace("\n" + line + "\n", "\n" + instead + "\n")
                        .replace("/usr/bin/fabric", launcher.toString()));
    }

    private record Said(int status, String text) {}

    private static Said analyze(String... arguments) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(List.of("systemd-analyze"));
        command.addAll(List.of(arguments));
        Path printed = FOLDER.resolve(arguments[0] + ".txt");
        Process process = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(printed.toFile())
                .start();
        boolean ended = process.waitFor(60, TimeUnit.SECONDS);
        process.destroyForcibly();
        assertTrue(ended, Files.readString(printed));
        return new Said(process.exitValue(), Files.readString(printed));
    }

    private static Said verify(Path unit) throws IOException, InterruptedException {
        return analyze("verify", "--man=no", "--recursive-errors=no", unit.toString());
    }

    private static int exposed(Path unit) throws IOException, InterruptedException {
        return analyze("security", "--no-pager", "--offline=true", "--threshold=" + EXPOSURE, unit.toString())
                .status();
    }

    @ParameterizedTest
    @ValueSource(strings = {"fabric-manager.service", "fabric-agent.service"})
    void unitIsValidAndExposedAsTheDocumentSays(String name) throws Exception {
        Path whole = unit(name, "KillMode=process", "KillMode=process");
        assertEquals(new Said(0, ""), verify(whole));
        assertEquals(0, exposed(whole), "more than " + EXPOSURE + " tenths");

        assertNotEquals(0, exposed(unit(name, "NoNewPrivileges=yes", "")), "each line counts");
        assertNotEquals(
                "", verify(unit(name, "KillMode=process", "KillMod=process")).text(), "a misspelt line is found");
    }
}
