package io.wgfabric.scale.containers;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.wgfabric.api.Address;
import io.wgfabric.api.Role;
import io.wgfabric.simulation.containers.EchoFlow;
import io.wgfabric.simulation.containers.FabricCluster;
import io.wgfabric.simulation.containers.FabricNode;
import io.wgfabric.simulation.containers.JoinToken;
import io.wgfabric.simulation.containers.ManagerContainer;
import io.wgfabric.simulation.containers.PeerContainer;
import io.wgfabric.simulation.containers.Privilege;
import io.wgfabric.simulation.containers.Reachability;
import io.wgfabric.simulation.netns.LabException;
import io.wgfabric.simulation.netns.PingCount;
import java.time.Duration;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
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
 * The four scenarios of the problem statement that must pass, told of one fabric one after another.
 *
 * <ul>
 *   <li>{@code -Dfabric.managers=3}: so many at the end of the first scenario; 3 if not given
 *   <li>{@code -Dfabric.peers=100}: so many at the end of the third; 10 if not given
 *   <li>{@code -Dfabric.privilege=auto|privileged|net-admin}: of the containers; net-admin if not given
 *   <li>{@code -Dfabric.engine=required}: without a container engine they fail instead of being skipped
 * </ul>
 */
@Tag("containers")
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
final class MustPassTest {
    private static final int MANAGERS = Integer.getInteger("fabric.managers", 3);
    private static final int PEERS = Integer.getInteger("fabric.peers", 10);
    private static final Privilege PRIVILEGE = Privilege.parse(System.getProperty("fabric.privilege", "net-admin"));
    private static final int FIRST_PEERS = 2;
    private static final Duration INTERVAL = Duration.ofMillis(20);
    private static final Duration LIMIT = Duration.ofSeconds(60);
    private static final long POLL_NANOS = TimeUnit.MILLISECONDS.toNanos(200);

    @SuppressWarnings("NullAway.Init")
    private FabricCluster fabric;

    @BeforeAll
    void found() {
        FabricCluster.assumePossible();
        fabric = FabricCluster.of(1, 0)
                .privilege(PRIVILEGE)
                .progress(MustPassTest::tell)
                .start();
    }

    @AfterAll
    @SuppressWarnings("ConstantValue")
    void remove() {
        if (fabric != null) {
            fabric.close();
            tell("logs of all nodes: " + fabric.logs());
        }
    }

    private static void tell(String line) {
        System.out.println(line);
        System.out.flush();
    }

    @Test
    @Order(1)
    void tokenedJoins() {
        JoinToken forManagers = fabric.createToken(Role.MGMT, MANAGERS);
        while (fabric.managers().size() < MANAGERS) {
            fabric.addManager(forManagers);
        }
        JoinToken forPeers = fabric.createToken(Role.PEER, FIRST_PEERS);
        for (int number = 0; number < FIRST_PEERS; number++) {
            fabric.addPeer(forPeers);
        }
        assertEquals(MANAGERS - 1, used(forManagers));
        assertEquals(FIRST_PEERS, used(forPeers));
        LabException usedUp = assertThrows(LabException.class, () -> fabric.addPeer(forPeers));
        assertTrue(usedUp.line().contains("has no uses left"), usedUp.line());
        LabException wrongRole = assertThrows(LabException.class, () -> fabric.addPeer(forManagers));
        assertTrue(wrongRole.line().contains("exit status 1"), wrongRole.line());
        assertEquals(names(fabric.running()), members());
        assertMesh();
    }

    @Test
    @Order(2)
    void failover() {
        PeerContainer one = fabric.peers().get(0);
        PeerContainer other = fabric.peers().get(1);
        ManagerContainer leader = fabric.leader();
        try (EchoFlow there = flow(one, other);
                EchoFlow back = flow(other, one)) {
            leader.kill();
            if (MANAGERS > 2) {
                long killed = System.nanoTime();
                JoinToken token = fabric.createToken(Role.PEER, 1);
                tell("a survivor of " + leader + " gives out a token after " + seconds(killed));
                PeerContainer late = fabric.addPeer(token);
                tell(late + " has joined after " + seconds(killed));
                assertMesh();
            }
            assertNoneLost("across the kill of the leader", there, back);
        }
        leader.restart();
        assertMesh();
        await("all managers hold the same state", () -> states().size() == 1);
    }

    @Test
    @Order(3)
    void scaleOut() {
        long began = System.nanoTime();
        int more = PEERS - fabric.peers().size();
        fabric.addPeers(more);
        double took = (System.nanoTime() - began) / 1e9;
        tell(String.format(Locale.ROOT, "%d peers in %.1f s, %.2f a second", more, took, more / took));
        Map<Address, String> owners = new HashMap<>();
        for (FabricNode<?> node : fabric.running()) {
            List<Address> addresses = node.overlay();
            assertEquals(1, addresses.stream().filter(Address::isV4).count(), node + " has " + addresses);
            assertEquals(2, addresses.size(), node + " has " + addresses);
            for (Address address : addresses) {
                assertEquals(null, owners.put(address, node.name()), address + " is " + node + "'s and another's");
            }
        }
        assertEquals(MANAGERS + PEERS, fabric.running().size());
        tell(owners.size() + " addresses on " + fabric.running().size() + " nodes, each once");
        assertMesh();
    }

    @Test
    @Order(4)
    void rotationAndRevoke() {
        PeerContainer rotated = fabric.peers().get(0);
        PeerContainer other = fabric.peers().get(1);
        Set<String> before = keys(rotated);
        try (EchoFlow there = flow(rotated, other);
                EchoFlow back = flow(other, rotated)) {
            long began = System.nanoTime();
            JsonNode unused = fabric.ask("node", "rotate", rotated.name());
            await(
                    rotated + " has new keys and is at rest",
                    () -> isAtRest(rotated) && keys(rotated).stream().noneMatch(before::contains));
            tell("the rotation of " + rotated + " took " + seconds(began));
            assertNoneLost("across the rotation", there, back);
        }
        String shown = rotated.require("wg", "show", "all", "public-key").out();
        assertTrue(keys(rotated).stream().anyMatch(shown::contains), "the interface has none of the new keys");
        assertFalse(before.stream().anyMatch(shown::contains), "the interface has an old key");

        JoinToken token = fabric.createToken(Role.PEER, 5);
        fabric.addPeer(token);
        Set<String> members = members();
        JsonNode revoked = fabric.ask("token", "revoke", token.id());
        assertEquals("revoked", revoked.path("state").asString(""));
        LabException refused = assertThrows(LabException.class, () -> fabric.addPeer(token));
        assertTrue(refused.line().contains("was revoked"), refused.line());
        assertEquals(1, used(token));
        assertEquals(members, members());
        assertMesh();
    }

    private void assertMesh() {
        Reachability mesh = fabric.awaitMesh();
        tell(mesh.pairs() + " directed pairs over IPv4 and IPv6 after "
                + mesh.took().toMillis() / 1e3 + " s");
        assertEquals(Map.of(), mesh.silent());
    }

    /** Returns once answers come. */
    private static EchoFlow flow(FabricNode<?> from, FabricNode<?> to) {
        EchoFlow flow = from.echo(to.overlay().get(0), INTERVAL);
        await("answers come from " + to + " to " + from, () -> flow.answers() > 0);
        return flow;
    }

    private static void assertNoneLost(String what, EchoFlow there, EchoFlow back) {
        int answers = there.answers() + back.answers();
        await("answers still come", () -> there.answers() + back.answers() > answers + 25);
        PingCount one = there.stop();
        PingCount other = back.stop();
        tell(one.lost() + other.lost() + " of " + (one.sent() + other.sent()) + " echo requests lost " + what);
        assertEquals(0, one.lost() + other.lost(), what);
    }

    private int used(JoinToken token) {
        return fabric.ask("token", "show", token.id()).path("used").asInt(-1);
    }

    private static Set<String> names(List<FabricNode<?>> nodes) {
        Set<String> names = new HashSet<>();
        nodes.forEach(node -> names.add(node.name()));
        return names;
    }

    private Set<String> members() {
        Set<String> names = new HashSet<>();
        fabric.ask("node", "list").forEach(row -> names.add(row.path("name").asString("")));
        return names;
    }

    private Set<String> keys(FabricNode<?> node) {
        JsonNode keys = fabric.ask("node", "show", node.name()).path("keys");
        return Set.of(keys.path("main").asString("main?"), keys.path("spare").asString("spare?"));
    }

    private boolean isAtRest(FabricNode<?> node) {
        return fabric.ask("node", "show", node.name())
                .path("rotation")
                .asString("")
                .isEmpty();
    }

    private Set<String> states() {
        Set<String> states = new HashSet<>();
        for (ManagerContainer manager : fabric.managers()) {
            JsonNode status = manager.ask("status");
            states.add(status.path("revision").asLong(-1) + " "
                    + status.path("digest").asString(""));
        }
        return states;
    }

    private static void await(String what, BooleanSupplier condition) {
        long deadline = System.nanoTime() + LIMIT.toNanos();
        while (!condition.getAsBoolean()) {
            assertTrue(System.nanoTime() < deadline, "not within " + LIMIT.toSeconds() + " s: " + what);
            LockSupport.parkNanos(POLL_NANOS);
        }
    }

    private static String seconds(long since) {
        return String.format(Locale.ROOT, "%.1f s", (System.nanoTime() - since) / 1e9);
    }
}
