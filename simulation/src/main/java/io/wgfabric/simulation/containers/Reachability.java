package io.wgfabric.simulation.containers;

import io.wgfabric.api.Address;
import java.time.Duration;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/**
 * Who reaches whom over the overlay, by real packets.
 *
 * @param nodes that were asked, with their addresses as they are on the interfaces
 * @param took until all answered, or until it was given up
 * @param silent for each node those that do not answer it; a node that lacks an address of a family is in it with none, since
 *     it reaches nobody there; empty if all do
 */
public record Reachability(Map<String, List<Address>> nodes, Duration took, Map<String, Set<Address>> silent) {
    private static final long POLL_NANOS = TimeUnit.MILLISECONDS.toNanos(200);

    public Reachability {
        nodes = Collections.unmodifiableMap(new LinkedHashMap<>(nodes));
        silent = Map.copyOf(silent);
    }

    /** Asks every directed pair over IPv4 and IPv6, and those that are silent again, until the limit. */
    static Reachability await(List<FabricNode<?>> nodes, Duration limit) {
        long start = System.nanoTime();
        Map<FabricNode<?>, List<Address>> read = addresses(nodes, start + limit.toNanos());
        Map<String, List<Address>> addresses = new LinkedHashMap<>();
        read.forEach((node, own) -> addresses.put(node.name(), own));
        Map<FabricNode<?>, Set<Address>> open = new HashMap<>();
        read.forEach((node, own) -> {
            Set<Address> others = new HashSet<>();
            read.values().forEach(others::addAll);
            own.forEach(others::remove);
            open.put(node, others);
        });
        Map<FabricNode<?>, Set<Address>> unheard = open;
        do {
            unheard = silent(unheard);
        } while (!unheard.isEmpty() && System.nanoTime() - start < limit.toNanos());
        Map<String, Set<Address>> silent = new HashMap<>();
        read.forEach((node, own) -> {
            if (lacksAFamily(own)) {
                silent.put(node.name(), Set.of());
            }
        });
        unheard.forEach((node, targets) -> silent.put(node.name(), Set.copyOf(targets)));
        return new Reachability(addresses, Duration.ofNanos(System.nanoTime() - start), silent);
    }

    /** In the order of the nodes; those that lack any are read again until the deadline. */
    private static Map<FabricNode<?>, List<Address>> addresses(List<FabricNode<?>> nodes, long deadline) {
        Map<FabricNode<?>, List<Address>> found = new LinkedHashMap<>();
        List<FabricNode<?>> open = nodes;
        nodes.forEach(node -> found.put(node, List.of()));
        while (true) {
            List<List<Address>> read = Parallel.map(open, FabricNode::overlay);
            for (int i = 0; i < open.size(); i++) {
                found.put(open.get(i), read.get(i));
            }
            open = nodes.stream()
                    .filter(node -> lacksAFamily(found.getOrDefault(node, List.of())))
                    .toList();
            if (open.isEmpty() || System.nanoTime() > deadline) {
                return found;
            }
            LockSupport.parkNanos(POLL_NANOS);
        }
    }

    private static boolean lacksAFamily(List<Address> own) {
        return own.stream().noneMatch(Address::isV4) || own.stream().allMatch(Address::isV4);
    }

    private static Map<FabricNode<?>, Set<Address>> silent(Map<FabricNode<?>, Set<Address>> asked) {
        List<Map.Entry<FabricNode<?>, Set<Address>>> each = List.copyOf(asked.entrySet());
        List<Set<Address>> answers = Parallel.map(each, one -> one.getKey().unreachable(one.getValue()));
        Map<FabricNode<?>, Set<Address>> silent = new HashMap<>();
        for (int i = 0; i < each.size(); i++) {
            if (!answers.get(i).isEmpty()) {
                silent.put(each.get(i).getKey(), answers.get(i));
            }
        }
        return silent;
    }

    /** How many directed pairs were asked. */
    public int pairs() {
        return nodes.size() * (nodes.size() - 1);
    }

    public boolean isComplete() {
        return silent.isEmpty();
    }

    /** Whether this node has answers from that one over IPv4 and IPv6; not if one of them lacks an address. */
    public boolean reaches(String from, String to) {
        List<Address> targets = nodes.getOrDefault(to, List.of());
        Set<Address> unheard = silent.getOrDefault(from, Set.of());
        return !lacksAFamily(nodes.getOrDefault(from, List.of()))
                && !lacksAFamily(targets)
                && targets.stream().noneMatch(unheard::contains);
    }
}
