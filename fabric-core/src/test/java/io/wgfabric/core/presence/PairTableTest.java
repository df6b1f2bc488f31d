package io.wgfabric.core.presence;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.wgfabric.api.NodeId;
import io.wgfabric.api.Revision;
import io.wgfabric.core.log.InProcessLog;
import io.wgfabric.core.log.Log;
import io.wgfabric.core.wire.Heartbeat;
import io.wgfabric.core.wire.PairReport;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

class PairTableTest {
    private static final NodeId ONE = NodeId.of(1);
    private static final NodeId TWO = NodeId.of(2);
    private static final NodeId HUB = NodeId.of(9);

    private Instant now = Instant.parse("2026-01-01T00:00:00Z");
    private final PairTable table = new PairTable(now);

    private static Heartbeat heartbeat(PairReport... pairs) {
        return new Heartbeat(
                1, new Revision(1), new Revision(1), "1", "test", 0, null, null, null, null, null, List.of(pairs));
    }

    private void says(NodeId node, PairReport... reports) {
        table.heard(node, now, List.of(reports), id -> true);
    }

    @Test
    void partsOfSeveralHeartbeatsComeTogetherAndAgesGrow() {
        says(ONE, PairReport.direct(TWO, 10L), PairReport.relayed(NodeId.of(3), HUB));
        now = now.plusSeconds(3);
        says(ONE, PairReport.direct(NodeId.of(4), null));
        now = now.plusSeconds(2);

        assertEquals(
                List.of(
                        PairReport.direct(TWO, 15L),
                        PairReport.relayed(NodeId.of(3), HUB),
                        PairReport.direct(NodeId.of(4), null)),
                table.of(ONE, now));
        assertEquals(List.of(), table.of(TWO, now), "the other end has said nothing");
    }

    @Test
    void newerWordCountsWhateverComesLast() {
        Instant before = now;
        now = now.plusSeconds(6);
        says(ONE, PairReport.relayed(TWO, HUB));
        table.heard(ONE, before, List.of(PairReport.direct(TWO, 1L)), id -> true);

        assertEquals(List.of(PairReport.relayed(TWO, HUB)), table.of(ONE, now));
    }

    @Test
    void pairThatANodeTellsOfNoMoreIsForgottenWhileItTellsOfOthers() {
        says(ONE, PairReport.direct(TWO, 1L), PairReport.direct(HUB, 1L));
        Instant silent = now.plusSeconds(600);
        assertEquals(2, table.of(ONE, silent).size(), "a silent node's last words stay");
        now = now.plusSeconds(600);
        says(ONE, PairReport.direct(HUB, 1L));

        assertEquals(List.of(PairReport.direct(HUB, 1L)), table.of(ONE, now));
    }

    @Test
    void nobodyFillsItWithNodesThatThereAreNot() {
        table.heard(
                ONE,
                now,
                List.of(PairReport.direct(TWO, 1L), PairReport.relayed(HUB, TWO), PairReport.direct(HUB, 2L)),
                HUB::equals);

        assertEquals(List.of(PairReport.direct(HUB, 2L)), table.of(ONE, now));
    }

    @Test
    void numberOfARemovedNodeTellsNothingOfTheNextOne() {
        says(ONE, PairReport.direct(TWO, 1L), PairReport.relayed(HUB, TWO));
        says(TWO, PairReport.direct(ONE, 1L));
        table.retain(node -> !node.equals(TWO));
        NodeId next = NodeId.of(5);
        says(next);

        assertEquals(List.of(), table.of(ONE, now));
        assertEquals(List.of(), table.of(TWO, now));
        assertEquals(List.of(), table.of(next, now));
        says(ONE, PairReport.direct(next, 4L));
        assertEquals(List.of(PairReport.direct(next, 4L)), table.of(ONE, now));
    }

    @Test
    void moreNodesThanItHasRoomForAreLeftOut() {
        for (long bits = 0; bits <= PairTable.MAX_NODES; bits++) {
            says(NodeId.of(bits), PairReport.direct(NodeId.of(bits + 1), 1L));
        }
        assertEquals(1, table.of(NodeId.of(PairTable.MAX_NODES - 2), now).size());
        assertEquals(0, table.of(NodeId.of(PairTable.MAX_NODES), now).size());
    }

    @Test
    void whatOneManagerHeardOfPairsTheOthersKnow() {
        Presence hears = new Presence(() -> now);
        Presence told = new Presence(() -> now.plusSeconds(3_600));
        List<byte[]> sent = new ArrayList<>();
        Log log = new ForwardingLog(new InProcessLog(), sent::add);
        hears.heard(TWO, heartbeat());
        hears.heard(ONE, heartbeat(PairReport.direct(TWO, 7L), PairReport.direct(NodeId.of(77), 7L)));
        now = now.plusSeconds(2);
        hears.tell(log);
        sent.forEach(datagram -> told.told("m1", datagram));

        assertEquals(List.of(PairReport.direct(TWO, 9L)), hears.pairs(ONE));
        assertEquals(hears.pairs(ONE), told.pairs(ONE));
        sent.clear();
        hears.tell(log);
        assertTrue(sent.stream().noneMatch(datagram -> datagram[0] == '{'), "what was told is not told again");
        hears.retain(node -> false);
        assertEquals(List.of(), hears.pairs(ONE));
    }

    @Test
    void datagramsOfAThousandNodesAreSmallEnough() {
        Presence hears = new Presence(() -> now);
        PairReport[] most = LongStream.range(0, Heartbeat.MAX_PAIRS)
                .mapToObj(bits -> PairReport.relayed(NodeId.of(bits), NodeId.of(1_000)))
                .toArray(PairReport[]::new);
        LongStream.range(1_000, 2_000).forEach(bits -> hears.heard(NodeId.of(bits), heartbeat(most)));
        List<byte[]> sent = new ArrayList<>();
        hears.tell(new ForwardingLog(new InProcessLog(), sent::add));

        assertTrue(sent.stream().allMatch(datagram -> datagram.length <= Log.MAX_DATAGRAM));
        assertEquals(2, sent.stream().filter(datagram -> datagram[0] == '{').count());
    }

    @Test
    void datagramOfPairsThatCannotBeReadIsDropped() {
        Presence presence = new Presence(() -> now);
        for (String text : List.of("{", "{}", "{\"nodes\":null}", "{\"nodes\":[{\"node\":\"n-0000000000001\"}]}")) {
            presence.told("m1", text.getBytes(java.nio.charset.StandardCharsets.UTF_8));
        }
        assertEquals(List.of(), presence.pairs(ONE));
    }
}
