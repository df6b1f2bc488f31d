package io.wgfabric.agent;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.wgfabric.api.NodeId;
import io.wgfabric.core.wire.Heartbeat;
import io.wgfabric.core.wire.PairReport;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PairTurnsTest {
    private static List<PairReport> pairs(int count) {
        return LongStream.range(0, count)
                .mapToObj(bits -> PairReport.direct(NodeId.of(bits), bits))
                .toList();
    }

    @Test
    void fewPairsAreToldOfEachTime() {
        PairTurns turns = new PairTurns();
        assertEquals(pairs(Heartbeat.MAX_PAIRS), turns.next(pairs(Heartbeat.MAX_PAIRS)));
        assertEquals(pairs(2), turns.next(pairs(2)));
        assertEquals(List.of(), turns.next(List.of()));
    }

    @ParameterizedTest
    @ValueSource(ints = {33, 63, 64, 65, 999})
    void eachPairHasItsTurnAfterAsFewHeartbeatsAsCanBe(int count) {
        PairTurns turns = new PairTurns();
        for (int round = 0; round < 3; round++) {
            Set<PairReport> told = new HashSet<>();
            for (int beat = 0; beat * Heartbeat.MAX_PAIRS < count; beat++) {
                List<PairReport> part = turns.next(pairs(count));
                assertEquals(Heartbeat.MAX_PAIRS, new HashSet<>(part).size());
                told.addAll(part);
            }
            assertEquals(count, told.size());
        }
    }

    @Test
    void meshThatHasBecomeSmallerGoesOn() {
        PairTurns turns = new PairTurns();
        turns.next(pairs(500));
        turns.next(pairs(500));
        Set<PairReport> told = new HashSet<>(turns.next(pairs(40)));
        told.addAll(turns.next(pairs(40)));
        assertEquals(40, told.size());
    }
}
