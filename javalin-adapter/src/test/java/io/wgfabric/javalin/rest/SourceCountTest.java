package io.wgfabric.javalin.rest;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

class SourceCountTest {
    private final SourceCount count = new SourceCount(10, 6);

    @Test
    void sourceHasItsLimitAndAllHaveTheirs() {
        assertTrue(count.take("192.0.2.1", 6));
        assertFalse(count.take("192.0.2.1", 1));
        assertFalse(count.take("192.0.2.2", 5));
        assertTrue(count.take("192.0.2.2", 4));
        assertFalse(count.take("192.0.2.3", 1));
        assertTrue(count.take("192.0.2.3", 0), "nothing always fits");
    }

    @Test
    void whatIsReleasedCanBeTakenAgain() {
        assertTrue(count.take("192.0.2.1", 4));
        assertTrue(count.take("192.0.2.1", 2));
        count.release("192.0.2.1", 4);
        assertEquals(2, count.size());
        assertFalse(count.take("192.0.2.1", 5));
        assertTrue(count.take("192.0.2.1", 4));
    }
}
