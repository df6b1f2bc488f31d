package io.wgfabric.agent.wireguard;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.wgfabric.api.PublicKey;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.TreeMap;
import org.awaitility.Awaitility;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Real WireGuard: the agent dies after each change of each stage, and whoever comes next ends in the same place. */
@Timeout(300)
class UserspaceCrashTest {
    private Lab lab;

    @BeforeEach
    void openLab() {
        lab = Lab.openOrSkip();
    }

    @AfterEach
    void closeLab() {
        if (lab != null) {
            lab.close();
        }
    }

    @Test
    void whoeverComesAfterACrashEndsInTheSamePlace() throws Exception {
        Lab.Node node = lab.add("n");
        Lab.Node peer = lab.add("p");
        node.ownKeys.addAll(Stage.keys());
        peer.ownKeys.addAll(Stage.keys());
        int crashes = crashOnTheWayTo(Stage.AT_REST, null, node, peer);
        Lab.Traffic there = node.startTraffic(Stage.AT_REST.peer().addresses().get(0));
        Lab.Traffic back = peer.startTraffic(Stage.AT_REST.peer().peers().get(0).allowedIps().stream()
                .findFirst()
                .orElseThrow()
                .address());
        Stage from = Stage.AT_REST;
        for (Stage stage : List.of(Stage.values()).subList(1, Stage.values().length)) {
            crashes += crashOnTheWayTo(stage, from, node, peer);
            from = stage;
        }
        assertTrue(crashes > 25, "it was killed in the middle of things: " + crashes);
        for (Lab.Traffic traffic : List.of(there, back)) {
            Lab.Counted counted = traffic.stop();
            assertTrue(counted.sent() > 100, "there was traffic");
            assertEquals(0, counted.lost(), "of " + counted.sent());
        }
    }

    /** Once for each change that leads there; answers how often it was killed. */
    private static int crashOnTheWayTo(Stage stage, @Nullable Stage from, Lab.Node node, Lab.Node peer)
            throws Exception {
        boolean cut = true;
        int changes = 0;
        ActualNetwork expected = null;
        for (; cut; changes++) {
            if (from == null) {
                node.tunnel().tearDown();
            } else {
                settle(from, node, peer);
            }
            reconcile(stage.peer(), peer);
            cut = ShortLife.isCutShort(node, stage, peer.underlay, changes);
            settle(stage, node, peer);
            ActualNetwork end = withoutCounters(node.tunnel().read());
            if (expected != null) {
                assertEquals(expected, end, stage + ", killed after " + changes);
            }
            expected = end;
        }
        return changes - 1;
    }

    private static void settle(Stage stage, Lab.Node node, Lab.Node peer) {
        Awaitility.await()
                .atMost(Duration.ofSeconds(45))
                .pollDelay(Duration.ZERO)
                .pollInterval(Duration.ofMillis(20))
                .until(() -> {
                    boolean settled = reconcile(stage.peer(), peer);
                    return reconcile(stage.node(peer.underlay), node) && settled;
                });
    }

    private static boolean reconcile(DesiredNetwork desired, Lab.Node node) {
        Plan plan = Reconciler.reconcile(desired, node.tunnel().read(), Instant.now());
        node.tunnel().apply(plan.changes());
        return plan.settled();
    }

    private static ActualNetwork withoutCounters(ActualNetwork network) {
        return new ActualNetwork(withoutCounters(network.main()), withoutCounters(network.spare()));
    }

    private static ActualPlane withoutCounters(ActualPlane plane) {
        TreeMap<PublicKey, ActualPeer> peers = new TreeMap<>();
        plane.peers()
                .forEach((key, peer) -> peers.put(
                        key, new ActualPeer(peer.allowedIps(), peer.endpoint(), peer.keepaliveSeconds(), null, 0, 0)));
        return new ActualPlane(
                plane.exists(),
                plane.up(),
                plane.mtu(),
                plane.publicKey(),
                plane.listenPort(),
                plane.addresses(),
                peers,
                plane.routes());
    }
}
