package io.wgfabric.scale.containers;

import io.wgfabric.scale.report.RunReport;
import io.wgfabric.simulation.containers.FabricCluster;
import io.wgfabric.simulation.containers.FabricNode;
import io.wgfabric.simulation.containers.ManagerContainer;
import io.wgfabric.simulation.containers.ProcessUse;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.DoubleStream;

/** What nodes use of the machine while nothing happens. */
final class Rest {
    private static final double KIB_PER_MIB = 1_024;

    /** As {@link ProcessUse#ownKib} has it. */
    private static final String OWN = "of that no file's, MiB";

    private static final List<String> PROGRAMS = List.of("java", "wireguard-go");

    /** A node's processes at a time. */
    private record Look(long nanos, List<ProcessUse> processes) {
        private Duration cpu(String program) {
            return processes.stream()
                    .filter(each -> each.name().equals(program))
                    .map(ProcessUse::cpu)
                    .reduce(Duration.ZERO, Duration::plus);
        }
    }

    /** By role and program, then by what was measured; a value for each process. */
    private final Map<String, Map<String, List<Double>>> values = new TreeMap<>();

    private double percent;

    private Rest() {}

    /** Looks at each before and after that time. */
    static Rest of(FabricCluster fabric, Duration time) {
        Rest rest = new Rest();
        Map<FabricNode<?>, Look> before = look(fabric);
        long end = System.nanoTime() + time.toNanos();
        while (System.nanoTime() < end) {
            LockSupport.parkNanos(end - System.nanoTime());
        }
        Map<FabricNode<?>, Look> after = look(fabric);
        before.forEach((node, first) -> rest.add(node, first, after.getOrDefault(node, first)));
        return rest;
    }

    private static Map<FabricNode<?>, Look> look(FabricCluster fabric) {
        return fabric.onAll(node -> new Look(System.nanoTime(), node.processes()));
    }

    private void add(FabricNode<?> node, Look first, Look last) {
        String role = node instanceof ManagerContainer ? "a manager" : "a peer";
        for (ProcessUse process : last.processes()) {
            if (!PROGRAMS.contains(process.name())) {
                continue;
            }
            double spent =
                    last.cpu(process.name()).minus(first.cpu(process.name())).toNanos();
            double part = 100 * spent / (last.nanos() - first.nanos());
            String group = role + " at rest: " + process.name();
            add(group, "resident, MiB", process.residentKib() / KIB_PER_MIB);
            add(group, OWN, process.ownKib() / KIB_PER_MIB);
            add(group, "processor, %", part);
            percent += part;
        }
    }

    private void add(String group, String name, double value) {
        values.computeIfAbsent(group, unused -> new LinkedHashMap<>())
                .computeIfAbsent(name, unused -> new ArrayList<>())
                .add(value);
    }

    /** Of one processor, all nodes together. */
    double percent() {
        return percent;
    }

    void record(RunReport report) {
        values.forEach((group, measured) -> measured.forEach((name, all) -> {
            String[] words = name.split(", ", -1); // name and unit
            double[] sorted = DoubleStream.of(
                            all.stream().mapToDouble(Double::doubleValue).toArray())
                    .sorted()
                    .toArray();
            report.fact(group, words[0] + ", median", sorted[sorted.length / 2], words[1]);
            report.fact(group, words[0] + ", most", sorted[sorted.length - 1], words[1]);
        }));
        values.forEach((group, measured) -> report.fact(
                "all nodes at rest",
                "own memory, each " + group.replaceAll("^an? | at rest:", ""),
                measured.getOrDefault(OWN, List.of()).stream()
                        .mapToDouble(Double::doubleValue)
                        .sum(),
                "MiB"));
        report.fact("all nodes at rest", "of one processor, all programs", percent, "%");
    }
}
