package io.wgfabric.scale.dataplane;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.wgfabric.scale.bench.Table;
import io.wgfabric.simulation.lab.Fleet;
import io.wgfabric.simulation.lab.LabNode;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestMethodOrder;

/**
 * Who is quarantined or removed is soon on no other node's interface: how soon, on each.
 *
 * <ul>
 *   <li>{@code -Dfabric.evicted.nodes=21}: how many nodes there are; 9 if not given
 *   <li>{@code -Dfabric.evicted.rounds=10}: how often each is done; 2 if not given
 * </ul>
 */
@Tag("dataplane")
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
final class EvictionTest {
    private static final int NODES = Integer.getInteger("fabric.evicted.nodes", 9);
    private static final int ROUNDS = Integer.getInteger("fabric.evicted.rounds", 2);
    private static final long POLL_NANOS = TimeUnit.MILLISECONDS.toNanos(2);

    /** What an operator may expect, also on a machine that is busy with all of the nodes. */
    private static final Duration BOUND = Duration.ofSeconds(5);

    private final DataPlane plane = DataPlane.open(1, NODES - 1);
    private final List<Double> quarantined = new ArrayList<>();
    private final List<Double> removed = new ArrayList<>();

    @AfterAll
    void close() {
        plane.close();
    }

    private LabNode lastPeer() {
        List<LabNode> peers =
                plane.fleet().peers().stream().filter(LabNode::isAlive).toList();
        return peers.get(peers.size() - 1);
    }

    private List<LabNode> others(Set<LabNode> without) {
        return plane.nodes().stream()
                .filter(node -> node.isAlive() && !without.contains(node))
                .toList();
    }

    /** When none of the keys was on an interface any more, in seconds from now, for each node. */
    private static List<Double> untilGone(List<LabNode> holders, Set<String> keys, Runnable order) {
        holders.forEach(node -> assertTrue(
                Interfaces.peerKeys(node).stream().anyMatch(keys::contains), node + " has no key that could go"));
        Map<LabNode, Double> gone = new HashMap<>();
        long start = System.nanoTime();
        Thread ordering = new Thread(order, "order");
        ordering.start();
        while (gone.size() < holders.size() && System.nanoTime() - start < DataPlane.LIMIT.toNanos()) {
            for (LabNode node : holders) {
                if (!gone.containsKey(node)
                        && Interfaces.peerKeys(node).stream().noneMatch(keys::contains)) {
                    gone.put(node, (System.nanoTime() - start) / 1e9);
                }
            }
            LockSupport.parkNanos(POLL_NANOS);
        }
        assertEquals(holders.size(), gone.size(), "only from " + gone.keySet());
        return List.copyOf(gone.values());
    }

    private static String figures(List<Double> seconds) {
        List<Double> sorted = seconds.stream().sorted().toList();
        return String.format(
                Locale.ROOT,
                "best %.3f s, median %.3f s, worst %.3f s of %d interfaces",
                sorted.get(0),
                sorted.get(sorted.size() / 2),
                sorted.get(sorted.size() - 1),
                sorted.size());
    }

    private static void assertSoon(List<Double> seconds) {
        assertTrue(seconds.stream().allMatch(each -> each < BOUND.toSeconds()), () -> figures(seconds));
    }

    @Test
    @Order(1)
    void quarantineTakesTheKeyOffEveryInterfaceAndReleaseBringsItBack() {
        LabNode node = lastPeer();
        Set<String> keys = plane.keys(node);
        List<Duration> back = new ArrayList<>();
        for (int round = 0; round < ROUNDS; round++) {
            quarantined.addAll(untilGone(
                    others(Set.of(node)),
                    keys,
                    () -> plane.decide("POST", path(node) + "/quarantine", Map.of("reason", "proof"))));
            DataPlane.await("its own interface goes", DataPlane.LIMIT, () -> !Interfaces.any(node));
            plane.decide("POST", path(node) + "/release", null);
            back.add(DataPlane.awaitPairs(others(Set.of()), DataPlane.LIMIT));
        }
        DataPlane.report(
                "quarantine",
                figures(quarantined) + "\nall pairs up again after its release: " + Rotations.seconds(back));
        assertSoon(quarantined);
    }

    private static String path(LabNode node) {
        return "/v1/nodes/" + node.name();
    }

    @Test
    @Order(2)
    void removalTakesTheKeyOffEveryInterfaceAndTheNodeSaysWhy() {
        Table table = new Table("removed", "its last words");
        for (int round = 0; round < ROUNDS; round++) {
            LabNode node = round == 0 ? lastPeer() : rejoin();
            removed.addAll(untilGone(
                    others(Set.of(node)),
                    plane.keys(node),
                    () -> plane.decide("DELETE", path(node) + "?reason=sold", null)));
            DataPlane.await("its agent ends", DataPlane.LIMIT, () -> !node.isAlive());
            List<String> words = node.lastWords(2);
            assertFalse(Interfaces.any(node), "it keeps an interface");
            assertTrue(String.join("\n", words).contains("sold"), () -> "it does not say why: " + words);
            table.row(node.name(), words.get(words.size() - 1));
        }
        DataPlane.report("removal", figures(removed) + "\n" + table);
        assertSoon(removed);
    }

    /** One more peer in the place of one that went. */
    private LabNode rejoin() {
        LabNode node = plane.fleet().add(false);
        LabNode manager = plane.manager();
        plane.fleet()
                .joinPeer(node, plane.fleet().createToken(manager, "peer", 1).token(), manager);
        node.readOverlay();
        DataPlane.awaitPairs(others(Set.of()), DataPlane.LIMIT);
        return node;
    }

    @Test
    @Order(3)
    void aCascadeTakesAllWhoJoinedWithTheTokenOffEveryInterface() {
        LabNode manager = plane.manager();
        List<Double> seconds = new ArrayList<>();
        for (int round = 0; round < Math.max(1, ROUNDS / 3); round++) {
            Fleet.Issued token = plane.fleet().createToken(manager, "peer", 2);
            LabNode one = plane.fleet().add(false);
            LabNode other = plane.fleet().add(false);
            Set<LabNode> joined = Set.of(one, other);
            joined.forEach(node -> plane.fleet().joinPeer(node, token.token(), manager));
            joined.forEach(LabNode::readOverlay);
            DataPlane.awaitPairs(others(Set.of()), DataPlane.LIMIT);
            Set<String> keys = new TreeSet<>(
                    joined.stream().flatMap(node -> plane.keys(node).stream()).collect(Collectors.toSet()));
            seconds.addAll(untilGone(
                    others(joined),
                    keys,
                    () -> plane.fleet().ask(manager, "token", "revoke", token.id(), "--cascade")));
            joined.forEach(node -> DataPlane.await("its interface goes", DataPlane.LIMIT, () -> !Interfaces.any(node)));
            joined.forEach(node -> plane.decide("DELETE", path(node), null));
            joined.forEach(node -> DataPlane.await("its agent ends", DataPlane.LIMIT, () -> !node.isAlive()));
        }
        DataPlane.report("token revoke --cascade of two nodes, with the start of the command", figures(seconds));
        assertSoon(seconds);
    }
}
