package io.wgfabric.scale.dataplane;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.List;
import org.junit.jupiter.api.Test;

final class ArrivalsTest {
    private static final long MILLI = 1_000_000;

    private final Arrivals arrivals = new Arrivals(7);

    private void arrive(long sequence, long sentMillis, long nowMillis) {
        arrivals.add(sequence, sentMillis * MILLI, nowMillis * MILLI);
    }

    @Test
    void whatIsLostTwiceThereOrOvertakenIsToldApart() {
        arrive(0, 0, 1);
        arrive(1, 5, 6);
        arrive(3, 15, 16);
        arrive(2, 10, 17);
        arrive(3, 15, 18);
        arrive(5, 25, 26);
        Heard heard = arrivals.tally();
        assertEquals(5, heard.received());
        assertEquals(List.of(4), heard.missing());
        assertEquals(1, heard.duplicates());
        assertEquals(1, heard.overtaken());
        assertEquals(10, heard.longestGapMillis());
        assertEquals(7, heard.longestDelayMillis());
        assertEquals(List.of(), heard.silences());
    }

    @Test
    void aSilenceSaysHowLongItWasAndWhatItCost() {
        arrive(0, 0, 1);
        arrive(100, 500, 501);
        assertEquals(
                List.of(new Heard.Silence(MILLI, 500, 99)), arrivals.tally().silences());
    }
}
