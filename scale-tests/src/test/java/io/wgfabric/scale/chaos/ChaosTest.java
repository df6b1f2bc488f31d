package io.wgfabric.scale.chaos;

import java.time.Duration;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Real managers under faults. Needs root, and what {@code fabric lab} needs beside nft and e2fsprogs.
 *
 * <ul>
 *   <li>{@code -Dchaos.managers=3|5}: how many; if not given, a run with three and a run with five
 *   <li>{@code -Dchaos.seconds=60}: how long each run is
 *   <li>{@code -Dchaos.rounds=8}: how often all managers are killed at once
 *   <li>{@code -Dchaos.seed=N}: repeats the choices of another run, as far as processes can
 * </ul>
 */
@Tag("chaos")
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
final class ChaosTest {
    private static final int SECONDS = 60;
    private static final int ROUNDS = 8;

    private static long seed() {
        return Long.getLong("chaos.seed", new Random().nextInt(1_000_000));
    }

    static Stream<Integer> managers() {
        Integer given = Integer.getInteger("chaos.managers");
        return (given == null ? List.of(3, 5) : List.of(given)).stream();
    }

    @Order(1)
    @ParameterizedTest
    @MethodSource("managers")
    void nothingIsLostWhateverHappens(int managers) throws InterruptedException {
        Suites.everything(managers, Duration.ofSeconds(Integer.getInteger("chaos.seconds", SECONDS)), seed());
    }

    @Order(2)
    @Test
    void whatWasAcknowledgedSurvivesTheEndOfAllManagersAtOnce() throws InterruptedException {
        Suites.killAll(3, Integer.getInteger("chaos.rounds", ROUNDS), seed());
    }

    @Order(3)
    @Test
    void aManagerWhoseDiskFailsStopsAndSaysWhy() throws InterruptedException {
        Suites.disks(seed());
    }

    @Order(4)
    @Test
    void aManagerThatCannotBeReachedHoldsNobodyUp() throws InterruptedException {
        Suites.blackhole(seed());
    }
}
