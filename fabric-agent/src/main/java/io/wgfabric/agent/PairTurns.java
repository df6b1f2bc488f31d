package io.wgfabric.agent;

import io.wgfabric.core.wire.Heartbeat;
import io.wgfabric.core.wire.PairReport;
import java.util.List;
import java.util.stream.Stream;

/** Which pairs a heartbeat tells of: each in its turn, so that no heartbeat is as long as the mesh is large. Confined to one thread. */
final class PairTurns {
    private int at;

    /** @param all in an order that stays */
    List<PairReport> next(List<PairReport> all) {
        int size = all.size();
        if (size <= Heartbeat.MAX_PAIRS) {
            return all;
        }
        int from = at % size;
        at = from + Heartbeat.MAX_PAIRS;
        return Stream.concat(all.subList(from, size).stream(), all.subList(0, from).stream())
                .limit(Heartbeat.MAX_PAIRS)
                .toList();
    }
}
