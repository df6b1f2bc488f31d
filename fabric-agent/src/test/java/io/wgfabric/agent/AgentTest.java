package io.wgfabric.agent;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.time.Duration;
import org.junit.jupiter.api.Test;

final class AgentTest {
    private static final Duration BUSY = Duration.ofMillis(60);

    private static Duration sparing(long took, long before) {
        return Agent.sparing(BUSY, Duration.ofMillis(took), Duration.ofMillis(before));
    }

    @Test
    void quickLooksAndASingleSlowOneChangeNothing() {
        assertEquals(BUSY, sparing(7, 9));
        assertEquals(BUSY, sparing(900, 0));
        assertEquals(BUSY, sparing(5, 900));
    }

    @Test
    void onAnOverloadedMachineItLooksLessOften() {
        assertEquals(Duration.ofMillis(3_200), sparing(400, 900));
        assertEquals(Duration.ofSeconds(5), sparing(9_000, 8_000));
    }

    @Test
    void whoHasTimeIsNotHurried() {
        Duration rest = Duration.ofSeconds(20);
        assertEquals(rest, Agent.sparing(rest, Duration.ofSeconds(3), Duration.ofSeconds(3)));
    }
}
