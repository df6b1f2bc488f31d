package io.wgfabric.scale.dataplane;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.wgfabric.scale.dataplane.Conversations.Pair;
import io.wgfabric.simulation.lab.LabNode;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Function;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestMethodOrder;

/**
 * Keys rotate while every packet is counted: three managers, four peers, 200 datagrams a second in each direction and a
 * TCP stream out of the rotating node.
 *
 * <ul>
 *   <li>{@code -Dfabric.rotations=10}: how many in a row; 2 if not given
 *   <li>{@code -Dfabric.kills=10}: how often the agent is killed while it rotates; 2 if not given
 *   <li>{@code -Dfabric.seed=N}: repeats the moments at which it is killed, as far as processes can
 * </ul>
 */
@Tag("dataplane")
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
final class RotationTest {
    private static final int ROTATIONS = Integer.getInteger("fabric.rotations", 2);
    private static final int KILLS = Integer.getInteger("fabric.kills", 2);
    private static final Duration LIMIT = DataPlane.LIMIT;

    private final DataPlane plane = DataPlane.shared();
    private final Rotations rotations = new Rotations(plane);
    private final Traffic traffic = new Traffic(plane);

    private LabNode peer(int number) {
        return plane.node("p" + number);
    }

    private Traffic.Outcome talking(String name, Set<LabNode> without, Function<Conversations, String> act) {
        List<Pair> pairs = Pair.star(peer(1), plane.peers());
        return traffic.during(name, pairs, new Pair(peer(1), peer(2)), without, act);
    }

    private static void assertFlawless(Traffic.Outcome outcome) {
        assertEquals(List.of(), outcome.faults());
    }

    @Test
    @Order(1)
    void rotationsByHandLoseNothing() {
        assertFlawless(talking("by hand", Set.of(), talk -> {
            return "rotations: " + Rotations.seconds(rotations.byHand(peer(1), ROTATIONS));
        }));
    }

    @Test
    @Order(1)
    void rotationsByAgeLoseNothing() {
        // The age is of all nodes: each of the seven gets new keys again and again, one after the other.
        assertFlawless(talking("unattended, of all seven nodes", Set.of(), talk -> {
            List<Duration> took = new ArrayList<>();
            plane.fleet().ask(plane.manager(), "mesh", "set", "--rotate-every", "10s");
            try {
                for (int round = 0; round < ROTATIONS; round++) {
                    took.add(rotations.awaitNewKeys(plane.nodes()));
                }
            } finally {
                plane.fleet().ask(plane.manager(), "mesh", "set", "--rotate-every", "never");
            }
            DataPlane.await(
                    "all are at rest", LIMIT, () -> plane.nodes().stream().allMatch(rotations::isAtRest));
            return "all seven had new keys, begun and ended unasked, after " + Rotations.seconds(took);
        }));
    }

    @Test
    @Order(2)
    void severalNodesThatRotateAtOnceLoseNothing() {
        List<LabNode> three = plane.peers().subList(0, 3);
        List<Pair> pairs = Pair.all(plane.peers());
        assertFlawless(traffic.during("three at once", pairs, new Pair(peer(1), peer(2)), Set.of(), talk -> {
            List<Duration> took = new ArrayList<>();
            for (int round = 0; round < Math.max(1, ROTATIONS / 3); round++) {
                Map<LabNode, Set<String>> before = rotations.keys(three);
                three.forEach(rotations::begin);
                took.add(rotations.awaitEnd(before));
            }
            return "rotations of three nodes at once: " + Rotations.seconds(took);
        }));
    }

    @Test
    @Order(3)
    void aLeaderThatIsKilledInTheMiddleCostsNoPacket() {
        assertFlawless(talking("the leader is killed in the middle", Set.of(), talk -> {
            LabNode leader = plane.leader();
            Map<LabNode, Set<String>> before = rotations.keys(List.of(peer(1)));
            rotations.begin(peer(1));
            DataPlane.await("pairs move", LIMIT, () -> plane.phase(peer(1)).startsWith("move"));
            String phase = plane.phase(peer(1));
            DataPlane.kill(leader);
            Duration took;
            try {
                took = rotations.awaitEnd(before);
            } finally {
                plane.start(leader);
            }
            return leader + " led and was killed in " + phase + "; rotation: " + Rotations.seconds(List.of(took));
        }));
    }

    @Test
    @Order(4)
    void aPeerThatIsAwayCostsTheOthersNothingAndCatchesUp() {
        LabNode away = peer(4);
        assertFlawless(talking("p4 has its cable pulled", Set.of(away), talk -> {
            DataPlane.plug(away, false);
            List<Duration> took;
            try {
                took = rotations.byHand(peer(1), 1);
            } finally {
                DataPlane.plug(away, true);
            }
            Duration back = talk.awaitAll(direction -> true, LIMIT);
            return "rotation: " + Rotations.seconds(took) + "; all pairs of p4 up after its return: "
                    + Rotations.seconds(List.of(back));
        }));
    }

    @Test
    @Order(5)
    void aRotationWhoseNodeStopsIsGivenUpAndItsPairsStay() {
        assertFlawless(talking("p1's agent stops in the middle", Set.of(), talk -> {
            rotations.begin(peer(1));
            DataPlane.await("pairs move", LIMIT, () -> plane.phase(peer(1)).startsWith("move"));
            String phase = plane.phase(peer(1));
            DataPlane.kill(peer(1));
            Duration given = DataPlane.await("it is given up", LIMIT, () -> rotations.isAtRest(peer(1)));
            Duration still = talk.awaitAll(direction -> true, Duration.ofSeconds(5));
            plane.start(peer(1));
            Duration settled = DataPlane.await("it is at rest", LIMIT, () -> isSettled(peer(1)));
            return "killed in " + phase + "; over after " + Rotations.seconds(List.of(given))
                    + "; all pairs talk then ("
                    + Rotations.seconds(List.of(still)) + "), settled "
                    + Rotations.seconds(List.of(settled)) + " after its return";
        }));
    }

    private boolean isSettled(LabNode node) {
        return rotations.isAtRest(node)
                && plane.show(node).path("status").asString("").equals("online");
    }

    @Test
    @Order(6)
    void anAgentThatIsKilledWhileItRotatesLeavesNoPairDark() {
        long seed = Long.getLong("fabric.seed", new Random().nextInt(1_000_000));
        Random random = new Random(seed);
        assertFlawless(talking("kill -9 of the rotating agent, seed " + seed, Set.of(), talk -> {
            StringBuilder told = new StringBuilder();
            for (int kill = 0; kill < KILLS; kill++) {
                Map<LabNode, Set<String>> before = rotations.keys(List.of(peer(1)));
                rotations.begin(peer(1));
                int millis = random.nextInt(2_500);
                LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(millis));
                String phase = plane.phase(peer(1));
                DataPlane.kill(peer(1));
                plane.start(peer(1));
                Duration over = DataPlane.await("the rotation ends", LIMIT, () -> isSettled(peer(1)));
                boolean turned =
                        plane.keys(peer(1)).stream().noneMatch(before.getOrDefault(peer(1), Set.of())::contains);
                Duration talked = talk.awaitAll(direction -> true, Duration.ofSeconds(10));
                told.append("killed after ")
                        .append(millis)
                        .append(" ms in ")
                        .append(phase.isEmpty() ? "rest" : phase)
                        .append(": ")
                        .append(turned ? "completed" : "given up")
                        .append(" after ")
                        .append(Rotations.seconds(List.of(over)))
                        .append(", all pairs talk after ")
                        .append(Rotations.seconds(List.of(talked)))
                        .append('\n');
            }
            return told.toString();
        }));
    }
}
