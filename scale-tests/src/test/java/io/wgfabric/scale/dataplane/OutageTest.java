package io.wgfabric.scale.dataplane;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.wgfabric.scale.dataplane.Conversations.Direction;
import io.wgfabric.scale.dataplane.Conversations.Pair;
import io.wgfabric.simulation.lab.Fleet;
import io.wgfabric.simulation.lab.LabNode;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

/**
 * All managers are dead for a while, and come back.
 *
 * <ul>
 *   <li>{@code -Dfabric.outage.seconds=600}: for how long; 30 if not given. A session of WireGuard lives 180 s, so only
 *       an outage of 200 s and more shows that pairs agree on new sessions without a manager
 * </ul>
 */
@Tag("dataplane")
final class OutageTest {
    private static final Duration OUTAGE = Duration.ofSeconds(Integer.getInteger("fabric.outage.seconds", 30));

    /** Of all pairs at once, so that two processors have time for the rest. */
    private static final Duration PERIOD = Duration.ofMillis(50);

    /** Longer than WireGuard waits for an answer before it begins a new session: 10 s and 5 s. */
    private static final Duration REBUILT = Duration.ofSeconds(30);

    private final DataPlane plane = DataPlane.shared();

    @Test
    void allPairsTalkOnWhileEveryManagerIsDead() {
        Fleet fleet = plane.fleet();
        List<LabNode> managers = fleet.managers();
        LabNode restarted = plane.node("p2");
        LabNode rebuilt = plane.node("p3");
        LabNode ephemeral = joinEphemeral();
        int nodes = plane.list().size();
        try (Conversations talk = Conversations.start(plane, Pair.all(plane.nodes()), PERIOD)) {
            talk.awaitAll(direction -> true, DataPlane.LIMIT);
            managers.forEach(DataPlane::kill);
            long dead = System.nanoTime();
            pause(Duration.ofNanos(OUTAGE.toNanos() / 3));

            DataPlane.kill(restarted);
            plane.start(restarted);
            DataPlane.kill(rebuilt);
            DataPlane.killWireGuard(rebuilt);
            long gone = System.nanoTime();
            plane.start(rebuilt);
            Duration up = talk.awaitAll(direction -> true, REBUILT);
            double dark = (System.nanoTime() - gone) / 1e9;
            pause(OUTAGE.minusNanos(System.nanoTime() - dead));
            double outage = (System.nanoTime() - dead) / 1e9;
            Duration stillUp = talk.awaitAll(direction -> true, Duration.ofSeconds(5));

            plane.startAll(managers);
            Duration converged =
                    DataPlane.await("all nodes are online and have the same", DataPlane.LIMIT, () -> agree(nodes));
            pause(Duration.ofSeconds(5));
            List<Direction> directions = talk.stop();
            List<Direction> untouched =
                    directions.stream().filter(each -> !each.touches(rebuilt)).toList();
            DataPlane.report(
                    String.format(Locale.ROOT, "all managers dead for %.0f s", outage),
                    summary(
                                    "pairs of the node whose WireGuard was killed",
                                    directions.stream()
                                            .filter(each -> each.touches(rebuilt))
                                            .toList())
                            + summary("all other pairs", untouched)
                            + String.format(
                                    Locale.ROOT,
                                    "the killed WireGuard and its interface: all pairs talk again after %.1f s (of that"
                                            + " %.1f s after the agent's start)%n",
                                    dark,
                                    up.toMillis() / 1e3)
                            + "at the end of the outage every pair talked within " + Rotations.seconds(List.of(stillUp))
                            + "\nafter the managers' return all nodes had the same within "
                            + Rotations.seconds(List.of(converged)));
            assertEquals(
                    List.of(),
                    untouched.stream().filter(each -> each.lost() > 0).toList());
            assertEquals(nodes, plane.list().size(), "nobody is removed for a silence that nobody could hear");
        } finally {
            plane.remove(ephemeral);
        }
    }

    /** A node that is removed after fifteen seconds of silence, which is less than any outage. */
    private LabNode joinEphemeral() {
        LabNode node = plane.fleet().add(false);
        LabNode manager = plane.manager();
        JsonNode token = plane.fleet()
                .ask(
                        manager,
                        "token",
                        "create",
                        "--role",
                        "peer",
                        "--ttl",
                        "1h",
                        "--uses",
                        "1",
                        "--ephemeral",
                        "--grace",
                        "15s");
        plane.fleet().joinPeer(node, token.path("token").asString(""), manager);
        node.readOverlay();
        DataPlane.awaitPairs(plane.nodes(), DataPlane.LIMIT);
        return node;
    }

    /** Whether so many nodes are online, all with the same configuration. */
    private boolean agree(int nodes) {
        List<JsonNode> rows = plane.list();
        return rows.size() == nodes
                && rows.stream().allMatch(row -> row.path("status").asString("").equals("online"))
                && rows.stream()
                                .map(row -> row.path("applied").asLong(-1))
                                .distinct()
                                .count()
                        == 1;
    }

    /** What is measured is what happens meanwhile. */
    private static void pause(Duration time) {
        long end = System.nanoTime() + time.toNanos();
        while (System.nanoTime() < end) {
            LockSupport.parkNanos(Math.min(end - System.nanoTime(), TimeUnit.SECONDS.toNanos(1)));
        }
    }

    private static String summary(String what, List<Direction> directions) {
        long sent = directions.stream().mapToLong(Direction::sent).sum();
        long lost = directions.stream().mapToLong(Direction::lost).sum();
        double gap = directions.stream()
                .mapToDouble(each -> each.heard().longestGapMillis())
                .max()
                .orElse(0);
        return String.format(
                Locale.ROOT,
                "%s: %d directions, %d sent, %d lost, longest gap %.0f ms%n",
                what,
                directions.size(),
                sent,
                lost,
                gap);
    }
}
