package io.wgfabric.agent.wireguard;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Runs programs of the system, each for at most a given time and with bounded output. What is secret goes through
 * standard input, which no other process can see, never through arguments.
 */
final class Commands {
    static final Duration TIMEOUT = Duration.ofSeconds(30);

    /** Enough for the dump of some 50,000 peers. */
    private static final int MAX_OUTPUT_BYTES = 16 << 20;

    private static final int MAX_ERROR_BYTES = 64 << 10;
    private static final byte[] NOTHING = new byte[0];

    /** Where system programs are, also if the search path of a service leaves these out. */
    private static final List<String> SYSTEM_FOLDERS =
            List.of("/usr/local/sbin", "/usr/local/bin", "/usr/sbin", "/usr/bin", "/sbin", "/bin");

    private final List<String> prefix;

    /** @param prefix put before each command, such as {@code ip netns exec NAME}; empty for none */
    Commands(List<String> prefix) {
        this.prefix = List.copyOf(prefix);
    }

    /** What a program left: its exit status and output. */
    static final class Output {
        private final int exit;
        private final byte[] bytes;
        private final String error;

        Output(int exit, byte[] bytes, String error) {
            this.exit = exit;
            this.bytes = bytes;
            this.error = error;
        }

        /** The output itself, not a copy: whoever reads a secret in it overwrites it. */
        byte[] bytes() {
            return bytes;
        }

        String error() {
            return error;
        }

        boolean ok() {
            return exit == 0;
        }

        String text() {
            return new String(bytes, StandardCharsets.UTF_8);
        }

        /** The last line of what it complained about, else of what it said: that is where programs say why. */
        String reason() {
            String said = error.isBlank() ? text() : error;
            return said.lines()
                    .map(String::strip)
                    .filter(line -> !line.isEmpty() && line.charAt(0) < 0x2500 && !line.startsWith("Command failed"))
                    .reduce((first, second) -> second)
                    .orElse("exit status " + exit);
        }
    }

    /** Where a program is installed, or null if it is not. */
    static @Nullable Path locate(String program) {
        if (program.indexOf('/') >= 0) {
            return Files.isExecutable(Path.of(program)) ? Path.of(program) : null;
        }
        List<String> folders = new ArrayList<>();
        String searchPath = System.getenv("PATH");
        if (searchPath != null) {
            folders.addAll(Arrays.asList(searchPath.split(":", -1)));
        }
        folders.addAll(SYSTEM_FOLDERS);
        for (String folder : folders) {
            Path candidate = Path.of(folder, program);
            if (!folder.isEmpty() && Files.isExecutable(candidate)) {
                return candidate;
            }
        }
        return null;
    }

    Output run(String... command) {
        return run(Arrays.asList(command), NOTHING);
    }

    /**
     * Runs a command to its end.
     *
     * @throws TunnelException if it is not installed, does not end in {@link #TIMEOUT}, or writes more than 16 MiB
     */
    Output run(List<String> command, byte[] input) {
        Process process = start(command);
        CompletableFuture<?> watchdog = watch(process);
        Drain output = new Drain(process.getInputStream(), MAX_OUTPUT_BYTES);
        Drain error = new Drain(process.getErrorStream(), MAX_ERROR_BYTES);
        output.start();
        error.start();
        try {
            feed(process, input);
            if (!process.waitFor(TIMEOUT.toMillis(), TimeUnit.MILLISECONDS) || watchdog.isDone()) {
                throw new TunnelException("'" + String.join(" ", command) + "' did not end in " + TIMEOUT.toSeconds()
                        + " s: the system is overloaded or hangs");
            }
            return new Output(
                    process.exitValue(), output.take(command), new String(error.take(command), StandardCharsets.UTF_8));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new TunnelException("interrupted in '" + String.join(" ", command) + "'", e);
        } finally {
            watchdog.cancel(false);
            process.destroyForcibly();
        }
    }

    /**
     * Starts a program that lives on; the caller ends it.
     *
     * @throws TunnelException if it is not installed
     */
    Process start(List<String> command) {
        List<String> whole = new ArrayList<>(prefix);
        whole.addAll(command);
        Path program = locate(whole.get(0));
        if (program == null) {
            throw new TunnelException("program '" + whole.get(0) + "' is not installed");
        }
        whole.set(0, program.toString());
        ProcessBuilder builder = new ProcessBuilder(whole);
        Map<String, String> environment = builder.environment();
        environment.put("LC_ALL", "C");
        String searchPath = environment.get("PATH");
        String folders = String.join(":", SYSTEM_FOLDERS);
        environment.put("PATH", searchPath == null ? folders : searchPath + ":" + folders);
        // With a log level wireguard-go keeps our pipes open, or stays in the foreground.
        environment.remove("LOG_LEVEL");
        environment.remove("WG_PROCESS_FOREGROUND");
        try {
            return builder.start();
        } catch (IOException e) {
            throw new TunnelException("cannot start '" + program + "': " + e.getMessage(), e);
        }
    }

    /** Ends the process at the limit, also while this thread is blocked in writing to it. */
    private static CompletableFuture<?> watch(Process process) {
        Executor later = CompletableFuture.delayedExecutor(TIMEOUT.toMillis(), TimeUnit.MILLISECONDS);
        return CompletableFuture.runAsync(process::destroyForcibly, later);
    }

    private static void feed(Process process, byte[] input) {
        try (OutputStream stdin = process.getOutputStream()) {
            stdin.write(input);
        } catch (IOException e) {
            // It ended without reading all: its exit status and its complaint say why.
        }
    }

    /** Reads one stream of a process to its end into a bounded buffer. */
    private static final class Drain extends Thread {
        private static final long GRACE_MILLIS = 1_000;

        private final InputStream stream;
        private final SecretBytes buffer;

        Drain(InputStream stream, int limit) {
            super("wireguard-command-output");
            setDaemon(true);
            this.stream = stream;
            this.buffer = new SecretBytes(limit);
        }

        @Override
        public void run() {
            byte[] chunk = new byte[8192];
            try {
                int count = stream.read(chunk);
                while (count >= 0) {
                    buffer.append(chunk, count);
                    Arrays.fill(chunk, (byte) 0);
                    count = stream.read(chunk);
                }
            } catch (IOException e) {
                // The process was ended; what came before is in the buffer.
            }
        }

        /** A program that leaves a process behind may leave it our pipe: then the wait is cut short. */
        byte[] take(List<String> command) throws InterruptedException {
            join(GRACE_MILLIS);
            byte[] bytes = buffer.take();
            if (bytes == null) {
                throw new TunnelException("'" + String.join(" ", command) + "' writes more than is sensible");
            }
            return bytes;
        }
    }
}
