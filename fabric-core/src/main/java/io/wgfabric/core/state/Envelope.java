package io.wgfabric.core.state;

import io.wgfabric.api.Actor;
import io.wgfabric.api.Command;
import io.wgfabric.api.RequestId;
import java.time.Instant;
import java.util.Objects;

/**
 * A command on its way through the log.
 *
 * @param time the proposer's clock, whole milliseconds, between 1970 and 2200, so that no sum of times goes beyond what
 *     can be written; the machine takes the later of this and its own time
 */
public record Envelope(Instant time, Actor actor, RequestId request, Command command) {
    /** No clock is right that says it is later, and no token begins later. */
    static final Instant LATEST = Instant.parse("2200-01-01T00:00:00Z");

    public Envelope {
        if (time.isBefore(Instant.EPOCH) || time.isAfter(LATEST)) {
            throw new IllegalArgumentException("the clock of this manager says " + time + "; set it");
        }
        Objects.requireNonNull(actor);
        Objects.requireNonNull(request);
        Objects.requireNonNull(command);
    }
}
