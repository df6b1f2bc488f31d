package io.wgfabric.core.wire;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.wgfabric.api.NodeId;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PairReportTest {
    private static final NodeId TWO = NodeId.of(2);

    @ParameterizedTest
    @ValueSource(
            strings = {
                "n-0000000000002 0",
                "n-0000000000002 179",
                "n-0000000000002 1000000000",
                "n-0000000000002 -",
                "n-0000000000002 via n-0000000000003"
            })
    void whatIsReadIsWrittenInTheSameWords(String text) {
        assertEquals(text, PairReport.parse(text).toString());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "n-0000000000002",
                "n-0000000000002 ",
                "n-0000000000002  1",
                "n-0000000000002 -1",
                "n-0000000000002 01",
                "n-0000000000002 1000000001",
                "n-0000000000002 99999999999999999999",
                "n-0000000000002 \u0661",
                "n-0000000000002 via",
                "n-0000000000002 via ",
                "n-0000000000002 via n-0000000000002",
                "n-0000000000002 by n-0000000000003",
                "n-0000000000002 via n-0000000000003 4",
                "p1 12"
            })
    void otherWordsAreRefused(String text) {
        assertThrows(IllegalArgumentException.class, () -> PairReport.parse(text));
    }

    @Test
    void relayedPairHasNoHandshakeOfItsOwn() {
        assertThrows(IllegalArgumentException.class, () -> new PairReport(TWO, 1L, NodeId.of(3)));
        assertEquals(1_000_000_000L, PairReport.direct(TWO, Long.MAX_VALUE).handshakeSeconds());
    }
}
