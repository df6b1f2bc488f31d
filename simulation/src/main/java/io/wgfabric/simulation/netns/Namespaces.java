package io.wgfabric.simulation.netns;

import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/** The network namespaces of this machine. */
final class Namespaces {
    private static final Duration END_LIMIT = Duration.ofSeconds(10);
    private static final long POLL_NANOS = TimeUnit.MILLISECONDS.toNanos(20);

    private Namespaces() {}

    /** The names of all of them, also of those that are not of a lab. */
    static List<String> all() {
        return Shell.require("ip", "netns", "list")
                .out()
                .lines()
                .map(line -> line.strip().split(" ", 2)[0])
                .filter(name -> !name.isEmpty())
                .toList();
    }

    static List<ProcessHandle> processes(String namespace) {
        return Shell.run("ip", "netns", "pids", namespace)
                .out()
                .lines()
                .map(line -> ProcessHandle.of(Long.parseLong(line.strip())))
                .flatMap(handle -> handle.stream())
                .toList();
    }

    /**
     * Ends all processes of the namespaces and removes these. Repeatable.
     *
     * @return how many processes were ended
     */
    static int remove(List<String> namespaces) {
        Set<ProcessHandle> ended = new HashSet<>();
        long deadline = System.nanoTime() + END_LIMIT.toNanos();
        for (List<ProcessHandle> left = processes(namespaces); !left.isEmpty(); left = processes(namespaces)) {
            if (System.nanoTime() > deadline) {
                throw new LabException("processes of " + namespaces + " do not end: " + left);
            }
            // All at once, since each takes its time to end.
            left.forEach(ProcessHandle::destroyForcibly);
            ended.addAll(left);
            LockSupport.parkNanos(POLL_NANOS);
        }
        namespaces.forEach(namespace -> Shell.run("ip", "netns", "del", namespace));
        return ended.size();
    }

    private static List<ProcessHandle> processes(List<String> namespaces) {
        return namespaces.stream()
                .flatMap(namespace -> processes(namespace).stream())
                .toList();
    }
}
