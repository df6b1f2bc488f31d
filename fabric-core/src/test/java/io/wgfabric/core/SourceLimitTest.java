package io.wgfabric.core;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class SourceLimitTest {
    private static final int BURST = 40;
    private static final int PER_SECOND = 8;

    private final AtomicLong nanos = new AtomicLong();
    private final SourceLimit limit = new SourceLimit(nanos::get, BURST, PER_SECOND);

    private void exhaust(String address) {
        for (int i = 0; i < BURST; i++) {
            assertTrue(limit.take(address));
        }
        assertFalse(limit.take(address));
    }

    @Test
    void sourceThatAsksTooMuchWaitsAndOthersDoNot() {
        exhaust("192.0.2.1");

        assertTrue(limit.take("192.0.2.2"));
        nanos.addAndGet(1_000_000_000L);
        for (int i = 0; i < PER_SECOND; i++) {
            assertTrue(limit.take("192.0.2.1"));
        }
        assertFalse(limit.take("192.0.2.1"));
    }

    @Test
    void addressesOfOneIpv6SubnetAreOneSource() {
        exhaust("2001:db8::1");

        assertFalse(limit.take("2001:db8::2"));
        assertTrue(limit.take("2001:db8:0:1::1"));
    }

    @Test
    void whoIsWelcomeGetsItsTokenBack() {
        exhaust("192.0.2.1");
        limit.giveBack("192.0.2.1");

        assertTrue(limit.take("192.0.2.1"));
        assertFalse(limit.take("192.0.2.1"));
    }

    @Test
    void tableIsBounded() {
        for (int i = 0; i < 20_000; i++) {
            limit.take("10." + i / 65_536 + "." + i / 256 % 256 + "." + i % 256);
        }
        assertEquals(10_000, limit.sources());
    }
}
