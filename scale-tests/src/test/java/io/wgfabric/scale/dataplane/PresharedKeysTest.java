package io.wgfabric.scale.dataplane;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;

import io.wgfabric.core.codec.Json;
import io.wgfabric.scale.chaos.Parcel;
import io.wgfabric.scale.dataplane.Conversations.Pair;
import io.wgfabric.simulation.lab.LabNode;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;

/** Pre-shared keys are switched on, used, rotated and switched off while every packet between the peers is counted. */
@Tag("dataplane")
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
final class PresharedKeysTest {
    private static final Duration LIMIT = DataPlane.LIMIT;

    private final DataPlane plane = DataPlane.shared();
    private final Rotations rotations = new Rotations(plane);
    private final Traffic traffic = new Traffic(plane);

    private LabNode peer(int number) {
        return plane.node("p" + number);
    }

    private Duration set(String state) {
        long start = System.nanoTime();
        plane.fleet().ask(plane.manager(), "mesh", "set", "--pre-shared-keys", state);
        DataPlane.await("all nodes have keys for it", LIMIT, this::isDone);
        return Duration.ofNanos(System.nanoTime() - start);
    }

    /** No answer, as from a manager that is busy, is no yes. */
    private boolean isDone() {
        Parcel.Reply mesh = plane.ask(plane.manager(), "GET", "/v1/mesh", null);
        return mesh.status() == 200
                && Json.mapper().readTree(mesh.body()).path("toBeRotated").asLong(-1) == 0
                && plane.nodes().stream().allMatch(rotations::isAtRest);
    }

    /** By the two ends, in order; each as the first of them has it. */
    private Map<String, String> presharedKeys() {
        Map<String, String> names = new HashMap<>();
        for (LabNode node : plane.nodes()) {
            String own = node.host()
                    .require("wg", "show", "wgf0", "public-key")
                    .out()
                    .strip();
            names.put(own, node.name());
        }
        Map<String, String> keys = new TreeMap<>();
        for (LabNode node : plane.nodes()) {
            Interfaces.presharedKeys(node)
                    .forEach((peer, key) -> keys.put(node.name() + " " + names.getOrDefault(peer, peer), key));
        }
        return keys;
    }

    /** Of each pair of nodes, and the same at both ends. */
    private void assertEachPairHasOne(Map<String, String> keys) {
        int nodes = plane.nodes().size();
        assertEquals(nodes * (nodes - 1), keys.size(), keys.keySet().toString());
        assertEquals(nodes * (nodes - 1) / 2, Set.copyOf(keys.values()).size());
        keys.forEach((pair, key) -> {
            String[] ends = pair.split(" ", 2);
            assertEquals(key, keys.get(ends[1] + " " + ends[0]), pair);
        });
    }

    @Test
    @Order(1)
    void switchedOnAndRotatedTheyCostNoPacket() {
        List<Pair> pairs = Pair.all(plane.fleet().peers());
        Traffic.Outcome outcome =
                traffic.during("pre-shared keys", pairs, new Pair(peer(1), peer(2)), Set.of(), talk -> {
                    Duration on = set("on");
                    Map<String, String> first = presharedKeys();
                    assertEachPairHasOne(first);
                    List<Duration> took = rotations.byHand(peer(1), 1);
                    Map<String, String> second = presharedKeys();
                    assertEachPairHasOne(second);
                    first.forEach((pair, key) -> {
                        if (pair.contains("p1")) {
                            assertNotEquals(key, second.get(pair), pair);
                        } else {
                            assertEquals(key, second.get(pair), pair);
                        }
                    });
                    return "all seven nodes had them after " + Rotations.seconds(List.of(on)) + "; a rotation: "
                            + Rotations.seconds(took);
                });
        assertEquals(List.of(), outcome.faults());
    }

    /** Its interface is gone too, so that each pre-shared key comes from what the node has stored. */
    @Test
    @Order(2)
    void anAgentThatStartsWithoutManagersHasThem() {
        Map<String, String> before = presharedKeys();
        assertEachPairHasOne(before);
        List<LabNode> managers = plane.fleet().managers();
        LabNode restarted = peer(2);
        List<Pair> pairs = Pair.star(restarted, plane.fleet().peers());
        try (Conversations talk = Conversations.start(plane, pairs, Traffic.PERIOD)) {
            talk.awaitAll(direction -> true, LIMIT);
            managers.forEach(DataPlane::kill);
            DataPlane.kill(restarted);
            DataPlane.killWireGuard(restarted);
            plane.start(restarted);
            Duration up = talk.awaitAll(direction -> true, LIMIT);
            assertEquals(before, presharedKeys());
            DataPlane.report(
                    "pre-shared keys without managers", "all pairs talk after " + Rotations.seconds(List.of(up)));
        } finally {
            plane.startAll(managers);
        }
    }

    @Test
    @Order(3)
    void switchedOffTheyCostNoPacket() {
        DataPlane.await("it is at rest", LIMIT, this::isDone);
        List<Pair> pairs = Pair.all(plane.fleet().peers());
        Traffic.Outcome outcome =
                traffic.during("pre-shared keys go", pairs, new Pair(peer(1), peer(2)), Set.of(), talk -> {
                    Duration off = set("off");
                    assertEquals(Map.of(), presharedKeys());
                    return "no node had any after " + Rotations.seconds(List.of(off));
                });
        assertEquals(List.of(), outcome.faults());
    }
}
