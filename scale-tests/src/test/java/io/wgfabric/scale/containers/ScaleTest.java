package io.wgfabric.scale.containers;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.wgfabric.api.Role;
import io.wgfabric.simulation.containers.EchoFlow;
import io.wgfabric.simulation.containers.FabricCluster;
import io.wgfabric.simulation.containers.FabricNode;
import io.wgfabric.simulation.containers.JoinTimes;
import io.wgfabric.simulation.containers.JoinToken;
import io.wgfabric.simulation.containers.ManagerContainer;
import io.wgfabric.simulation.containers.PeerContainer;
import io.wgfabric.simulation.containers.Privilege;
import io.wgfabric.simulation.containers.ProcessUse;
import io.wgfabric.simulation.containers.Reachability;
import io.wgfabric.simulation.netns.LabException;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestMethodOrder;
import tools.jackson.databind.JsonNode;

/**
 * A fabric of many nodes, and what it costs. All that is measured is in {@code target/scale.json}.
 *
 * <ul>
 *   <li>{@code -Dfabric.managers=3}, {@code -Dfabric.peers=100}: so many; 3 and 10 if not given
 *   <li>{@code -Dfabric.late=10}: so many more peers join while the leader is dead
 *   <li>{@code -Dfabric.rest=60}: so many seconds are looked at while nothing happens
 *   <li>{@code -Dfabric.privilege}, {@code -Dfabric.engine}: as in {@link MustPassTest}
 * </ul>
 */
@Tag("scale")
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
final class ScaleTest {
    private static final int MANAGERS = Integer.getInteger("fabric.managers", 3);
    private static final int PEERS = Integer.getInteger("fabric.peers", 10);
    private static final int LATE = Integer.getInteger("fabric.late", 10);
    private static final Duration REST = Duration.ofSeconds(Integer.getInteger("fabric.rest", 60));
    private static final Privilege PRIVILEGE = Privilege.parse(System.getProperty("fabric.privilege", "net-admin"));
    private static final double MIB = 1_024;

    private final Measurements measured = new Measurements();
    private final Instant began = Instant.now();

    @SuppressWarnings("NullAway.Init")
    private FabricCluster fabric;

    @SuppressWarnings("NullAway.Init")
    private Story story;

    @BeforeAll
    void found() {
        FabricCluster.assumePossible();
        measured.figure("machine.processors", Runtime.getRuntime().availableProcessors());
        measured.figure("managers", MANAGERS);
        measured.figure("peers", PEERS);
        fabric = FabricCluster.of(MANAGERS, 0)
                .privilege(PRIVILEGE)
                .progress(Story::tell)
                .start();
        story = new Story(fabric);
        measured.figure("managers.up.s", since(began));
        fabric.managers().forEach(manager -> measured.event(since(began), manager.name(), "up"));
    }

    @AfterAll
    @SuppressWarnings("ConstantValue")
    void remove() throws IOException {
        if (fabric != null) {
            fabric.close();
            measured.write(Path.of("target", "scale.json"));
            measured.samples().keySet().forEach(name -> Story.tell(measured.line(name)));
            measured.figures().forEach((name, value) -> Story.tell(name + ": " + value));
            Story.tell("logs of all nodes: " + fabric.logs());
        }
    }

    @Test
    @Order(1)
    void everyNodeJoinsAndReachesEveryOther() {
        Instant start = Instant.now();
        List<PeerContainer> peers = fabric.addPeers(PEERS);
        double joined = since(start);
        measured.figure("peers.joined.s", joined);
        measured.figure("peers.joined.per.s", PEERS / joined);
        measured.figure("mesh.s", assertAllReached(MANAGERS + PEERS));
        measured.figure("start.to.mesh.s", since(start));
        assertEquals(2 * (MANAGERS + PEERS), story.assertUniqueAddresses());
        for (PeerContainer peer : peers) {
            JoinTimes times = peer.joinTimes();
            measured.took("join.admitted.ms", times.admitted());
            measured.took("join.handshake.ms", times.handshake());
            measured.took("join.ping.ms", times.ping());
            Instant process = Instant.parse(peer.getContainerInfo().getState().getStartedAt());
            measured.event(since(began, process.plus(times.admitted())), peer.name(), "joined");
        }
    }

    /** Until every directed pair of so many nodes was reached, in seconds. */
    private double assertAllReached(int nodes) {
        Reachability mesh = story.assertMesh();
        assertEquals(nodes * (nodes - 1), mesh.pairs());
        List<String> names = List.copyOf(mesh.nodes().keySet());
        boolean[][] reached = new boolean[names.size()][names.size()];
        for (int from = 0; from < names.size(); from++) {
            for (int to = 0; to < names.size(); to++) {
                reached[from][to] = from == to || mesh.reaches(names.get(from), names.get(to));
            }
        }
        measured.reachability(names, reached);
        return mesh.took().toMillis() / 1e3;
    }

    @Test
    @Order(2)
    void nothingIsSpentAtRest() {
        Map<FabricNode<?>, Look> before = look();
        long end = System.nanoTime() + REST.toNanos();
        while (System.nanoTime() < end) {
            LockSupport.parkNanos(end - System.nanoTime());
        }
        Map<FabricNode<?>, Look> after = look();
        double sum = 0;
        for (Map.Entry<FabricNode<?>, Look> each : after.entrySet()) {
            String role = each.getKey() instanceof ManagerContainer ? "manager" : "agent";
            Look last = each.getValue();
            Look first = before.get(each.getKey());
            for (ProcessUse process : last.processes()) {
                String program = process.name().equals("java") ? role : process.name();
                if (first == null
                        || !(process.name().equals("java") || process.name().equals("wireguard-go"))) {
                    continue;
                }
                measured.sample(program + ".resident.mib", process.residentKib() / MIB);
                measured.sample(program + ".own.mib", process.ownKib() / MIB);
                double spent = process.cpu().minus(first.cpu(process.name())).toNanos();
                double percent = 100 * spent / (last.nanos() - first.nanos());
                measured.sample(role + "." + process.name() + ".rest.cpu.percent", percent);
                sum += percent;
            }
        }
        measured.figure("rest.cpu.percent.of.one.processor", sum);
        assertTrue(
                sum < 100.0 * Runtime.getRuntime().availableProcessors(),
                "they rest, and use " + sum + "% of the time");
    }

    /** A node's processes at a time. */
    private record Look(long nanos, List<ProcessUse> processes) {
        private Duration cpu(String program) {
            return processes.stream()
                    .filter(each -> each.name().equals(program))
                    .map(ProcessUse::cpu)
                    .reduce(Duration.ZERO, Duration::plus);
        }
    }

    private Map<FabricNode<?>, Look> look() {
        Map<FabricNode<?>, Look> looks = new LinkedHashMap<>();
        for (FabricNode<?> node : fabric.running()) {
            looks.put(node, new Look(System.nanoTime(), node.processes()));
        }
        return looks;
    }

    @Test
    @Order(3)
    void theLeaderDiesWhileOthersJoin() {
        PeerContainer one = fabric.peers().get(0);
        PeerContainer other = fabric.peers().get(1);
        ManagerContainer leader = fabric.leader();
        try (EchoFlow there = Story.flow(one, other);
                EchoFlow back = Story.flow(other, one)) {
            Instant start = Instant.now();
            fabric.createToken(Role.PEER, 1);
            measured.figure("token.s", since(start));
            leader.kill();
            Instant killed = Instant.now();
            measured.event(since(began, killed), leader.name(), "killed");
            fabric.createToken(Role.PEER, 1);
            measured.figure("failover.token.s", since(killed));
            List<PeerContainer> late = fabric.addPeers(LATE);
            measured.figure("failover.joined.s", since(killed));
            for (PeerContainer peer : late) {
                measured.event(since(began), peer.name(), "joined");
                measured.took("late.admitted.ms", peer.joinTimes().admitted());
                measured.took("late.ping.ms", peer.joinTimes().ping());
            }
            measured.figure("failover.mesh.s", assertAllReached(MANAGERS - 1 + PEERS + LATE));
            Story.assertNoneLost("across the kill of the leader", there, back);
        }
        leader.restart();
        measured.event(since(began), leader.name(), "up");
        measured.figure("return.mesh.s", assertAllReached(MANAGERS + PEERS + LATE));
        Story.await("all managers hold the same state", () -> story.states().size() == 1);
        assertEquals(2 * (MANAGERS + PEERS + LATE), story.assertUniqueAddresses());
    }

    @Test
    @Order(4)
    void everybodyHearsOfANewPeer() {
        JoinToken token = fabric.createToken(Role.PEER, 1);
        List<FabricNode<?>> others = new ArrayList<>(fabric.running());
        JoinTimes times = fabric.addPeer(token, others).joinTimes();
        assertEquals(others.size(), times.answers().size());
        times.answers().values().forEach(answer -> measured.took("fanout.ms", answer.minus(times.admitted())));
    }

    @Test
    @Order(5)
    void keysRotateAndARevokedTokenAdmitsNobody() {
        PeerContainer rotated = fabric.peers().get(0);
        PeerContainer other = fabric.peers().get(1);
        Set<String> before = story.keys(rotated);
        try (EchoFlow there = Story.flow(rotated, other);
                EchoFlow back = Story.flow(other, rotated)) {
            Instant start = Instant.now();
            JsonNode unused = fabric.ask("node", "rotate", rotated.name());
            Story.await(
                    rotated + " has new keys and is at rest",
                    () -> story.isAtRest(rotated)
                            && story.keys(rotated).stream().noneMatch(before::contains));
            measured.figure("rotation.s", since(start));
            Story.assertNoneLost("across the rotation", there, back);
        }
        JoinToken token = fabric.createToken(Role.PEER, 5);
        Set<String> members = story.members();
        JsonNode revoked = fabric.ask("token", "revoke", token.id());
        assertEquals("revoked", revoked.path("state").asString(""));
        LabException refused = assertThrows(LabException.class, () -> fabric.addPeer(token));
        assertTrue(refused.line().contains("was revoked"), refused.line());
        assertEquals(members, story.members());
        assertAllReached(fabric.running().size());
    }

    private static double since(Instant start) {
        return since(start, Instant.now());
    }

    private static double since(Instant start, Instant end) {
        return Duration.between(start, end).toMillis() / 1e3;
    }
}
