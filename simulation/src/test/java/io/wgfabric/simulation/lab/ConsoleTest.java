package io.wgfabric.simulation.lab;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.wgfabric.simulation.netns.LabException;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import org.junit.jupiter.api.Test;

final class ConsoleTest {
    private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();

    private Console console(boolean live, boolean colour) {
        return new Console(new PrintStream(bytes, true, StandardCharsets.UTF_8), live, colour);
    }

    private String shown() {
        return bytes.toString(StandardCharsets.UTF_8);
    }

    @Test
    void withoutATerminalEachStepIsOnePlainLine() {
        Console console = console(false, false);
        console.begin("1 bootstrap");
        console.activity("m1 starts");
        console.end(Console.Mark.OK, Duration.ofMillis(1500), "m1 serves");
        assertEquals(
                "  ok     1 bootstrap                               1.50 s  m1 serves" + System.lineSeparator(),
                shown());
    }

    @Test
    void aTerminalShowsTheStepWhileItIsUnderWay() {
        Console console = console(true, true);
        console.begin("1 bootstrap");
        assertTrue(shown().startsWith("\r\u001b[K"), shown());
        assertTrue(shown().contains("1 bootstrap"), shown());
        console.end(Console.Mark.FAILED, Duration.ZERO, "");
        assertTrue(shown().contains("\u001b[1;31mFAILED\u001b[0m"), shown());
    }

    @Test
    void aMutedConsoleHasOnlyLastWords() {
        Console console = console(false, false);
        console.mute();
        console.begin("1 bootstrap");
        console.end(Console.Mark.FAILED, Duration.ZERO, "killed");
        console.line("a stack of excuses");
        console.lastWord("removed");
        assertEquals("removed" + System.lineSeparator(), shown());
    }

    @Test
    void aStepWithAFailedCheckIsMarkedAndTheStoryGoesOn() {
        Report report = new Report();
        Steps steps = new Steps(console(false, false), report);
        steps.step("1 rotation", () -> {
            report.check("nothing lost", false, "3 lost");
            return "3 lost";
        });
        steps.step("2 next", () -> "fine");
        assertTrue(shown().contains("FAILED 1 rotation"), shown());
        assertTrue(shown().contains("ok     2 next"), shown());
    }

    @Test
    void aStepThatCannotBeDoneEndsTheStory() {
        Report report = new Report();
        Steps steps = new Steps(console(false, false), report);
        assertThrows(
                LabException.class,
                () -> steps.step("1 bootstrap", () -> {
                    throw new LabException("m1 did not serve");
                }));
        assertEquals(1, report.failures());
        assertTrue(shown().contains("m1 did not serve"), shown());
        assertFalse(shown().contains("\u001b"), shown());
    }
}
