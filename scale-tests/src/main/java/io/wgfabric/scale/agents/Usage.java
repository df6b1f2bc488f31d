package io.wgfabric.scale.agents;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;

/**
 * What a process has used so far, as Linux counts it.
 *
 * @param cpu of all its threads, to 10 ms
 * @param residentKib what is in memory now
 */
public record Usage(Duration cpu, long residentKib) {
    private static final String RESIDENT = "VmRSS:";

    /** @throws IOException if it has ended */
    public static Usage of(ProcessHandle process) throws IOException {
        Path status = Path.of("/proc", Long.toString(process.pid()), "status");
        long resident = Files.readAllLines(status).stream()
                .filter(line -> line.startsWith(RESIDENT))
                .mapToLong(line -> Long.parseLong(
                        line.substring(RESIDENT.length()).replace("kB", "").strip()))
                .findFirst()
                .orElseThrow(() -> new IOException("a process has ended"));
        return new Usage(process.info().totalCpuDuration().orElse(Duration.ZERO), resident);
    }

    /** How much of one processor was used since then, in percent. */
    public double percentSince(Usage before, Duration time) {
        return 100.0 * cpu.minus(before.cpu).toNanos() / time.toNanos();
    }

    public double residentMib() {
        return residentKib / 1024.0;
    }
}
