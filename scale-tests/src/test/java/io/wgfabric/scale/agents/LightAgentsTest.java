package io.wgfabric.scale.agents;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.wgfabric.api.Address;
import io.wgfabric.scale.bench.FabricManagers;
import io.wgfabric.scale.report.Event;
import io.wgfabric.scale.report.RunReport;
import io.wgfabric.scale.report.Series;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Three managers, each a process as the launcher makes it, and light agents in this one: they join, hear of changes, rest,
 * and come back to managers that were killed. The figures are in {@code target/agents-COUNT/report.html}, also where it
 * fails.
 *
 * <ul>
 *   <li>{@code -Dfabric.agents=100}: how many
 *   <li>{@code -Dfabric.joining=16}: how many join at a time
 *   <li>{@code -Dfabric.changes=30}: how many changes are told
 *   <li>{@code -Dfabric.rest=60}: seconds in which nothing happens
 *   <li>{@code -Dfabric.heap=256m}: of each manager; the launcher gives that
 * </ul>
 */
@Tag("agents")
final class LightAgentsTest {
    private static final int MANAGERS = 3;
    private static final Duration LIMIT = Duration.ofMinutes(20);
    private static final Duration TOLD = Duration.ofMinutes(2);

    private final int count = Integer.getInteger("fabric.agents", 100);
    private final RunReport report = new RunReport(MANAGERS + " managers and " + count + " light agents");

    @TempDir
    private Path folder;

    @AfterEach
    void writeReport() throws IOException {
        report.machine();
        System.out.println(report.write(Path.of("target", "agents-" + count)));
    }

    @Test
    void allJoinAndHearOfEverythingAlsoWhenManagersDie() throws Exception {
        List<String> jvm = List.of(
                "-XX:+UseSerialGC", "-Xmx" + System.getProperty("fabric.heap", "256m"), "-XX:+ExitOnOutOfMemoryError");
        try (FabricManagers managers = FabricManagers.start(folder, jvm);
                Fleet fleet = new Fleet(managers.apis(), report)) {
            join(fleet, managers.token("peer", 0));
            tellChanges(fleet, managers.apis());
            rest(fleet, managers);
            storm(fleet, managers, "the leader is killed", List.of(managers.leader()));
            storm(fleet, managers, "all managers are killed", List.of(0, 1, 2));
            count(fleet);
        }
    }

    private void join(Fleet fleet, String token) throws InterruptedException {
        Duration took = fleet.join(count, token, Integer.getInteger("fabric.joining", 16), LIMIT);
        report.headline("agents joined", count, "");
        report.headline("joins a second", count / seconds(took), "/s");
        report.headline("until the last had joined", seconds(took), "s");
        Set<Address> addresses = new TreeSet<>();
        fleet.agents()
                .forEach(agent -> addresses.addAll(agent.membership().node().addresses()));
        assertEquals(2L * count, addresses.size());
    }

    /** Through each manager in turn; the next one when all have heard of the last. */
    private void tellChanges(Fleet fleet, List<String> apis) {
        Series acknowledged = report.series("change: acknowledged");
        Series heard = report.series("change: from asking to each agent");
        for (int i = 0; i < Integer.getInteger("fabric.changes", 30); i++) {
            Fleet.Changed changed = fleet.change(List.of(apis.get(i % MANAGERS)), acknowledged);
            assertEquals(0, fleet.awaitAll(changed, heard, changed.startNanos(), TOLD));
        }
    }

    private void rest(Fleet fleet, FabricManagers managers) throws IOException, InterruptedException {
        List<ProcessHandle> processes = new ArrayList<>();
        for (int i = 0; i < MANAGERS; i++) {
            processes.add(managers.process(i).toHandle());
        }
        processes.add(ProcessHandle.current());
        long opened = fleet.counts().opened.sum();
        List<Usage> before = usage(processes);
        Duration rest = Duration.ofSeconds(Integer.getInteger("fabric.rest", 60));
        long start = System.nanoTime();
        Thread.sleep(rest.toMillis());
        Duration rested = Duration.ofNanos(System.nanoTime() - start);
        List<Usage> after = usage(processes);
        for (int i = 0; i < processes.size(); i++) {
            String name = i < MANAGERS ? FabricManagers.name(i) : "all agents";
            report.fact(name, "CPU at rest, of one processor", after.get(i).percentSince(before.get(i), rested), "%");
            report.fact(name, "resident memory", after.get(i).residentMib(), "MiB");
        }
        assertEquals(opened, fleet.counts().opened.sum(), "streams that broke while nothing happened");
    }

    private static List<Usage> usage(List<ProcessHandle> processes) throws IOException {
        List<Usage> usage = new ArrayList<>();
        for (ProcessHandle process : processes) {
            usage.add(Usage.of(process));
        }
        return usage;
    }

    /** Kills managers, starts them again at once, and changes something that all must hear of. */
    private void storm(Fleet fleet, FabricManagers managers, String what, List<Integer> killed)
            throws InterruptedException {
        long opened = fleet.counts().opened.sum();
        long start = System.nanoTime();
        for (int number : killed) {
            managers.process(number).destroyForcibly().waitFor();
            report.event(Event.Kind.KILLED, FabricManagers.name(number));
        }
        for (int number : killed) {
            managers.restart(number);
            report.event(Event.Kind.RESTARTED, FabricManagers.name(number));
        }
        List<String> apis = managers.apis();
        List<String> living = IntStream.range(0, MANAGERS)
                .filter(number -> killed.size() == MANAGERS || !killed.contains(number))
                .mapToObj(apis::get)
                .toList();
        Fleet.Changed changed = fleet.change(living, report.series("change: acknowledged after " + what));
        Series series = report.series(what + ": until each agent has the newest revision");
        long deaf = fleet.awaitAll(changed, series, start, TOLD);
        report.headline(what + ": all have the newest", seconds(Duration.ofNanos(System.nanoTime() - start)), "s");
        report.fact(what, "streams opened", (double) fleet.counts().opened.sum() - opened, "");
        assertEquals(0, deaf, "agents that do not have the newest revision");
        managers.awaitAll();
    }

    private void count(Fleet fleet) {
        Counts counts = fleet.counts();
        String group = "all agents";
        report.fact(group, "streams opened", (double) counts.opened.sum(), "");
        report.fact(group, "streams refused", (double) counts.refused.sum(), "");
        report.fact(group, "streams that fell silent", (double) counts.silences.sum(), "");
        report.fact(group, "deltas heard", (double) counts.deltas.sum(), "");
        report.fact(group, "full configurations heard", (double) counts.fulls.sum(), "");
        report.fact(group, "text heard", counts.characters.sum() / 1e6, "MB");
        report.fact(group, "heartbeats taken", (double) counts.beats.sum(), "");
        report.fact(group, "heartbeats lost", (double) counts.lostBeats.sum(), "");
        report.fact(group, "gaps, of those that verify", (double) counts.gaps.sum(), "");
        assertEquals(0, counts.disbelieved.sum(), "lines that were not to be believed");
        assertEquals(0, counts.gone.sum(), "nodes that were told to be no member");
    }

    private static double seconds(Duration time) {
        return time.toNanos() / 1e9;
    }
}
