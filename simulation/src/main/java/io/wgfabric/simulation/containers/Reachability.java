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

/**
 * Who reaches whom over the overlay, by real packets.
 *
 * @param nodes that were asked, with their addresses as they are on the interfaces
 * @param took until all answered, or until it was given up
 * @param silent for each node those that do not answer it; empty if all do
 */
public record Reachability(Map<String, List<Address>> nodes, Duration took, Map<String, Set<Address>> silent) {
    public Reachability {
        nodes = Collections.unmodifiableMap(new LinkedHashMap<>(nodes));
        silent = Map.copyOf(silent);
    }

    /** Asks every directed pair over IPv4 and IPv6, and those that are silent again, until the limit. */
    static Reachability await(List<FabricNode<?>> nodes, Duration limit) {
        long start = System.nanoTime();
        List<List<Address>> read = Parallel.map(nodes, FabricNode::overlay);
        Map<String, List<Address>> addresses = new LinkedHashMap<>();
        Set<Address> all = new HashSet<>();
        for (int i = 0; i < nodes.size(); i++) {
            addresses.put(nodes.get(i).name(), read.get(i));
            all.addAll(read.get(i));
        }
        Map<FabricNode<?>, Set<Address>> open = new HashMap<>();
        for (int i = 0; i < nodes.size(); i++) {
            Set<Address> others = new HashSet<>(all);
            read.get(i).forEach(others::remove);
            open.put(nodes.get(i), others);
        }
        do {
            open = silent(open);
        } while (!open.isEmpty() && System.nanoTime() - start < limit.toNanos());
        Map<String, Set<Address>> silent = new HashMap<>();
        open.forEach((node, targets) -> silent.put(node.name(), Set.copyOf(targets)));
        return new Reachability(addresses, Duration.ofNanos(System.nanoTime() - start), silent);
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

    /** Whether this node has answers from that one over IPv4 and IPv6. */
    public boolean reaches(String from, String to) {
        Set<Address> unheard = silent.getOrDefault(from, Set.of());
        return nodes.getOrDefault(to, List.of()).stream().noneMatch(unheard::contains);
    }
}
