package io.wgfabric.scale.containers;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.wgfabric.api.Role;
import io.wgfabric.scale.report.Event;
import io.wgfabric.scale.report.Reach;
import io.wgfabric.scale.report.RunReport;
import io.wgfabric.simulation.containers.EchoFlow;
import io.wgfabric.simulation.containers.FabricCluster;
import io.wgfabric.simulation.containers.FabricNode;
import io.wgfabric.simulation.containers.JoinTimes;
import io.wgfabric.simulation.containers.JoinToken;
import io.wgfabric.simulation.containers.ManagerContainer;
import io.wgfabric.simulation.containers.PeerContainer;
import io.wgfabric.simulation.containers.Privilege;
import io.wgfabric.simulation.containers.Reachability;
import io.wgfabric.simulation.netns.LabException;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Collections;
import java.util.List;
import java.util.Set;
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
 * A fabric of many nodes, and what it costs. All that is measured is in {@code target/scale}, {@code report.html} for
 * people.
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
    private static final Path FOLDER = Path.of("target", "scale");

    /** What happens once a run is done a few times over, so that the report has more than one figure of it. */
    private static final int REPEATS = 3;

    private final RunReport report = new RunReport(MANAGERS + " managers and " + PEERS + " peers: the leader killed, "
            + LATE + " more peers, keys rotated, a token revoked");

    private final Instant began = Instant.now().minus(report.elapsed());

    @SuppressWarnings("NullAway.Init")
    private FabricCluster fabric;

    @SuppressWarnings("NullAway.Init")
    private Story story;

    @BeforeAll
    void found() {
        FabricCluster.assumePossible();
        report.machine();
        fabric = FabricCluster.of(MANAGERS, 0)
                .privilege(PRIVILEGE)
                .progress(Story::tell)
                .start();
        story = new Story(fabric);
        report.fact("times", "managers up", seconds(report.elapsed()), "s");
    }

    @AfterAll
    @SuppressWarnings("ConstantValue")
    void remove() throws IOException {
        if (fabric != null) {
            Story.tell("report: " + report.write(FOLDER));
            fabric.close();
            Story.tell("logs of all nodes: " + fabric.logs());
        }
    }

    @Test
    @Order(1)
    void everyNodeJoinsAndReachesEveryOther() {
        Duration start = report.elapsed();
        List<PeerContainer> peers = fabric.addPeers(PEERS);
        Duration joined = report.elapsed();
        Reachability mesh = assertAllReached("once all have joined", MANAGERS + PEERS);
        Duration meshed = report.elapsed();
        assertEquals(2 * (MANAGERS + PEERS), story.assertUniqueAddresses());
        peers.forEach(peer -> record("join", peer));
        report.headline("peers", PEERS, "");
        report.headline("first manager's start to all joined", seconds(joined), "s");
        report.headline("joins a second", PEERS / seconds(joined.minus(start)), "/s");
        report.headline("first manager's start to the full mesh", seconds(meshed), "s");
        report.fact("times", "peers joined", seconds(joined.minus(start)), "s");
        report.fact("times", "all pairs asked after that", seconds(mesh.took()), "s");
    }

    /** Its own clock's times, as of the kind, and when they were in the run. */
    private void record(String kind, PeerContainer peer) {
        JoinTimes times = peer.joinTimes();
        Duration start = Duration.between(
                began, Instant.parse(peer.getContainerInfo().getState().getStartedAt()));
        step(kind + ": process start → certificate", Event.Kind.JOINED, peer, start, times.admitted());
        step(kind + ": process start → first handshake", Event.Kind.FIRST_HANDSHAKE, peer, start, times.handshake());
        step(kind + ": process start → first ping", Event.Kind.FIRST_PING, peer, start, times.ping());
        report.event(start, Event.Kind.STARTED, peer.name());
    }

    private void step(String series, Event.Kind kind, PeerContainer peer, Duration start, Duration took) {
        report.series(series).record(took);
        report.event(start.plus(took), kind, peer.name());
    }

    private Reachability assertAllReached(String when, int nodes) {
        Reachability mesh = fabric.awaitMesh();
        List<String> names = List.copyOf(mesh.nodes().keySet());
        Reach.Builder matrix = Reach.of(names);
        for (String from : names) {
            for (String to : names) {
                if (!from.equals(to) && !mesh.reaches(from, to)) {
                    matrix.failed(from, to);
                }
            }
        }
        report.reach(when, matrix.build());
        Story.assertComplete(mesh);
        assertEquals(nodes, names.size());
        return mesh;
    }

    @Test
    @Order(2)
    void nothingIsSpentAtRest() {
        Rest rest = Rest.of(fabric, REST);
        rest.record(report);
        double percent = rest.percent();
        report.headline("all nodes at rest, of one processor", percent, "%");
        assertTrue(
                percent < 100.0 * Runtime.getRuntime().availableProcessors(),
                "they rest, and use " + percent + "% of the time");
    }

    @Test
    @Order(3)
    void theLeaderDiesWhileOthersJoin() {
        PeerContainer one = fabric.peers().get(0);
        PeerContainer other = fabric.peers().get(1);
        try (EchoFlow there = Story.flow(one, other);
                EchoFlow back = Story.flow(other, one)) {
            Duration start = report.elapsed();
            fabric.createToken(Role.PEER, 1);
            report.fact("times", "a token is created", seconds(report.elapsed().minus(start)), "s");
            ManagerContainer leader = killLeader();
            Duration killed = report.elapsed();
            List<PeerContainer> late = fabric.addPeers(LATE);
            Duration joined = report.elapsed();
            assertAllReached("while " + leader.name() + " is dead", MANAGERS - 1 + PEERS + LATE);
            report.fact("times", "late peers joined", seconds(joined.minus(killed)), "s");
            late.forEach(peer -> record("join after a kill", peer));
            Story.assertNoneLost("across the kill of the leader", there, back);
            restart(leader);
        }
        Duration back =
                assertAllReached("after its return", MANAGERS + PEERS + LATE).took();
        report.fact("times", "all pairs after its return", seconds(back), "s");
        Story.tell("all managers: " + fabric.awaitOneState());
        for (int more = 1; more < REPEATS; more++) {
            restart(killLeader());
            Story.tell("all managers: " + fabric.awaitOneState());
        }
        assertEquals(2 * (MANAGERS + PEERS + LATE), story.assertUniqueAddresses());
    }

    /** Returns once another manager has given out a token. */
    private ManagerContainer killLeader() {
        ManagerContainer leader = fabric.leader();
        leader.kill();
        report.event(Event.Kind.KILLED, leader.name());
        long killed = System.nanoTime();
        fabric.createToken(Role.PEER, 1);
        report.series("leader killed → a token is created").recordSince(killed);
        return leader;
    }

    private void restart(ManagerContainer manager) {
        long start = System.nanoTime();
        report.event(Event.Kind.RESTARTED, manager.name());
        manager.restart();
        report.series("killed manager's start → it serves").recordSince(start);
    }

    @Test
    @Order(4)
    void everybodyHearsOfANewPeer() {
        for (int number = 0; number < REPEATS; number++) {
            List<FabricNode<?>> others = fabric.running();
            PeerContainer peer = fabric.addPeer(fabric.createToken(Role.PEER, 1), others);
            JoinTimes times = peer.joinTimes();
            assertEquals(others.size(), times.answers().size());
            record("single join", peer);
            report.series("single join: process start → every other node answers")
                    .record(Collections.max(times.answers().values()));
            times.answers()
                    .values()
                    .forEach(answer -> report.series("fan-out: certificate → a node answers")
                            .record(answer.minus(times.admitted())));
        }
    }

    @Test
    @Order(5)
    void keysRotate() {
        PeerContainer other = fabric.peers().get(REPEATS);
        for (PeerContainer rotated : fabric.peers().subList(0, REPEATS)) {
            try (EchoFlow there = Story.flow(rotated, other);
                    EchoFlow back = Story.flow(other, rotated)) {
                long start = System.nanoTime();
                report.event(Event.Kind.ROTATED, rotated.name());
                fabric.rotate(rotated);
                report.series("rotation: asked → all have both new keys").recordSince(start);
                Story.assertNoneLost("across the rotation", there, back);
            }
        }
    }

    @Test
    @Order(6)
    void aRevokedTokenAdmitsNobody() {
        JoinToken token = fabric.createToken(Role.PEER, 5);
        Set<String> members = story.members();
        JsonNode revoked = fabric.ask("token", "revoke", token.id());
        report.event(Event.Kind.REVOKED, "a token");
        assertEquals("revoked", revoked.path("state").asString(""));
        LabException refused = assertThrows(LabException.class, () -> fabric.addPeer(token));
        assertTrue(refused.line().contains("was revoked"), refused.line());
        assertEquals(members, story.members());
        assertAllReached("at the end", fabric.running().size());
    }

    private static double seconds(Duration duration) {
        return duration.toMillis() / 1e3;
    }
}
