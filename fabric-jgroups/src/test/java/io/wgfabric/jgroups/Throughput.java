package io.wgfabric.jgroups;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/** Prints appends per second of three members in one JVM, synced to disk; not a test. Run its main. */
final class Throughput {
    private Throughput() {}

    public static void main(String[] args) throws Exception {
        Path directory = Files.createTempDirectory(Path.of(args.length > 0 ? args[0] : "."), "throughput");
        try (Cluster cluster = new Cluster(directory)) {
            Cluster.Node leader = cluster.grow("a", "b", "c");
            Cluster.Node follower = cluster.node("b");
            for (String id : new String[] {"a", "b", "c"}) {
                cluster.node(id).replica().countOnly();
            }
            for (int round = 0; round < 2; round++) {
                run("leader", leader, 1, 3);
                run("leader", leader, 64, 5);
                run("follower", follower, 1, 3);
                run("follower", follower, 64, 5);
            }
            System.out.println("figure: the term is " + leader.log().status().term());
        }
    }

    private static void run(String where, Cluster.Node node, int inFlight, int seconds) throws Exception {
        byte[] command = "x".repeat(128).getBytes(StandardCharsets.UTF_8);
        Semaphore window = new Semaphore(inFlight);
        AtomicInteger done = new AtomicInteger();
        AtomicInteger failed = new AtomicInteger();
        long start = System.nanoTime();
        long end = start + TimeUnit.SECONDS.toNanos(seconds);
        while (System.nanoTime() < end) {
            window.acquire();
            node.log().append(command, Cluster.LONG).whenComplete((answer, error) -> {
                (error == null ? done : failed).incrementAndGet();
                window.release();
            });
        }
        window.acquire(inFlight);
        double took = (System.nanoTime() - start) / 1e9;
        System.out.printf(
                "figure: through the %s, %d in flight: %.0f appends/s, %d failed%n",
                where, inFlight, done.get() / took, failed.get());
    }
}
