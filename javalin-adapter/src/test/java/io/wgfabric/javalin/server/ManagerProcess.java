package io.wgfabric.javalin.server;

import static org.awaitility.Awaitility.await;

import io.wgfabric.javalin.cli.FabricCommand;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ThreadLocalRandom;
import org.jspecify.annotations.Nullable;

/**
 * A manager as a process of its own, without a tunnel: what {@code kill -9} ends. It has a loopback address of its own
 * (Linux answers at all of 127.0.0.0/8), so that ports which a manager has by default are free.
 */
final class ManagerProcess implements AutoCloseable {
    /** A JVM takes long to start on a machine with two cores that others use too. */
    private static final Duration START_LIMIT = Duration.ofMinutes(3);

    private final Path root;
    private final Settings settings;
    private final String host;
    private @Nullable Process process;
    private int starts;

    ManagerProcess(Path root, String name) {
        this.root = root;
        settings = TestCluster.settings(name);
        ThreadLocalRandom random = ThreadLocalRandom.current();
        host = "127." + random.nextInt(1, 255) + "." + random.nextInt(255) + "." + random.nextInt(1, 255);
    }

    String name() {
        return settings.name();
    }

    String api() {
        return host + ":" + settings.port();
    }

    Path data() {
        return root.resolve(name());
    }

    private Path log() {
        return root.resolve(name() + "-" + starts + ".log");
    }

    void init(Map<String, String> environment) throws IOException {
        start(environment, "operator.json", "init");
    }

    /** The token goes where the list of processes does not show it. */
    void join(String token, Map<String, String> environment) throws IOException {
        Map<String, String> more = new HashMap<>(environment);
        more.put("FABRIC_TOKEN", token);
        long deadline = System.nanoTime() + START_LIMIT.toNanos();
        while (true) {
            try {
                start(more, "has joined cluster", "join");
                return;
            } catch (IOException e) {
                // A manager that has just started on a busy machine may take longer to answer than the other waits.
                boolean unanswered = String.valueOf(e.getMessage()).contains("no manager answers");
                if (!unanswered || System.nanoTime() > deadline) {
                    throw e;
                }
            }
        }
    }

    void run() throws IOException {
        start(Map.of(), "serves again", "run");
    }

    /** Returns once the manager says that it serves. */
    private void start(Map<String, String> environment, String ready, String verb) throws IOException {
        starts++;
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:+UseSerialGC",
                "-XX:TieredStopAtLevel=1",
                "-Xmx128m",
                "-Djava.net.preferIPv4Stack=true",
                "-cp",
                System.getProperty("java.class.path"),
                FabricCommand.class.getName(),
                "server",
                verb,
                "--data",
                data().toString()));
        if (!verb.equals("run")) {
            command.addAll(List.of(
                    "--no-tunnel",
                    "--name=" + settings.name(),
                    "--bind=" + host,
                    "--advertise=" + api(),
                    "--port=" + settings.port(),
                    "--replication-port=" + settings.replicationPort(),
                    "--wireguard-port=" + settings.wireguardPort(),
                    "--spare-port=" + settings.sparePort()));
        }
        File log = log().toFile();
        ProcessBuilder builder =
                new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(log);
        builder.environment().putAll(environment);
        Process started = builder.start();
        process = started;
        await().atMost(START_LIMIT)
                .pollInterval(Duration.ofMillis(50))
                .until(() -> !started.isAlive() || Files.readString(log()).contains(ready));
        if (!started.isAlive()) {
            throw new IOException(name() + " has ended: " + Files.readString(log()));
        }
    }

    /** The command line as the list of processes shows it to everyone. */
    String commandLine() throws IOException {
        return shown("cmdline");
    }

    /** What its own user alone may read. */
    String environment() throws IOException {
        return shown("environ");
    }

    private String shown(String what) throws IOException {
        Process running = process;
        return running == null
                ? ""
                : Files.readString(Path.of("/proc", Long.toString(running.pid()), what))
                        .replace('\0', ' ');
    }

    /** All that it has printed. */
    String printed() throws IOException {
        StringBuilder all = new StringBuilder();
        for (int i = 1; i <= starts; i++) {
            all.append(Files.readString(root.resolve(name() + "-" + i + ".log")));
        }
        return all.toString();
    }

    /** As {@code kill -9}. */
    void kill() {
        Process running = process;
        if (running != null) {
            running.destroyForcibly().onExit().join();
        }
    }

    @Override
    public void close() {
        Process running = process;
        if (running != null) {
            running.destroyForcibly();
        }
    }
}
