package io.wgfabric.simulation.netns;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

final class PingCountTest {

    private static String output(int sent, int... answered) {
        return "PING 100.64.0.2 (100.64.0.2) 56(84) bytes of data.\n"
                + IntStream.of(answered)
                        .mapToObj(
                                sequence -> "64 bytes from 100.64.0.2: icmp_seq=" + sequence + " ttl=64 time=0.5 ms\n")
                        .collect(Collectors.joining())
                + "\n--- 100.64.0.2 ping statistics ---\n" + sent + " packets transmitted, " + answered.length
                + " received, 0% packet loss, time 99ms\n";
    }

    @Test
    void allAnsweredIsNothingLost() {
        assertEquals(new PingCount(3, 0, 0), PingCount.parse(output(3, 1, 2, 3)));
    }

    @Test
    void theLastRequestMayStillBeOnItsWay() {
        assertEquals(new PingCount(4, 0, 0), PingCount.parse(output(4, 1, 2, 3)));
    }

    @Test
    void gapsAreCountedAndTheLongestIsKnown() {
        assertEquals(new PingCount(8, 3, 2), PingCount.parse(output(8, 1, 3, 6, 7, 8)));
    }

    @Test
    void requestsAtTheEndThatNobodyAnsweredAreLost() {
        assertEquals(new PingCount(6, 3, 3), PingCount.parse(output(6, 1, 2)));
    }

    @Test
    void anAnswerThatCameTwiceOrLateCountsOnce() {
        assertEquals(new PingCount(3, 0, 0), PingCount.parse(output(3, 1, 3, 2, 2)));
    }

    @Test
    void withoutASummaryThereIsNoCount() {
        assertThrows(LabException.class, () -> PingCount.parse("ping: connect: Network is unreachable\n"));
    }
}
