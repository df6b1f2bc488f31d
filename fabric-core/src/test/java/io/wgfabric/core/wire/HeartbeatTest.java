package io.wgfabric.core.wire;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.wgfabric.api.Edition;
import io.wgfabric.api.NodeId;
import io.wgfabric.api.Revision;
import io.wgfabric.core.codec.Json;
import java.util.Collections;
import java.util.List;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
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

    private static Heartbeat awaiting(long applied, @Nullable List<NodeId> awaits) {
        return new Heartbeat(
                1, new Revision(applied), new Revision(3), "1", "test", 0, null, null, null, null, awaits, null);
    }

    @Test
    void nodeIsSettled_forAllThatAreThere_whenItWaitsForThoseAloneThatAreAway() {
        Edition wanted = new Edition(1, new Revision(7));
        Predicate<NodeId> away = NodeId.of(2)::equals;
        assertTrue(awaiting(7, List.of(NodeId.of(2))).isSettledAt(wanted, away));
        assertFalse(awaiting(7, List.of(NodeId.of(2), NodeId.of(3))).isSettledAt(wanted, away));
        assertFalse(awaiting(6, List.of(NodeId.of(2))).isSettledAt(wanted, away), "it has not heard of it");
        assertFalse(awaiting(7, List.of()).isSettledAt(wanted, away), "something else keeps it");
        assertFalse(awaiting(7, null).isSettledAt(wanted, away), "an agent of old says nothing");
        assertTrue(awaiting(7, null).isSettledAt(new Edition(1, new Revision(3)), away));
    }

    @Test
    void heartbeatNamesFewNodes() {
        List<NodeId> many = Collections.nCopies(Heartbeat.MAX_AWAITED + 1, NodeId.of(2));
        assertThrows(IllegalArgumentException.class, () -> awaiting(7, many));
    }

    private static Heartbeat telling(List<PairReport> pairs) {
        return new Heartbeat(1, new Revision(1), new Revision(1), "1", "test", 0, null, null, null, null, null, pairs);
    }

    @Test
    void heartbeatTellsOfFewPairs() {
        PairReport pair = PairReport.direct(NodeId.of(2), 12L);
        assertThrows(IllegalArgumentException.class, () -> telling(Collections.nCopies(Heartbeat.MAX_PAIRS + 1, pair)));
        Heartbeat whole = telling(List.of(pair, PairReport.relayed(NodeId.of(3), NodeId.of(4))));
        String text = Json.mapper().writeValueAsString(whole);
        assertTrue(text.endsWith(",\"pairs\":[\"n-0000000000002 12\",\"n-0000000000003 via n-0000000000004\"]}"), text);
        assertEquals(whole, Json.mapper().readValue(text, Heartbeat.class));
    }

    @Test
    void heartbeatOfAnOlderAgentSaysNothingOfPairs() {
        Heartbeat old = Json.mapper()
                .readValue(
                        "{\"epoch\":1,\"applied\":0,\"settled\":0,\"version\":\"1\",\"backend\":\"test\",\"peers\":0}",
                        Heartbeat.class);
        assertNull(old.pairs());
        assertNull(telling(List.of(PairReport.direct(NodeId.of(2), null)))
                .withoutPairs()
                .pairs());
    }
}
