package io.wgfabric.scale.dataplane;

import io.wgfabric.simulation.lab.LabNode;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;

/**
 * Datagrams that a node's system dropped because a program did not read its socket in time: those of WireGuard itself
 * and of the talkers. A machine with too little time loses packets there, whatever WireGuard is told to do.
 */
record Overflows(Map<String, Long> byNode) {
    static Overflows of(List<LabNode> nodes) {
        Map<String, Long> counts = new TreeMap<>();
        for (LabNode node : nodes) {
            counts.put(
                    node.name(),
                    receiveErrors(node.host().require("cat", "/proc/net/snmp").out()));
        }
        return new Overflows(counts);
    }

    /** The column RcvbufErrors of the lines that begin with "Udp:", the first of which has the names. */
    static long receiveErrors(String snmp) {
        List<List<String>> udp = snmp.lines()
                .filter(line -> line.startsWith("Udp: "))
                .map(line -> Arrays.asList(line.split(" ", -1)))
                .toList();
        return Long.parseLong(udp.get(1).get(udp.get(0).indexOf("RcvbufErrors")));
    }

    long at(LabNode node) {
        return byNode.getOrDefault(node.name(), 0L);
    }

    Overflows since(Overflows earlier) {
        Map<String, Long> counts = new TreeMap<>(byNode);
        earlier.byNode.forEach((node, count) -> counts.merge(node, -count, Long::sum));
        return new Overflows(counts);
    }

    @Override
    public String toString() {
        String nodes = byNode.entrySet().stream()
                .filter(each -> each.getValue() > 0)
                .map(each -> each.getKey() + " " + each.getValue())
                .collect(Collectors.joining(", "));
        return "full socket buffers: " + (nodes.isEmpty() ? "none" : nodes);
    }
}
