package io.wgfabric.scale.chaos;

import io.wgfabric.core.codec.Json;
import io.wgfabric.simulation.netns.LabException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;

/** What all suites have in common: a cluster with clients, progress on the screen, and a summary at the end. */
final class Campaign implements AutoCloseable {
    private static final Duration CALM = Duration.ofSeconds(90);
    private static final int PROGRESS_SECONDS = 5;

    private final String name;
    private final long seed;
    private final Path summaries;
    private final long began = System.nanoTime();
    final ChaosCluster cluster;
    final Ledger ledger = new Ledger();
    final Outages outages;
    final Workload workload;
    final Auditor auditor;
    final Verification verification;
    private final Map<String, Object> figures = new LinkedHashMap<>();
    private final ScheduledExecutorService progress = Executors.newSingleThreadScheduledExecutor(task -> {
        Thread thread = new Thread(task, "chaos-progress");
        thread.setDaemon(true);
        return thread;
    });
    private volatile Supplier<String> faults = () -> "";
    private String leader = "?";
    private boolean succeeded;

    /**
     * @param machines how many there are for managers
     * @param planned how long clients will ask
     * @param summaries where the summary is written
     */
    Campaign(String name, int machines, long seed, Duration planned, Duration pause, Path summaries) {
        this.name = name;
        this.seed = seed;
        this.summaries = summaries;
        System.out.println("==> " + name + ": seed " + seed);
        cluster = ChaosCluster.open(machines);
        outages = new Outages(() -> faults.get());
        workload = new Workload(cluster, ledger, outages, seed, planned, pause);
        auditor = new Auditor(cluster, ledger, seed + 1);
        verification = new Verification(cluster, ledger, workload, auditor);
    }

    /** Starts managers, clients, and what is said every five seconds. */
    void start(int managers, List<ManagerHost> hosts, int clients, Supplier<String> active) {
        faults = active;
        cluster.found(managers);
        System.out.println(String.format(
                Locale.ROOT,
                "%s: %d managers serve after %.1f s; logs in %s",
                name,
                managers,
                elapsed(),
                cluster.logs()));
        auditor.start();
        workload.start(hosts, clients);
        var unused = progress.scheduleWithFixedDelay(this::tell, PROGRESS_SECONDS, PROGRESS_SECONDS, TimeUnit.SECONDS);
    }

    private void tell() {
        try {
            leader = cluster.leader().map(ManagerHost::name).orElse("none");
        } catch (LabException e) {
            leader = "?";
        }
        String now = faults.get();
        System.out.println(String.format(
                Locale.ROOT,
                "%6.0f s  ok %d refused %d unknown %d (open %d) reads %d stale %d  leader %s of %d  outage %s%s",
                elapsed(),
                ledger.ok.sum(),
                ledger.refused.sum(),
                ledger.unknown.sum(),
                workload.openRequests(),
                ledger.reads.sum(),
                ledger.staleReads.sum(),
                leader,
                cluster.members().size(),
                outages.text(),
                now.isEmpty() ? "" : "  now: " + now));
    }

    double elapsed() {
        return (System.nanoTime() - began) / 1e9;
    }

    void figure(String key, Object value) {
        figures.put(key, value);
    }

    /** With all managers up: ends the clients, and judges all that was seen. */
    void conclude() throws InterruptedException {
        outages.end();
        workload.stop();
        workload.resolveAll(CALM);
        auditor.stop();
        verification.state();
        for (ManagerHost host : cluster.members()) {
            if (!auditor.copyFromAny(List.of(host), CALM)) {
                ledger.violation(host + " shows no confirmed audit chain");
            }
        }
        long snapshots =
                cluster.members().stream().filter(ManagerHost::hasSnapshot).count();
        figure("managersWithSnapshot", snapshots);
        figure("histories", verification.histories());
        if (auditor.gaps() > 0) {
            ledger.violation("the audit chain was copied with " + auditor.gaps() + " gaps: fewer requests a second");
        }
    }

    /**
     * Says and writes how it went.
     *
     * @throws AssertionError if something was not as it must be
     */
    void report() {
        progress.shutdownNow();
        List<String> violations = ledger.violations();
        Map<String, Object> summary = new LinkedHashMap<>();
        summary.put("name", name);
        summary.put("seed", seed);
        summary.put("seconds", Math.round(elapsed()));
        Map<String, Object> operations = new LinkedHashMap<>();
        operations.put("ok", ledger.ok.sum());
        operations.put("refused", ledger.refused.sum());
        operations.put("notDone", ledger.undone.sum());
        operations.put("unknownAtFirst", ledger.unknown.sum());
        operations.put("answeredLater", ledger.resolved.sum());
        operations.put("neverAnswered", ledger.indeterminate.sum());
        operations.put("askedAgain", ledger.echoes.sum());
        operations.put("confirmedReads", ledger.reads.sum() - ledger.staleReads.sum());
        operations.put("unconfirmedReads", ledger.staleReads.sum());
        operations.put("internalErrors", ledger.internalErrors.sum());
        operations.put("auditEntries", auditor.entries());
        summary.put("operations", operations);
        summary.put("longestOutageSeconds", outages.longest());
        summary.put("longestOutagesWithMajority", outages.longestWithMajority());
        summary.putAll(figures);
        summary.put("violations", violations);
        String json = Json.mapper().writerWithDefaultPrettyPrinter().writeValueAsString(summary);
        System.out.println(json);
        try {
            Files.createDirectories(summaries);
            Files.writeString(summaries.resolve(name + ".json"), json + "\n");
        } catch (IOException e) {
            throw new LabException("cannot write the summary: " + e.getMessage(), e);
        }
        if (!violations.isEmpty()) {
            throw new AssertionError(violations.size() + " violations, the first: " + violations.get(0) + "; logs in "
                    + cluster.logs() + ", seed " + seed);
        }
        succeeded = true;
    }

    /** Keeps the logs where something was not as it must be. */
    @Override
    public void close() {
        progress.shutdownNow();
        if (!succeeded) {
            cluster.keepLogs();
            System.out.println("the logs are in " + cluster.logs());
        }
        cluster.close();
    }
}
