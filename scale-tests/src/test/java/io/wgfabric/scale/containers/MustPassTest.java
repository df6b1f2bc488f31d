package io.wgfabric.scale.containers;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.wgfabric.api.Role;
import io.wgfabric.simulation.containers.EchoFlow;
import io.wgfabric.simulation.containers.FabricCluster;
import io.wgfabric.simulation.containers.JoinToken;
import io.wgfabric.simulation.containers.ManagerContainer;
import io.wgfabric.simulation.containers.PeerContainer;
import io.wgfabric.simulation.containers.Privilege;
import io.wgfabric.simulation.netns.LabException;
import java.util.Locale;
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

    @SuppressWarnings("NullAway.Init")
    private FabricCluster fabric;

    @SuppressWarnings("NullAway.Init")
    private Story story;

    @BeforeAll
    void found() {
        FabricCluster.assumePossible();
        fabric = FabricCluster.of(1, 0)
                .privilege(PRIVILEGE)
                .progress(Story::tell)
                .start();
        story = new Story(fabric);
    }

    @AfterAll
    @SuppressWarnings("ConstantValue")
    void remove() {
        if (fabric != null) {
            fabric.close();
            Story.tell("logs of all nodes: " + fabric.logs());
        }
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
        assertEquals(MANAGERS - 1, story.used(forManagers));
        assertEquals(FIRST_PEERS, story.used(forPeers));
        LabException usedUp = assertThrows(LabException.class, () -> fabric.addPeer(forPeers));
        assertTrue(usedUp.line().contains("has no uses left"), usedUp.line());
        LabException wrongRole = assertThrows(LabException.class, () -> fabric.addPeer(forManagers));
        assertTrue(wrongRole.line().contains("exit status 1"), wrongRole.line());
        assertEquals(Story.names(fabric.running()), story.members());
        story.assertMesh();
    }

    @Test
    @Order(2)
    void failover() {
        PeerContainer one = fabric.peers().get(0);
        PeerContainer other = fabric.peers().get(1);
        ManagerContainer leader = fabric.leader();
        try (EchoFlow there = Story.flow(one, other);
                EchoFlow back = Story.flow(other, one)) {
            leader.kill();
            if (MANAGERS > 2) {
                long killed = System.nanoTime();
                JoinToken token = fabric.createToken(Role.PEER, 1);
                Story.tell("a survivor of " + leader + " gives out a token after " + Story.seconds(killed));
                PeerContainer late = fabric.addPeer(token);
                Story.tell(late + " has joined after " + Story.seconds(killed));
                story.assertMesh();
            }
            Story.assertNoneLost("across the kill of the leader", there, back);
        }
        leader.restart();
        story.assertMesh();
        Story.tell("all managers: " + fabric.awaitOneState());
    }

    @Test
    @Order(3)
    void scaleOut() {
        long began = System.nanoTime();
        int more = PEERS - fabric.peers().size();
        fabric.addPeers(more);
        double took = (System.nanoTime() - began) / 1e9;
        Story.tell(String.format(Locale.ROOT, "%d peers in %.1f s, %.2f a second", more, took, more / took));
        assertEquals(MANAGERS + PEERS, fabric.running().size());
        Story.tell(story.assertUniqueAddresses() + " addresses on "
                + fabric.running().size() + " nodes, each once");
        story.assertMesh();
    }

    @Test
    @Order(4)
    void rotationAndRevoke() {
        PeerContainer rotated = fabric.peers().get(0);
        PeerContainer other = fabric.peers().get(1);
        Set<String> before = fabric.keys(rotated);
        try (EchoFlow there = Story.flow(rotated, other);
                EchoFlow back = Story.flow(other, rotated)) {
            long began = System.nanoTime();
            fabric.rotate(rotated);
            Story.tell("the rotation of " + rotated + " took " + Story.seconds(began));
            Story.assertNoneLost("across the rotation", there, back);
        }
        String shown = rotated.require("wg", "show", "all", "public-key").out();
        assertTrue(fabric.keys(rotated).stream().anyMatch(shown::contains), "the interface has none of the new keys");
        assertFalse(before.stream().anyMatch(shown::contains), "the interface has an old key");

        JoinToken token = fabric.createToken(Role.PEER, 5);
        fabric.addPeer(token);
        Set<String> members = story.members();
        JsonNode revoked = fabric.ask("token", "revoke", token.id());
        assertEquals("revoked", revoked.path("state").asString(""));
        LabException refused = assertThrows(LabException.class, () -> fabric.addPeer(token));
        assertTrue(refused.line().contains("was revoked"), refused.line());
        assertEquals(1, story.used(token));
        assertEquals(members, story.members());
        story.assertMesh();
    }
}
