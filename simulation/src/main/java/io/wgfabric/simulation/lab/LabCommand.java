package io.wgfabric.simulation.lab;

import io.wgfabric.simulation.containers.FabricCluster;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code fabric lab}. */
@Command(
        name = "lab",
        description =
                "Show a whole fabric on this machine: join, failover, key rotation, revocation. Needs root, or with "
                        + "--engine docker a container engine.",
        footerHeading = "%nExamples:%n",
        footer = {"  fabric lab", "  fabric lab --managers 3 --peers 5", "  fabric lab --engine docker"})
public final class LabCommand implements Callable<Integer> {
    private static final String MAIN_CLASS = "io.wgfabric.javalin.cli.FabricCommand";

    /** How the machines of the lab are made. */
    enum Engine {
        netns,
        docker
    }

    @Spec
    @SuppressWarnings("NullAway.Init")
    private CommandSpec spec;

    @Option(
            names = "--managers",
            paramLabel = "N",
            defaultValue = "3",
            description = "Management nodes; ${DEFAULT-VALUE} if left out.")
    private int managers;

    @Option(
            names = "--peers",
            paramLabel = "N",
            defaultValue = "5",
            description = "Peers that join at first; one more joins after the failover; ${DEFAULT-VALUE} if left out.")
    private int peers;

    @Option(
            names = "--engine",
            paramLabel = "ENGINE",
            defaultValue = "netns",
            description = "What the nodes live in: ${COMPLETION-CANDIDATES}; ${DEFAULT-VALUE} if left out.")
    private Engine engine = Engine.netns;

    @Option(names = "--keep", description = "Keep the lab running at the end, until Ctrl-C.")
    private boolean keep;

    @Override
    public Integer call() {
        LabPlan plan;
        try {
            plan = new LabPlan(managers, peers, keep);
            if (engine == Engine.docker) {
                FabricCluster.Plan unused = FabricCluster.of(managers, peers + 1);
            }
        } catch (IllegalArgumentException e) {
            throw new ParameterException(spec.commandLine(), String.valueOf(e.getMessage()), e);
        }
        boolean terminal = Boolean.getBoolean("fabric.terminal");
        boolean colour = terminal && System.getenv("NO_COLOR") == null && !"dumb".equals(System.getenv("TERM"));
        Console console = new Console(System.out, terminal, colour);
        if (engine == Engine.docker) {
            String launcher = System.getProperty(FabricProgram.LAUNCHER_PROPERTY);
            return ContainerLab.run(
                    plan, console, launcher == null ? null : Path.of(launcher).getParent());
        }
        return Lab.run(plan, console, FabricProgram.ofThisProcess(MAIN_CLASS));
    }
}
