package io.wgfabric.core.presence;

import java.time.Instant;
import java.time.InstantSource;

/**
 * The time that another clock shows now, and from then on the time that passes: it is never set, so that ages are true
 * whatever happens to the machine's clock. Thread-safe.
 */
public final class SteadyClock implements InstantSource {
    private final Instant began;
    private final long beganNanos = System.nanoTime();

    public SteadyClock(InstantSource clock) {
        began = clock.instant();
    }

    @Override
    public Instant instant() {
        return began.plusNanos(System.nanoTime() - beganNanos);
    }
}
