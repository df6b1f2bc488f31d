package io.wgfabric.javalin.rest;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.concurrent.atomic.AtomicReference;

/** The real time, and more at will. */
final class Clock implements InstantSource {
    private final AtomicReference<Duration> ahead = new AtomicReference<>(Duration.ZERO);

    @Override
    public Instant instant() {
        return Instant.now().plus(ahead.get());
    }

    void advance(Duration by) {
        ahead.accumulateAndGet(by, Duration::plus);
    }
}
