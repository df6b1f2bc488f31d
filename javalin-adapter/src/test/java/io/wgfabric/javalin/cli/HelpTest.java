package io.wgfabric.javalin.cli;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.ResourceLock;
import org.junit.jupiter.api.parallel.Resources;
import picocli.CommandLine;
import picocli.CommandLine.Help.Ansi;

class HelpTest {
    private static List<CommandLine> all(CommandLine from) {
        List<CommandLine> found = new ArrayList<>(List.of(from));
        from.getSubcommands().values().stream().distinct().forEach(child -> found.addAll(all(child)));
        return found;
    }

    @Test
    void everyCommandHasAnExampleOfItself() {
        List<CommandLine> commands = all(FabricCommand.commandLine());

        assertTrue(commands.size() > 40, commands.size() + " commands");
        for (CommandLine command : commands) {
            String name = command.getCommandSpec().qualifiedName();
            String help = command.getUsageMessage(Ansi.OFF);
            int at = help.indexOf("\nExamples:\n");
            assertTrue(at > 0, name + " has no examples");
            assertTrue(help.indexOf(name + " ", at) > 0 || help.indexOf(name + "\n", at) > 0, help);
        }
    }

    @Test
    @ResourceLock(Resources.SYSTEM_PROPERTIES)
    void helpIsColouredOnATerminalAlone() {
        assertFalse(Run.of("--help").out().contains("\u001b"));
        Assumptions.assumeTrue(Colour.isOn(true, System.getenv("NO_COLOR"), System.getenv("TERM")));
        System.setProperty("fabric.terminal", "true");
        try {
            assertTrue(Run.of("--help").out().contains("\u001b"));
        } finally {
            System.clearProperty("fabric.terminal");
        }
    }

    @Test
    void helpFitsIntoEightyColumns() {
        for (CommandLine command : all(FabricCommand.commandLine())) {
            for (String line : command.getUsageMessage(Ansi.OFF).lines().toList()) {
                assertTrue(line.length() <= 80, command.getCommandSpec().qualifiedName() + ": " + line);
            }
            // One that is too long would have been broken in the middle.
            for (String line : command.getCommandSpec().usageMessage().footer()) {
                assertTrue(line.length() <= 80, line);
            }
        }
    }
}
