package io.wgfabric.jgroups.scenario;

import io.wgfabric.jgroups.scenario.Post.Kind;
import java.io.IOException;
import org.junit.jupiter.api.Test;

/** Disks that fail, processes that stand still, reads. Sections are those of Ongaro's dissertation. */
class OperationScenariosTest extends Scenarios {

    /** A leader whose disk is full halts: a write that was cut short counts for nothing: section 3.8. */
    @Test
    void s18_aLeaderWhoseDiskIsFull_hasStoredNothingByHalves() throws IOException {
        try (SmallDisk disk = SmallDisk.mount(e().directory("A"))) {
            e().found("A", "B", "C");
            e().write("one");
            e().write("two");
            disk.fill();
            e().propose("A", "x".repeat(3 * SmallDisk.PAGE));
            e().deliver();
            disk.free();
            if (e().isUp("A")) {
                e().propose("A", "three");
                e().deliver();
                e().pass(1000);
                e().crash("A");
            }
            e().elect("B", "C");
            e().restart("A");
            e().verify();
            e().close();
        }
    }

    /** A leader whose disk answers with an error halts, and others lead: section 3.8. */
    @Test
    void s18_aLeaderWhoseDiskFails_makesRoomForAnother() {
        e().found("A", "B", "C");
        e().write("one");
        // A channel whose thread is interrupted fails this write, and every one after it.
        e().member("A").beforeAppend(() -> Thread.currentThread().interrupt());
        e().propose("A", "two");
        Thread.interrupted();
        e().deliver();
        e().mustProgress("three");
        if (!e().isUp("A")) {
            e().restart("A");
        }
        e().verify();
    }

    /** A read is answered by who has been confirmed after it, and commits nothing: section 6.4. */
    @Test
    void s19_aLeaderThatStoodStillForTenSeconds_servesNothingOld() {
        e().found("A", "B", "C");
        e().write("before");
        e().hold("A", ANYONE, Kind.APPEND);
        e().propose("A", "cut off");
        e().deliver();
        e().pause("A");
        e().elect("B", "C");
        for (int i = 0; i < 10; i++) {
            e().write("second " + i);
            e().pass(1000);
        }
        e().resume("A");
        e().read("A");
        e().letPass();
        e().release("A", ANYONE);
        e().pass(1000);
        e().verify();
    }

    /** A read does not acknowledge the writes before it: section 6.4. */
    @Test
    void t01_aReadWithoutAQuorum_acknowledgesNoWrite() {
        e().found("A", "B", "C");
        e().crash("B");
        e().crash("C");
        e().propose("A", "alone");
        e().read("A");
        e().deliver();
        e().crash("A");
        e().restart("B");
        e().restart("C");
        e().elect("B", "C");
        e().verify();
    }
}
