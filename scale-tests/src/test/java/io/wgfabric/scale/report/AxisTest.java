package io.wgfabric.scale.report;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class AxisTest {
    @Test
    void stepsAreRound() {
        assertEquals(List.of(0.0, 10.0, 20.0, 30.0, 40.0, 50.0), Axis.to(47, 5).ticks());
        assertEquals(
                List.of(0.0, 25.0, 50.0, 75.0, 100.0, 125.0), Axis.to(103, 5).ticks());
        assertEquals(List.of(0.0, 1.0), Axis.to(1, 1).ticks());
        assertEquals(
                List.of(0.0, 20.0, 40.0, 60.0, 80.0, 100.0), Axis.to(100, 5).ticks());
    }

    @Test
    void everythingFitsAndFewTicksAreEnough() {
        Random random = new Random(7);
        for (int i = 0; i < 2_000; i++) {
            double largest = Math.pow(10, random.nextDouble() * 12 - 4);
            Axis axis = Axis.to(largest, 1 + i % 10);
            assertTrue(axis.at(largest) <= 1 + 1e-9, () -> "beyond the end: " + axis);
            assertTrue(axis.at(largest) > 0.1, () -> "mostly empty: " + axis);
            assertTrue(axis.ticks().size() <= 2 + i % 10, () -> "crowded: " + axis);
        }
    }

    @Test
    void labelsHaveTheDigitsOfTheStep() {
        assertEquals("0.5", Axis.to(4, 10).label(0.5));
        assertEquals("0.25", Axis.to(1.1, 5).label(0.25));
        assertEquals("2.5", Axis.to(12, 5).label(2.5));
        assertEquals("1,000", Axis.to(4_000, 5).label(1_000));
    }

    @Test
    void nothingIsShownOnAScaleToOne() {
        assertEquals(1, Axis.to(0, 5).end(), 1e-9);
    }
}
