package io.wgfabric.scale.nat;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.wgfabric.simulation.lab.HubLab;
import java.time.Duration;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestMethodOrder;

/** Hub and spoke with real packets; prints one table. Needs root, what {@code fabric lab} needs, and nft. */
@Tag("nat")
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
final class HubTest {
    /** Three echo requests are lost and nothing is heard for 8 s, and then both ends move. */
    private static final Duration TAKEOVER = Duration.ofSeconds(20);

    private @Nullable HubLab lab;

    @BeforeAll
    void start() {
        lab = HubLab.start();
    }

    @AfterAll
    void print() {
        HubLab opened = lab;
        if (opened != null) {
            opened.table().forEach(System.out::println);
            if (Boolean.getBoolean("nat.keepLogs")) {
                System.out.println(opened.keepLogs());
            }
            opened.close();
        }
    }

    private HubLab lab() {
        HubLab opened = lab;
        assertNotNull(opened);
        return opened;
    }

    private static HubLab.Row good(HubLab.Row row) {
        assertTrue(row.reached(), row.toString());
        return row;
    }

    private static void assertLossless(HubLab.Row row) {
        assertEquals(0, good(row).lost(), row.toString());
    }

    @Order(1)
    @Test
    void spokesTalkThroughAHub() {
        assertLossless(lab().spokesTalk());
    }

    @Order(2)
    @Test
    void aNetworkBehindASpokeIsReachedThroughTheHubOnceItIsApproved() {
        assertLossless(lab().networkBehindASpoke());
    }

    @Order(3)
    @Test
    void aNetworkThatNobodyApprovedIsNotReached() {
        good(lab().nothingThatWasNotApproved());
    }

    @Order(4)
    @Test
    void aSpokesKeysRotateWithoutALoss() {
        assertLossless(lab().spokeRotates());
    }

    @Order(5)
    @Test
    void theHubsKeysRotateWithoutALoss() {
        assertLossless(lab().hubRotates());
    }

    @Order(6)
    @Test
    void anotherHubTakesOver() {
        HubLab.Row row = good(lab().hubDies());
        assertTrue(row.longest().compareTo(TAKEOVER) < 0, row.toString());
    }

    @Order(7)
    @Test
    void theFirstHubCarriesAgainWhenItIsBack() {
        good(lab().hubReturns());
    }

    @Order(8)
    @Test
    void theTopologyChangesWhileItRuns() {
        HubLab.Row mesh = good(lab().becomesAMesh());
        assertTrue(mesh.longest().compareTo(Duration.ofSeconds(2)) < 0, mesh.toString());
        HubLab.Row hub = good(lab().becomesHubs());
        assertTrue(hub.longest().compareTo(Duration.ofSeconds(2)) < 0, hub.toString());
    }

    @Order(9)
    @Test
    void aQuarantinedSpokeReachesNobody() {
        good(lab().quarantinedSpoke());
    }
}
