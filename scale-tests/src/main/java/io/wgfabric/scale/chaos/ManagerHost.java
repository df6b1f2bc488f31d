package io.wgfabric.scale.chaos;

import io.wgfabric.simulation.netns.LabException;
import io.wgfabric.simulation.netns.LabHost;
import io.wgfabric.simulation.netns.LabNetwork;
import io.wgfabric.simulation.netns.Shell;
import io.wgfabric.simulation.netns.Trees;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** A machine on which a manager runs, or one after another. Thread-safe, one change at a time. */
final class ManagerHost {
    static final int PORT = 7443;

    private static final long POLL_NANOS = TimeUnit.MILLISECONDS.toNanos(20);
    private static final long KILL_SECONDS = 10;

    private final LabHost host;
    private final ManagerProgram program;
    private final Path root;
    private final Path log;
    private volatile @Nullable Process process;
    private volatile boolean paused;
    private volatile @Nullable Clock clock;
    private volatile List<String> launch = List.of();
    private volatile int incarnation;

    /** @param library what to load first, so that the process sees another time */
    record Clock(Path library, int offsetSeconds) {}

    ManagerHost(LabHost host, ManagerProgram program, LabNetwork network) {
        this.host = host;
        this.program = program;
        root = network.folder().resolve("managers").resolve(host.name());
        log = network.logs().resolve(host.name() + ".log");
        try {
            Files.createDirectories(root);
        } catch (IOException e) {
            throw new LabException("cannot make " + root + ": " + e.getMessage(), e);
        }
    }

    LabHost host() {
        return host;
    }

    String name() {
        return host.name();
    }

    String api() {
        return host.address() + ":" + PORT;
    }

    /** The manager's name in the cluster: a new one for each manager that ever ran here. */
    String node() {
        return host.name() + "-" + incarnation;
    }

    Path data() {
        return root.resolve("data-" + incarnation);
    }

    /** What all its data folders are in. */
    Path disk() {
        return root;
    }

    /** The program's output, of all its runs. */
    Path log() {
        return log;
    }

    boolean isAlive() {
        Process current = process;
        return current != null && current.isAlive();
    }

    boolean isPaused() {
        return paused;
    }

    /** @param before what stands before the program and becomes it */
    void setLaunch(List<String> before) {
        launch = before;
    }

    long pid() {
        Process current = process;
        if (current == null) {
            throw new IllegalStateException(name() + " was never started");
        }
        return current.pid();
    }

    /** A file as the manager sees it, which may have a disk that nobody else has; while it runs. */
    Path seen(Path file) {
        return Path.of("/proc", Long.toString(pid()), "root")
                .resolve(file.toString().substring(1));
    }

    void setClock(@Nullable Clock newClock) {
        clock = newClock;
    }

    int offsetSeconds() {
        Clock current = clock;
        return current == null ? 0 : current.offsetSeconds();
    }

    /** What starts next is another manager than all before. */
    synchronized void newManager() {
        incarnation++;
    }

    void init() {
        start(
                List.of(
                        "init",
                        "--name",
                        node(),
                        "--advertise",
                        host.address().toString(),
                        "--no-tunnel",
                        "--data",
                        data().toString(),
                        "--pool",
                        "10.64.0.0/12",
                        "--pool6",
                        "none"),
                Map.of());
    }

    /** As a new manager, or as one that began to join. */
    void join(String token) {
        start(
                List.of(
                        "join",
                        "--name",
                        node(),
                        "--advertise",
                        host.address().toString(),
                        "--no-tunnel",
                        "--data",
                        data().toString()),
                Map.of("FABRIC_TOKEN", token));
    }

    /** Goes on from the folder. */
    void run() {
        start(List.of("run", "--data", data().toString()), Map.of());
    }

    private synchronized void start(List<String> arguments, Map<String, String> environment) {
        if (isAlive()) {
            throw new IllegalStateException(name() + " runs already");
        }
        List<String> command = new ArrayList<>(launch);
        command.addAll(program.manager());
        command.addAll(arguments);
        Map<String, String> all = new HashMap<>(environment);
        Clock current = clock;
        if (current != null) {
            all.put("LD_PRELOAD", current.library().toString());
            all.put("FAKETIME", (current.offsetSeconds() < 0 ? "" : "+") + current.offsetSeconds() + "s");
            // The monotonic clock stays true, and waits, which are by it, are not converted.
            all.put("FAKETIME_DONT_FAKE_MONOTONIC", "1");
            all.put("FAKETIME_FORCE_MONOTONIC_FIX", "0");
        }
        note("starting " + arguments.get(0) + (current == null ? "" : ", clock " + current.offsetSeconds() + " s"));
        paused = false;
        process = host.start(all, log, command);
    }

    /** Writes into the manager's log what was done to it. */
    void note(String what) {
        try {
            Files.writeString(
                    log,
                    "#### " + Instant.now() + " " + what + "\n",
                    StandardOpenOption.CREATE,
                    StandardOpenOption.APPEND);
        } catch (IOException e) {
            throw new LabException("cannot write " + log + ": " + e.getMessage(), e);
        }
    }

    /** As kill -9 does, and waits until it is gone. */
    void kill() {
        signalKill();
        awaitEnd(Duration.ofSeconds(KILL_SECONDS));
    }

    /** As kill -9 does; does not wait. */
    void signalKill() {
        Process current = process;
        if (current != null && current.isAlive()) {
            note("kill -9");
            current.destroyForcibly();
        }
        paused = false;
    }

    /** The exit status of a manager that ends by itself. */
    int awaitEnd(Duration limit) {
        Process current = process;
        if (current == null) {
            return 0;
        }
        try {
            if (!current.waitFor(limit.toMillis(), TimeUnit.MILLISECONDS)) {
                throw new LabException(name() + " does not end within " + limit.toSeconds() + " s");
            }
            return current.exitValue();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new LabException("interrupted", e);
        }
    }

    void pause() {
        signal("-STOP");
        paused = true;
    }

    void resume() {
        paused = false;
        signal("-CONT");
    }

    private void signal(String which) {
        Process current = process;
        if (current != null && current.isAlive()) {
            note("kill " + which);
            Shell.run("sh", "-c", "kill " + which + " \"$0\"", Long.toString(current.pid()));
        }
    }

    /** Loses all that it had. */
    void wipe() {
        note("the disk is empty now");
        Trees.delete(data());
    }

    /** Whether it has a snapshot of its state on its disk; while it runs. */
    boolean hasSnapshot() {
        try (Stream<Path> files = Files.list(seen(data().resolve("raft")))) {
            return files.anyMatch(file -> file.getFileName().toString().endsWith(".snapshot"));
        } catch (IOException e) {
            return false;
        }
    }

    List<String> logLines() {
        try {
            return Files.exists(log) ? Files.readAllLines(log) : List.of();
        } catch (IOException e) {
            throw new LabException("cannot read " + log + ": " + e.getMessage(), e);
        }
    }

    /** The lines since a number of lines. */
    List<String> logSince(int lines) {
        List<String> all = logLines();
        return new ArrayList<>(all.subList(Math.min(lines, all.size()), all.size()));
    }

    /** Waits until what the program prints since then has a line that matches. */
    void awaitLine(int since, String pattern, Duration limit) {
        long deadline = System.nanoTime() + limit.toNanos();
        Pattern wanted = Pattern.compile(pattern);
        while (logSince(since).stream().noneMatch(line -> wanted.matcher(line).find())) {
            if (!isAlive()
                    || System.nanoTime() > deadline
                    || Thread.currentThread().isInterrupted()) {
                throw new LabException(name() + (isAlive() ? " does not say '" : " ended and did not say '") + pattern
                        + "'; see " + log);
            }
            LockSupport.parkNanos(POLL_NANOS);
        }
    }

    @Override
    public String toString() {
        return name();
    }
}
