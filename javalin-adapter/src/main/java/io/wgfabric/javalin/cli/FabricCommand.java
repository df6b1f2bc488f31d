package io.wgfabric.javalin.cli;

import io.wgfabric.agent.ControlException;
import io.wgfabric.api.RequestId;
import io.wgfabric.javalin.Version;
import java.io.PrintWriter;
import java.util.ServiceLoader;
import java.util.logging.Level;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Help;
import picocli.CommandLine.Help.Ansi;
import picocli.CommandLine.IVersionProvider;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ScopeType;

/** The {@code fabric} command. Exit status: 0 done, 1 refused or failed, 2 wrong usage. */
@Command(
        name = "fabric",
        mixinStandardHelpOptions = true,
        versionProvider = FabricCommand.VersionText.class,
        scope = ScopeType.INHERIT,
        sortOptions = false,
        usageHelpAutoWidth = true,
        synopsisSubcommandLabel = "COMMAND",
        description =
                "A WireGuard network that manages itself: replicated managers, join tokens, signed configuration.")
public final class FabricCommand {

    /** Before each error for people. */
    static final String PREFIX = "fabric: ";

    private static final String[] EXAMPLES = {
        "  fabric server init                     found a cluster on this machine",
        "  fabric server join --token TOKEN       add this machine as a manager",
        "  fabric peer join --token TOKEN         add this machine as a peer",
        "  fabric token create --role peer        admit one more peer",
        "  fabric status                          the cluster at a glance",
        "  fabric doctor                          what is wrong, and how to mend it",
    };

    /** Reads the version when it is asked for. */
    static final class VersionText implements IVersionProvider {
        @Override
        public String[] getVersion() {
            return new String[] {"fabric " + Version.text()};
        }
    }

    @Option(names = "--verbose", scope = ScopeType.INHERIT, description = "Log more, and show stack traces of errors.")
    private boolean verbose;

    private FabricCommand() {}

    /** The whole command, ready to execute. */
    public static CommandLine commandLine() {
        FabricCommand root = new FabricCommand();
        CommandLine line = new CommandLine(root);
        line.addSubcommand(new ServerCommand());
        line.addSubcommand(new TokenCommand());
        line.addSubcommand(new NodeCommand());
        line.addSubcommand(new PeerCommand());
        line.addSubcommand(new MeshCommand());
        line.addSubcommand(new StatusCommand());
        line.addSubcommand(new OperatorCommand());
        line.addSubcommand(new KeyCommand());
        line.addSubcommand(new AuditCommand());
        line.addSubcommand(new BackupCommand());
        line.addSubcommand(new RestoreCommand());
        line.addSubcommand(new IpamCommand());
        line.addSubcommand(new DoctorCommand());
        line.addSubcommand(new ContextCommand());
        line.addSubcommand(new CompletionCommand());
        for (CommandProvider provider : ServiceLoader.load(CommandProvider.class)) {
            line.addSubcommand(provider.command());
        }
        // Only now: what the root has when a subcommand is added, the subcommand inherits.
        line.getCommandSpec().usageMessage().footerHeading("%nExamples:%n").footer(EXAMPLES);
        line.setCaseInsensitiveEnumValuesAllowed(true);
        line.setColorScheme(Help.defaultColorScheme(Colour.isOn() ? Ansi.ON : Ansi.OFF));
        line.setExecutionStrategy(parsed -> {
            Logs.configure(root.verbose ? Level.FINE : Level.INFO, root.verbose);
            return new CommandLine.RunLast().execute(parsed);
        });
        line.setParameterExceptionHandler(FabricCommand::misused);
        line.setExecutionExceptionHandler((e, command, parsed) -> failed(e, command, root.verbose));
        return line;
    }

    private static int misused(ParameterException e, String[] arguments) {
        CommandLine command = e.getCommandLine();
        String help = "see '" + command.getCommandSpec().qualifiedName() + " --help'";
        command.getErr().println(PREFIX + OneLine.of(e) + "; " + help);
        return CommandLine.ExitCode.USAGE;
    }

    private static int failed(Exception e, CommandLine command, boolean verbose) {
        PrintWriter err = command.getErr();
        // A value that has not its form, such as a name or a port, is wrong usage like an unknown option.
        boolean misused = OneLine.unwrap(e) instanceof IllegalArgumentException;
        String help = misused ? "; see '" + command.getCommandSpec().qualifiedName() + " --help'" : "";
        RequestId request = OneLine.unwrap(e) instanceof ControlException refused ? refused.request() : null;
        Logs.say(err, Level.SEVERE, PREFIX, OneLine.of(e) + help, request);
        if (verbose) {
            e.printStackTrace(err);
        }
        return misused ? CommandLine.ExitCode.USAGE : CommandLine.ExitCode.SOFTWARE;
    }

    public static void main(String[] arguments) {
        System.exit(commandLine().execute(arguments));
    }
}
