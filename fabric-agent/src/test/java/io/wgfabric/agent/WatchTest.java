package io.wgfabric.agent;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import org.junit.jupiter.api.Test;

class WatchTest {
    @Test
    void whoIsShutOutAsksLessAndLessOftenAndSoonAgainOnceItIsNot() {
        Duration pause = Watch.MIN_PAUSE;
        Duration asked = Duration.ZERO;
        int times = 0;
        while (asked.compareTo(Duration.ofHours(1)) < 0) {
            pause = Watch.next(pause, Watch.MAX_PAUSE_OUTSIDE);
            asked = asked.plus(pause);
            times++;
        }
        assertTrue(times < 130, times + " times in an hour");
        assertEquals(Watch.MAX_PAUSE_OUTSIDE, pause);
        assertEquals(Watch.MAX_PAUSE, Watch.next(pause, Watch.MAX_PAUSE));
    }
}
