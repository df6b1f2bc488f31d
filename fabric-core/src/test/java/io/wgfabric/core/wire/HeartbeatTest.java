package io.wgfabric.core.wire;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.wgfabric.api.Edition;
import io.wgfabric.api.Revision;
import org.junit.jupiter.api.Test;

class HeartbeatTest {
    private static boolean settledAt(long epoch, long settled, long wantedEpoch, long wanted) {
        return new Heartbeat(epoch, new Revision(settled), new Revision(settled), "1", "test", 0)
                .isSettledAt(new Edition(wantedEpoch, new Revision(wanted)));
    }

    /** A plane must not get a new key because of what a node did in an epoch whose revisions were higher. */
    @Test
    void nodeOfTheDeadEpochIsNotSettledWhateverItsRevision() {
        assertFalse(settledAt(1, 900, 2, 40));
        assertFalse(settledAt(2, 39, 2, 40));
        assertTrue(settledAt(2, 40, 2, 40));
        assertTrue(settledAt(2, 41, 2, 40));
    }
}
