package io.wgfabric.scale.nat;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.wgfabric.simulation.lab.ExitLab;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestMethodOrder;

/** An exit node with real packets; prints one table. Needs root, what {@code fabric lab} needs, and nft. */
@Tag("nat")
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
final class ExitTest {
    private @Nullable ExitLab lab;

    @BeforeAll
    void start() {
        lab = ExitLab.start();
    }

    @AfterAll
    void print() {
        ExitLab opened = lab;
        if (opened != null) {
            opened.table().forEach(System.out::println);
            if (Boolean.getBoolean("nat.keepLogs")) {
                System.out.println(opened.keepLogs());
            }
            opened.close();
        }
    }

    private ExitLab lab() {
        ExitLab opened = lab;
        assertNotNull(opened);
        return opened;
    }

    private static ExitLab.Row closed(ExitLab.Row row) {
        assertTrue(row.held(), row.toString());
        assertEquals(0, row.leaked(), row.toString());
        return row;
    }

    @Order(1)
    @Test
    void nobodyIsSentThroughAnExitNodeUnasked_andWhoAsksIsSeenUnderItsAddress() {
        closed(lab().begins());
    }

    @Order(2)
    @Test
    void keysRotateWithoutALoss() {
        assertEquals(0, closed(lab().rotates()).lost());
    }

    @Order(3)
    @Test
    void whileTheExitNodeIsDeadNothingLeavesAndTheAgentIsHeard() {
        closed(lab().exitDies());
        closed(lab().exitReturns());
    }

    @Order(4)
    @Test
    void whileTheInterfaceIsGoneNothingLeaves() {
        closed(lab().interfaceIsKilled());
    }

    @Order(5)
    @Test
    void whileItIsNotApprovedNothingLeaves() {
        closed(lab().approvalIsTakenBack());
    }

    @Order(6)
    @Test
    void whoIsQuarantinedHasNoOtherWay() {
        closed(lab().quarantine());
    }

    @Order(7)
    @Test
    void afterOffTheOwnWayCountsAgain() {
        closed(lab().off());
    }

    @Order(8)
    @Test
    void whoLeavesLeavesNothingBehind() {
        closed(lab().leaves());
    }
}
