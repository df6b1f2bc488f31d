package io.wgfabric.scale.chaos;

import io.wgfabric.javalin.cli.FabricCommand;
import io.wgfabric.javalin.server.Replication;
import io.wgfabric.simulation.Rehearsal;
import io.wgfabric.simulation.netns.LabException;
import io.wgfabric.simulation.netns.Shell;
import io.wgfabric.simulation.netns.Trees;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.spi.ToolProvider;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * How a manager is started as a process, as soon as possible: jars alone and an archive of their loaded classes, one
 * compiler, a small heap.
 */
public final class ManagerProgram {
    private static final Duration ARCHIVE_LIMIT = Duration.ofMinutes(5);
    private static final String HEAP = "-Xmx192m";

    /** How many entries a snapshot is taken after: few, so that a run of a minute sees several. */
    private static final int SNAPSHOT_ENTRIES = 300;

    private final String classPath;
    private final Path archive;

    private ManagerProgram(String classPath, Path archive) {
        this.classPath = classPath;
        this.archive = archive;
    }

    private static @Nullable ManagerProgram prepared;

    /** Of what this process itself runs from; prepared once, in a folder that goes away with the process. */
    public static synchronized ManagerProgram ofThisProcess() {
        ManagerProgram known = prepared;
        if (known == null) {
            Path folder;
            try {
                folder = Files.createTempDirectory("fabric-chaos-");
            } catch (IOException e) {
                throw new LabException("cannot make a temporary folder: " + e.getMessage(), e);
            }
            Runtime.getRuntime().addShutdownHook(new Thread(() -> Trees.delete(folder)));
            known = prepare(folder);
            prepared = known;
        }
        return known;
    }

    private static ManagerProgram prepare(Path folder) {
        List<String> jars = new ArrayList<>();
        for (String entry : System.getProperty("java.class.path").split(":", -1)) {
            Path path = Path.of(entry);
            if (entry.isEmpty()) {
                // Which would be the working directory.
                continue;
            }
            if (Files.isDirectory(path)) {
                jars.add(jarOf(path, folder.resolve("classes-" + jars.size() + ".jar")));
            } else if (Files.exists(path)) {
                jars.add(entry);
            }
        }
        String classPath = String.join(":", jars);
        Path archive = folder.resolve("classes.jsa");
        Shell.Result made = Shell.run(
                ARCHIVE_LIMIT,
                Map.of(),
                List.of(
                        java(),
                        "-XX:ArchiveClassesAtExit=" + archive,
                        "-XX:+UseSerialGC",
                        "-XX:TieredStopAtLevel=1",
                        HEAP,
                        "-Xlog:disable",
                        "-cp",
                        classPath,
                        Rehearsal.class.getName()));
        if (!made.ok()) {
            throw new LabException("no archive of classes could be made: " + made.reason());
        }
        return new ManagerProgram(classPath, archive);
    }

    /** An archive of classes takes jars only. */
    private static String jarOf(Path classes, Path jar) {
        try (Stream<Path> files = Files.walk(classes)) {
            if (files.noneMatch(Files::isRegularFile)) {
                return classes.toString();
            }
        } catch (IOException e) {
            throw new LabException("cannot read " + classes + ": " + e.getMessage(), e);
        }
        ToolProvider tool =
                ToolProvider.findFirst("jar").orElseThrow(() -> new LabException("this JDK has no jar tool"));
        int status = tool.run(System.out, System.err, "-c", "-0", "-f", jar.toString(), "-C", classes.toString(), ".");
        if (status != 0) {
            throw new LabException("jar ended with status " + status);
        }
        return jar.toString();
    }

    private static String java() {
        return Path.of(System.getProperty("java.home"), "bin", "java").toString();
    }

    /** The {@code fabric} command, before its arguments. */
    public List<String> fabric() {
        return main(FabricCommand.class);
    }

    /** Any other program of the same class path, before its arguments. */
    public List<String> main(Class<?> program) {
        List<String> command = jvm();
        command.add(program.getName());
        return command;
    }

    /** The command of a manager, before its arguments. */
    List<String> manager() {
        List<String> command = jvm();
        command.add("-XX:+ExitOnOutOfMemoryError");
        command.add("-D" + Replication.SNAPSHOT_ENTRIES + "=" + SNAPSHOT_ENTRIES);
        command.add(FabricCommand.class.getName());
        command.add("server");
        return command;
    }

    public List<String> outpost(Path operator) {
        List<String> command = main(Outpost.class);
        command.add(operator.toString());
        return command;
    }

    private List<String> jvm() {
        return new ArrayList<>(List.of(
                java(),
                "-XX:+UseSerialGC",
                "-XX:-UsePerfData",
                "-XX:TieredStopAtLevel=1",
                "-Xss512k",
                HEAP,
                "-Xshare:auto",
                "-XX:SharedArchiveFile=" + archive,
                "-Xlog:disable",
                "-Xlog:all=error,cds*=off:stderr",
                "-cp",
                classPath));
    }
}
