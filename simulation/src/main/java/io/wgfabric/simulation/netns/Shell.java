package io.wgfabric.simulation.netns;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/** Runs programs of the system, each for at most a given time. Blocking; thread-safe. */
public final class Shell {
    private static final Duration DEFAULT_LIMIT = Duration.ofSeconds(20);

    /** What one program may write before the rest is dropped. */
    private static final int MAX_OUTPUT_BYTES = 16 << 20;

    /** A program that leaves a process behind may leave it our pipe: then we do not wait for its end. */
    private static final long PIPE_GRACE_MILLIS = 1_000;

    /** Where system programs are, also if the search path of the user leaves these out. */
    private static final String SYSTEM_FOLDERS = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

    private Shell() {}

    /** What a program left: its exit status and what it wrote. */
    public record Result(int status, String out, String err) {
        public boolean ok() {
            return status == 0;
        }

        /** The last line of what it complained about, else of what it said. */
        public String reason() {
            String said = err.isBlank() ? out : err;
            return said.lines()
                    .map(String::strip)
                    .filter(line -> !line.isEmpty())
                    .reduce((first, second) -> second)
                    .orElse("exit status " + status);
        }
    }

    /** Whether a program is installed. */
    public static boolean has(String program) {
        return Arrays.stream(searchPath().split(":", -1))
                .filter(folder -> !folder.isEmpty())
                .anyMatch(folder -> Files.isExecutable(Path.of(folder, program)));
    }

    private static String searchPath() {
        String given = System.getenv("PATH");
        return given == null ? SYSTEM_FOLDERS : given + ":" + SYSTEM_FOLDERS;
    }

    public static Result run(String... command) {
        return run(DEFAULT_LIMIT, Map.of(), List.of(command));
    }

    /** @throws LabException if it fails, with the reason that it gave */
    public static Result require(String... command) {
        return require(run(command), List.of(command));
    }

    static Result require(Result result, List<String> command) {
        if (!result.ok()) {
            throw new LabException("'" + String.join(" ", command) + "' failed: " + result.reason());
        }
        return result;
    }

    /**
     * Runs a program to its end.
     *
     * @param environment what its environment has beside this one's; never shown in a message
     * @throws LabException if it is not installed, or does not end within the limit
     */
    public static Result run(Duration limit, Map<String, String> environment, List<String> command) {
        return finish(start(environment, command), limit, command);
    }

    /** Starts a program whose output is read by {@link #finish}. */
    static Process start(Map<String, String> environment, List<String> command) {
        return launch(builder(environment, command), command);
    }

    static Result finish(Process process, Duration limit, List<String> command) {
        Drain out = new Drain(process.getInputStream());
        Drain err = new Drain(process.getErrorStream());
        out.start();
        err.start();
        try {
            process.getOutputStream().close();
            if (!process.waitFor(limit.toMillis(), TimeUnit.MILLISECONDS)) {
                throw new LabException("'" + String.join(" ", command) + "' did not end in " + limit.toSeconds()
                        + " s: " + err.text());
            }
            return new Result(process.exitValue(), out.text(), err.text());
        } catch (IOException e) {
            throw new LabException("cannot talk to '" + command.get(0) + "': " + e.getMessage(), e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new LabException("interrupted", e);
        } finally {
            process.destroyForcibly();
        }
    }

    /** Starts a program that goes on; what it writes is appended to the log. */
    static Process start(Map<String, String> environment, Path log, List<String> command) {
        return launch(
                builder(environment, command)
                        .redirectErrorStream(true)
                        .redirectOutput(ProcessBuilder.Redirect.appendTo(log.toFile()))
                        .redirectInput(ProcessBuilder.Redirect.from(
                                Path.of("/dev/null").toFile())),
                command);
    }

    /** Starts a program whose input and output are for the caller. */
    static Process converse(Map<String, String> environment, Path errors, List<String> command) {
        return launch(
                builder(environment, command).redirectError(ProcessBuilder.Redirect.appendTo(errors.toFile())),
                command);
    }

    private static ProcessBuilder builder(Map<String, String> environment, List<String> command) {
        ProcessBuilder builder = new ProcessBuilder(new ArrayList<>(command));
        // What the user set for a fabric of his own is not for the lab's.
        builder.environment().keySet().removeIf(name -> name.startsWith("FABRIC_"));
        builder.environment().put("LC_ALL", "C.UTF-8");
        builder.environment().put("PATH", searchPath());
        builder.environment().putAll(environment);
        return builder;
    }

    private static Process launch(ProcessBuilder builder, List<String> command) {
        try {
            return builder.start();
        } catch (IOException e) {
            throw new LabException("cannot start '" + command.get(0) + "': " + e.getMessage(), e);
        }
    }

    /** Reads one stream of a process to its end. */
    private static final class Drain extends Thread {
        private final InputStream stream;
        private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();

        Drain(InputStream stream) {
            super("lab-output");
            setDaemon(true);
            this.stream = stream;
        }

        @Override
        public void run() {
            byte[] chunk = new byte[8192];
            try {
                for (int count = stream.read(chunk); count >= 0; count = stream.read(chunk)) {
                    append(chunk, count);
                }
            } catch (IOException e) {
                // The process was ended; what came before is kept.
            }
        }

        private synchronized void append(byte[] chunk, int count) {
            if (bytes.size() < MAX_OUTPUT_BYTES) {
                bytes.write(chunk, 0, count);
            }
        }

        String text() throws InterruptedException {
            join(PIPE_GRACE_MILLIS);
            synchronized (this) {
                return bytes.toString(StandardCharsets.UTF_8);
            }
        }
    }
}
