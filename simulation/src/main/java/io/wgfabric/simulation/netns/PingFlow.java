package io.wgfabric.simulation.netns;

import io.wgfabric.api.Address;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/** The echo requests of ping(8) in a host's network namespace. */
public final class PingFlow implements Flow {
    private static final long END_SECONDS = 10;

    private final Process process;
    private final Path log;
    private final Duration interval;

    private PingFlow(Process process, Path log, Duration interval) {
        this.process = process;
        this.log = log;
        this.interval = interval;
    }

    static PingFlow start(LabHost from, Address target, Duration interval, Path log) {
        String seconds = interval.toMillis() / 1000.0 + "";
        return new PingFlow(
                from.start(Map.of(), log, List.of("ping", "-n", "-i", seconds, target.toString())), log, interval);
    }

    /** The time between two requests. */
    public Duration interval() {
        return interval;
    }

    @Override
    public long answers() {
        try {
            return Files.readString(log)
                    .lines()
                    .filter(line -> line.contains(" icmp_seq=") && line.contains("bytes from"))
                    .count();
        } catch (IOException e) {
            throw new LabException("cannot read " + log + ": " + e.getMessage(), e);
        }
    }

    @Override
    public PingCount stop() {
        // ping prints its summary for this signal only, which Java has no call for.
        Shell.require("sh", "-c", "kill -INT " + process.pid());
        try {
            if (!process.waitFor(END_SECONDS, TimeUnit.SECONDS)) {
                throw new LabException("ping does not end");
            }
            return PingCount.parse(Files.readString(log));
        } catch (IOException e) {
            throw new LabException("cannot read " + log + ": " + e.getMessage(), e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new LabException("interrupted", e);
        } finally {
            close();
        }
    }

    @Override
    public void close() {
        process.destroyForcibly();
    }
}
