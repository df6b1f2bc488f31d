package io.wgfabric.simulation.lab;

import io.wgfabric.api.Address;
import io.wgfabric.simulation.netns.LabException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/** Looks at the overlay as its users do: addresses on interfaces, answers to echo requests, handshakes in {@code wg}. */
final class Reachability {
    private static final Duration LIMIT = Duration.ofSeconds(30);

    /** After that long without a handshake WireGuard gives a session up. */
    private static final Duration RECENT = Duration.ofMinutes(3);

    private final Report report;

    Reachability(Report report) {
        this.report = report;
    }

    /** How many work at once without standing in each other's way. */
    static int parallelism() {
        return Math.max(2, Math.min(8, Runtime.getRuntime().availableProcessors()));
    }

    /** Reads each node's addresses from its interfaces; no two nodes may have one in common. */
    String checkAddresses(String name, List<LabNode> nodes) {
        Map<Address, LabNode> owners = new HashMap<>();
        List<String> faults = new ArrayList<>();
        for (LabNode node : nodes) {
            node.readOverlay();
            if (node.v4().isEmpty() || node.v6().isEmpty() || node.overlay().size() != 2) {
                faults.add(node + " has " + node.overlay());
            }
            for (Address address : node.overlay()) {
                LabNode other = owners.put(address, node);
                if (other != null) {
                    faults.add(other + " and " + node + " share " + address);
                }
            }
        }
        String figure = owners.size() + " addresses on " + nodes.size() + " nodes";
        report.check(name, faults.isEmpty(), faults.isEmpty() ? figure : faults.toString());
        return figure;
    }

    /** Every node asks every other one, over both families, until all answer or the time is up. */
    String checkPairs(String name, List<LabNode> nodes) throws InterruptedException {
        long start = System.nanoTime();
        Map<LabNode, Set<Address>> open =
                new TreeMap<>((one, other) -> one.name().compareTo(other.name()));
        for (LabNode node : nodes) {
            Set<Address> targets = new HashSet<>();
            nodes.stream().filter(other -> other != node).forEach(other -> targets.addAll(other.overlay()));
            open.put(node, targets);
        }
        int wanted = open.values().stream().mapToInt(Set::size).sum();
        while (!open.isEmpty() && Times.since(start).compareTo(LIMIT) < 0) {
            open.putAll(ask(open));
            open.values().removeIf(Set::isEmpty);
        }
        int silent = open.values().stream().mapToInt(Set::size).sum();
        int pairs = nodes.size() * (nodes.size() - 1);
        String took = Times.text(Times.since(start));
        String figure = silent == 0
                ? pairs + " of " + pairs + " directed pairs, IPv4 and IPv6, in " + took
                : silent + " of " + wanted + " do not answer: " + open;
        report.check(name, silent == 0, figure);
        return figure;
    }

    private static Map<LabNode, Set<Address>> ask(Map<LabNode, Set<Address>> open) throws InterruptedException {
        ExecutorService workers = Executors.newFixedThreadPool(parallelism());
        try {
            Map<LabNode, Future<Set<Address>>> asked = new HashMap<>();
            open.forEach((node, targets) ->
                    asked.put(node, workers.submit(() -> node.host().unreachable(targets))));
            Map<LabNode, Set<Address>> silent = new HashMap<>();
            for (Map.Entry<LabNode, Future<Set<Address>>> each : asked.entrySet()) {
                silent.put(each.getKey(), each.getValue().get());
            }
            return silent;
        } catch (ExecutionException e) {
            throw new LabException("cannot ask for echoes: " + e.getCause(), e);
        } finally {
            workers.shutdownNow();
        }
    }

    /** {@code wg show} on each node lists all others with a handshake that is not old. */
    String checkHandshakes(List<LabNode> nodes) {
        List<String> faults = new ArrayList<>();
        long oldest = 0;
        for (LabNode node : nodes) {
            List<Long> ages = handshakeAges(
                    node.host()
                            .require("wg", "show", "all", "latest-handshakes")
                            .out(),
                    Instant.now());
            List<Long> recent =
                    ages.stream().filter(age -> age <= RECENT.toSeconds()).toList();
            oldest = recent.stream().reduce(oldest, Math::max);
            if (recent.size() < nodes.size() - 1) {
                faults.add(node + ": " + recent.size() + " of " + (nodes.size() - 1));
            }
        }
        String figure = (nodes.size() - 1) + " peers on each node, the oldest handshake " + oldest + " s ago";
        report.check("wg show: recent handshakes", faults.isEmpty(), faults.isEmpty() ? figure : faults.toString());
        return figure;
    }

    /** Seconds since the handshake with each peer that had one; a peer on two interfaces counts with each. */
    static List<Long> handshakeAges(String latestHandshakes, Instant now) {
        return latestHandshakes
                .lines()
                .map(line -> line.split("\t", -1))
                .filter(fields -> fields.length == 3 && !fields[2].equals("0"))
                .map(fields -> Math.max(0, now.getEpochSecond() - Long.parseLong(fields[2])))
                .toList();
    }
}
