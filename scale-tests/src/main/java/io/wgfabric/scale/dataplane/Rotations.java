package io.wgfabric.scale.dataplane;

import io.wgfabric.simulation.lab.LabNode;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import tools.jackson.databind.JsonNode;

/** Rotations of keys, and what they took. */
final class Rotations {
    private final DataPlane plane;

    Rotations(DataPlane plane) {
        this.plane = plane;
    }

    /** By {@code fabric node rotate}; answers how long each took until the managers said that it was over. */
    List<Duration> byHand(LabNode node, int count) {
        return IntStream.range(0, count)
                .mapToObj(i -> {
                    Map<LabNode, Set<String>> before = keys(List.of(node));
                    plane.fleet().ask(plane.manager(), "node", "rotate", node.name());
                    return awaitEnd(before);
                })
                .toList();
    }

    Map<LabNode, Set<String>> keys(List<LabNode> nodes) {
        Map<LabNode, Set<String>> keys = new HashMap<>();
        nodes.forEach(node -> keys.put(node, plane.keys(node)));
        return keys;
    }

    /** Asks for the rotation of a node and does not wait. */
    void begin(LabNode node) {
        plane.decide("POST", "/v1/nodes/" + node.name() + "/rotate", null);
    }

    /** Until all of them are at rest with other keys on both planes. */
    Duration awaitEnd(Map<LabNode, Set<String>> before) {
        return DataPlane.await(
                "the rotation of " + before.keySet() + " ends",
                DataPlane.LIMIT,
                () -> before.entrySet().stream().allMatch(each -> {
                    JsonNode shown = plane.show(each.getKey());
                    return isAtRest(shown) && hasTurned(shown, each.getValue());
                }));
    }

    /** Until each of them has had other keys on both planes, whatever it does by then. */
    Duration awaitNewKeys(List<LabNode> nodes) {
        Map<LabNode, Set<String>> waiting = keys(nodes);
        return DataPlane.await("new keys of " + nodes, DataPlane.LIMIT.multipliedBy(nodes.size()), () -> {
            waiting.entrySet().removeIf(each -> hasTurned(plane.show(each.getKey()), each.getValue()));
            return waiting.isEmpty();
        });
    }

    /** No answer is no other key. */
    private static boolean hasTurned(JsonNode shown, Set<String> before) {
        return shown.path("keys").isObject() && DataPlane.keys(shown).stream().noneMatch(before::contains);
    }

    boolean isAtRest(LabNode node) {
        return isAtRest(plane.show(node));
    }

    /** No answer is no rest. */
    private static boolean isAtRest(JsonNode shown) {
        return shown.path("keys").isObject() && DataPlane.phase(shown).isEmpty();
    }

    static String seconds(List<Duration> times) {
        return times.stream()
                .map(time -> String.format(Locale.ROOT, "%.1f s", time.toMillis() / 1e3))
                .collect(Collectors.joining(", "));
    }
}
