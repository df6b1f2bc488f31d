package io.wgfabric.simulation;

import io.wgfabric.api.Prefix;
import io.wgfabric.javalin.cli.FabricCommand;
import io.wgfabric.javalin.server.AgentMesh;
import io.wgfabric.javalin.server.Environment;
import io.wgfabric.javalin.server.FabricServer;
import io.wgfabric.javalin.server.Replication;
import io.wgfabric.javalin.server.Settings;
import io.wgfabric.simulation.netns.Trees;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.FileSystem;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.List;
import java.util.stream.Stream;
import picocli.CommandLine;

/**
 * Does in one short-lived process what managers, agents and commands do at their start, so that Java can archive the
 * classes that they load (class data sharing). On the loopback interface only, with no tunnel and nothing left behind.
 */
public final class Rehearsal {
    private static final List<String> MODULES =
            List.of("fabric-api", "fabric-core", "fabric-jgroups", "fabric-agent", "javalin-adapter", "jose4j");

    private Rehearsal() {}

    public static void main(String[] arguments) throws IOException {
        Path folder = Files.createTempDirectory("fabric-rehearsal-");
        try {
            rehearse(folder);
        } finally {
            Trees.delete(folder);
        }
        loadModules();
        System.exit(0);
    }

    private static void rehearse(Path folder) throws IOException {
        Path data = folder.resolve("m1");
        Settings settings = settings(freePort(), freePort());
        Environment environment =
                new Environment(Replication::jgroups, new AgentMesh(), InstantSource.system(), progress -> {});
        List<Prefix> pools = List.of(Prefix.parse("100.64.0.0/16"));
        try (FabricServer server = FabricServer.init(data, settings, pools, environment)) {
            String name = server.self().name().text();
            String context = data.resolve("operator.json").toString();
            command("token", "create", "--role", "peer", "-o", "json", "--context", context);
            command("token", "list", "--context", context);
            command("node", "show", name, "--context", context);
            command("node", "list", "--context", context);
            command("status", "-o", "json", "--context", context);
            command("status", "--data", data.toString());
            command(
                    "peer",
                    "join",
                    "--token",
                    "none",
                    "--data",
                    folder.resolve("p1").toString());
            command("lab", "--peers", "0");
        }
    }

    private static int freePort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        }
    }

    private static Settings settings(int port, int replicationPort) {
        return new Settings(
                "m1",
                "127.0.0.1",
                port,
                "127.0.0.1",
                port,
                replicationPort,
                Settings.DEFAULT_WIREGUARD_PORT,
                Settings.DEFAULT_WIREGUARD_PORT + 1,
                0,
                Settings.DEFAULT_INTERFACE,
                false);
    }

    private static void command(String... arguments) {
        CommandLine line = FabricCommand.commandLine();
        line.setOut(new PrintWriter(new StringWriter()));
        line.setErr(new PrintWriter(new StringWriter()));
        line.execute(arguments);
    }

    /** What is loaded only while tunnels exist, which this process must not make. */
    private static void loadModules() throws IOException {
        for (String library : System.getProperty("java.class.path").split(":", -1)) {
            Path jar = Path.of(library);
            if (MODULES.stream().anyMatch(module -> jar.getFileName().toString().startsWith(module + "-"))) {
                try (FileSystem content = FileSystems.newFileSystem(jar)) {
                    loadAll(content.getPath("/"));
                }
            }
        }
    }

    private static void loadAll(Path root) throws IOException {
        try (Stream<Path> files = Files.walk(root)) {
            for (Path file :
                    files.filter(path -> path.toString().endsWith(".class")).toList()) {
                String name = root.relativize(file).toString().replace('/', '.');
                load(name.substring(0, name.length() - ".class".length()));
            }
        }
    }

    private static void load(String name) {
        try {
            Class<?> unused = Class.forName(name, false, Rehearsal.class.getClassLoader());
        } catch (ClassNotFoundException | LinkageError e) {
            // Needs a library that is optional: nobody loads it here either.
            System.err.println("not archived: " + name);
        }
    }
}
