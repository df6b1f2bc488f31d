package io.wgfabric.jgroups.scenario;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Assumptions;

/** A file system in memory that is soon full. It takes a root that may mount, as the tests with interfaces do. */
final class SmallDisk implements AutoCloseable {
    static final int PAGE = 4096;
    private static final String SIZE = "512k";

    private final Path directory;

    private SmallDisk(Path directory) {
        this.directory = directory;
    }

    static SmallDisk mount(Path directory) throws IOException {
        Files.createDirectories(directory);
        boolean mounted = run("mount", "-t", "tmpfs", "-o", "size=" + SIZE, "none", directory.toString());
        Assumptions.assumeTrue(mounted, "skipped: cannot mount a file system in memory");
        return new SmallDisk(directory);
    }

    private static boolean run(String... command) throws IOException {
        Process process = new ProcessBuilder(command).inheritIO().start();
        try {
            return process.waitFor(10, TimeUnit.SECONDS) && process.exitValue() == 0;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        }
    }

    /** Takes all that is left. */
    void fill() throws IOException {
        try (OutputStream out = Files.newOutputStream(filler())) {
            for (int i = 0; i < 1000; i++) {
                out.write(new byte[PAGE]);
            }
        } catch (IOException full) {
            return;
        }
        throw new IOException(directory + " is not full");
    }

    void free() throws IOException {
        Files.delete(filler());
    }

    private Path filler() {
        return directory.resolve("filler");
    }

    @Override
    public void close() throws IOException {
        if (!run("umount", "--lazy", directory.toString())) {
            throw new IOException(directory + " stays mounted");
        }
    }
}
