package io.wgfabric.javalin.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CompletionTest {
    /** Sets what bash sets when somebody presses the tabulator key behind its arguments, and prints what is offered. */
    private static final String PRESS_TAB = """
            # Bash has it only while a key is pressed.
            compopt() { :; }
            source "$0"
            function=$(complete -p fabric | sed -n 's/.* -F \\([^ ]*\\) .*/\\1/p')
            COMP_WORDS=("$@")
            COMP_CWORD=$(($# - 1))
            COMP_LINE="$*"
            COMP_POINT=${#COMP_LINE}
            COMP_TYPE=9
            "$function"
            printf '%s\\n' "${COMPREPLY[@]}"
            """;

    @TempDir
    @SuppressWarnings("NullAway.Init")
    private Path folder;

    @SuppressWarnings("NullAway.Init")
    private Path script;

    @BeforeEach
    void write() throws IOException {
        Run run = Run.of("completion", "bash");
        assertEquals(0, run.exit(), run.err());
        script = Files.writeString(folder.resolve("fabric"), run.out());
    }

    private static String bash(String... arguments) throws Exception {
        String[] command = new String[arguments.length + 2];
        command[0] = "bash";
        command[1] = "--norc";
        System.arraycopy(arguments, 0, command, 2, arguments.length);
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        process.getOutputStream().close();
        String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertTrue(process.waitFor(60, TimeUnit.SECONDS));
        assertEquals(0, process.exitValue(), Arrays.toString(arguments) + ": " + said);
        return said;
    }

    private List<String> completed(String... words) throws Exception {
        String[] arguments = new String[words.length + 3];
        arguments[0] = "-c";
        arguments[1] = PRESS_TAB;
        arguments[2] = script.toString();
        System.arraycopy(words, 0, arguments, 3, words.length);
        return bash(arguments)
                .lines()
                .map(String::strip)
                .filter(word -> !word.isEmpty())
                .toList();
    }

    @Test
    void scriptIsWhatBashReads() throws Exception {
        assertEquals("", bash("-n", script.toString()));
    }

    @Test
    void commandsAreCompleted() throws Exception {
        assertEquals(List.of("node"), completed("fabric", "no"));
        assertEquals(
                List.of("rotate", "routes"),
                completed("fabric", "node", "ro").stream().sorted().toList());
        assertEquals(List.of("doctor"), completed("fabric", "doc"));
    }

    @Test
    void optionsAndTheirValuesAreCompleted() throws Exception {
        assertEquals(List.of("--watch"), completed("fabric", "status", "--wa"));
        assertEquals(
                List.of("json", "text"),
                completed("fabric", "peer", "run", "--log-format", "").stream()
                        .sorted()
                        .toList());
        assertEquals(
                List.of("json", "table", "wide", "yaml"),
                completed("fabric", "status", "-o", "").stream().sorted().toList());
    }

    @Test
    void zshGetsAScriptThatTurnsOnWhatItNeeds() {
        Run run = Run.of("completion", "zsh");

        assertEquals(0, run.exit(), run.err());
        assertTrue(run.out().contains("bashcompinit"));
        assertEquals(2, Run.of("completion", "fish").exit());
    }
}
