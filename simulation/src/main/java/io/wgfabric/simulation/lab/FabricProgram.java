package io.wgfabric.simulation.lab;

import io.wgfabric.core.codec.Json;
import io.wgfabric.simulation.netns.LabException;
import io.wgfabric.simulation.netns.LabHost;
import io.wgfabric.simulation.netns.Shell;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;

/** The program that users run, as a process of its own on a host of the lab. */
public final class FabricProgram {
    /** Set by the launcher to where it is. */
    static final String LAUNCHER_PROPERTY = "fabric.launcher";

    private static final Duration LIMIT = Duration.ofSeconds(60);

    private final List<String> program;
    private final Map<String, String> environment;

    /** @param program what stands before the arguments */
    public FabricProgram(List<String> program) {
        this.program = List.copyOf(program);
        // A lab is one build from its start to its end, and its programs live for a minute.
        this.environment = Map.of("FABRIC_BUILD", "never", "FABRIC_JAVA_OPTS", "-XX:TieredStopAtLevel=1");
    }

    /** The launcher that started this process; without one, this process's own Java and class path. */
    static FabricProgram ofThisProcess(String mainClass) {
        String launcher = System.getProperty(LAUNCHER_PROPERTY);
        if (launcher != null) {
            return new FabricProgram(List.of(launcher));
        }
        return new FabricProgram(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-cp",
                System.getProperty("java.class.path"),
                mainClass));
    }

    /** As a user would type it. */
    String shown() {
        return program.size() == 1 ? program.get(0) : "fabric";
    }

    private List<String> command(List<String> arguments) {
        List<String> command = new ArrayList<>(program);
        command.addAll(arguments);
        return command;
    }

    public Shell.Result run(LabHost host, List<String> arguments) {
        return host.run(LIMIT, environment, command(arguments));
    }

    /**
     * Runs a command that answers in JSON.
     *
     * @throws LabException if it fails or answers something else
     */
    public JsonNode ask(LabHost host, List<String> arguments) {
        List<String> whole = new ArrayList<>(arguments);
        whole.addAll(List.of("-o", "json"));
        Shell.Result result = run(host, whole);
        String shown =
                "'fabric " + String.join(" ", arguments.subList(0, Math.min(2, arguments.size()))) + "' on " + host;
        if (!result.ok()) {
            throw new LabException(shown + " failed: " + result.reason());
        }
        try {
            return Json.mapper().readTree(result.out());
        } catch (JacksonException e) {
            throw new LabException(shown + " did not answer in JSON: " + result.reason(), e);
        }
    }

    void start(LabNode node, List<String> arguments) {
        node.started(node.host().start(environment, node.log(), command(arguments)));
    }
}
