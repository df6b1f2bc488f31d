package io.wgfabric.scale.chaos;

import io.wgfabric.scale.chaos.Links.Cut;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/** What is done to managers, and for how long. */
final class Suites {
    private static final Path SUMMARIES = Path.of("target", "chaos");
    private static final Duration PAUSE = Duration.ofMillis(15);
    private static final Duration BACK_LIMIT = Duration.ofMinutes(3);

    private static final int SMALL = 3;
    private static final Duration BLACKHOLE = Duration.ofSeconds(8);

    /** Far more than an election takes, on a busy machine too, and less than the black hole lasts. */
    private static final double NOTICEABLE_SECONDS = 4;

    private Suites() {}

    /** Everything at random, for a time. */
    static void everything(int managers, Duration length, long seed) throws InterruptedException {
        // One machine more than ever are in use, so that a replacement does not wait.
        int machines = 6;
        try (Campaign campaign = new Campaign("chaos-" + managers, machines, seed, length, pause(length), SUMMARIES)) {
            Nemesis nemesis = new Nemesis(campaign.cluster, campaign.ledger, seed);
            List<ManagerHost> hosts = campaign.cluster.free();
            campaign.start(managers, hosts, 2, nemesis::active);
            campaign.outages.restart();
            nemesis.start(campaign.outages);
            sleep(length);
            nemesis.stop();
            campaign.conclude();
            campaign.figure("managers", managers);
            campaign.figure("faults", nemesis.counts());
            campaign.figure("clocks", Nemesis.clockLibrary().isPresent() ? "shifted" : "not shifted: no libfaketime");
            campaign.report();
        }
    }

    /** A long run asks less often: what is remembered of requests and of the audit chain has its limits. */
    private static Duration pause(Duration length) {
        return length.toSeconds() <= 300 ? PAUSE : Duration.ofMillis(80);
    }

    /** Kill -9 of all managers at once, again and again, under load. */
    static void killAll(int managers, int rounds, long seed) throws InterruptedException {
        Random random = new Random(seed);
        Duration planned = Duration.ofSeconds(6L * rounds);
        try (Campaign campaign =
                new Campaign("kill-all-" + managers, managers, seed, planned, Duration.ofMillis(5), SUMMARIES)) {
            List<ManagerHost> hosts = campaign.cluster.free();
            List<Double> seconds = new CopyOnWriteArrayList<>();
            campaign.start(managers, hosts, 2, () -> "round " + seconds.size() + " of " + rounds);
            for (int round = 1; round <= rounds; round++) {
                long began = System.nanoTime();
                sleep(Duration.ofMillis(200 + random.nextInt(900)));
                hosts.forEach(ManagerHost::signalKill);
                hosts.forEach(ManagerHost::kill);
                hosts.forEach(ManagerHost::run);
                hosts.forEach(host -> campaign.cluster.awaitServing(host, BACK_LIMIT));
                campaign.workload.quiet(true);
                campaign.workload.awaitIdle(BACK_LIMIT);
                campaign.verification.state();
                campaign.workload.quiet(false);
                seconds.add((System.nanoTime() - began) / 1e9);
                if (!campaign.ledger.violations().isEmpty()) {
                    System.out.println("in round " + round);
                    break;
                }
            }
            campaign.conclude();
            campaign.figure("managers", managers);
            campaign.figure("rounds", seconds.size());
            campaign.figure(
                    "secondsOfARound",
                    seconds.stream().mapToDouble(Double::doubleValue).average().orElse(0));
            campaign.report();
        }
    }

    /** A disk that is full, and one that fails: on the leader and on another. */
    static void disks(long seed) throws InterruptedException {
        try (Campaign campaign =
                new Campaign("disks", SMALL, seed, Duration.ofMinutes(2), Duration.ofMillis(10), SUMMARIES)) {
            List<ManagerHost> hosts = campaign.cluster.free();
            List<String> done = new CopyOnWriteArrayList<>();
            Disks disks = new Disks(campaign.cluster.folder().resolve("disks"));
            hosts.forEach(disks::make);
            campaign.start(SMALL, hosts, 2, () -> String.join(", ", done));
            DiskFaults faults = new DiskFaults(campaign, disks);
            for (boolean leader : new boolean[] {true, false}) {
                done.add(faults.full(leader));
                done.add(faults.failing(leader));
            }
            campaign.conclude();
            campaign.figure("faults", done);
            campaign.report();
        }
    }

    /** One member that swallows whatever is sent to it, connections too: nobody may wait for it. */
    static void blackhole(long seed) throws InterruptedException {
        try (Campaign campaign =
                new Campaign("blackhole", SMALL, seed, Duration.ofMinutes(1), Duration.ofMillis(10), SUMMARIES)) {
            List<ManagerHost> hosts = campaign.cluster.free();
            campaign.start(SMALL, hosts, 2, () -> "");
            ManagerHost leader = campaign.cluster.leader().orElseThrow();
            ManagerHost victim = hosts.stream()
                    .filter(host -> !host.equals(leader))
                    .findFirst()
                    .orElseThrow();
            List<Cut> cuts = hosts.stream()
                    .filter(host -> !host.equals(victim))
                    .map(host -> new Cut(host, victim))
                    .toList();
            campaign.outages.restart();
            campaign.cluster.links().cut(cuts);
            // The others hear that their connections are closed, and try to connect again.
            String closed = victim.host()
                    .require("ss", "-K", "-t", "state", "established")
                    .out();
            if (!closed.contains(":7800")) {
                campaign.ledger.violation("this kernel closes no connections for ss -K: " + closed);
            }
            sleep(BLACKHOLE);
            campaign.outages.end();
            if (campaign.outages.longest() > NOTICEABLE_SECONDS) {
                campaign.ledger.violation("for " + campaign.outages.longest()
                        + " s nothing was decided while one of three could not be reached");
            }
            campaign.cluster.links().heal(cuts);
            campaign.conclude();
            campaign.report();
        }
    }

    private static void sleep(Duration time) {
        long end = System.nanoTime() + time.toNanos();
        for (long left = end - System.nanoTime(); left > 0; left = end - System.nanoTime()) {
            LockSupport.parkNanos(Math.min(left, TimeUnit.SECONDS.toNanos(1)));
        }
    }
}
