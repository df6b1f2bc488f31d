package io.wgfabric.core.state;

import io.wgfabric.api.Actor;
import io.wgfabric.api.Command;
import io.wgfabric.api.RequestId;
import java.time.Instant;
import java.util.Objects;

/**
 * A command on its way through the log.
 *
 * @param time the proposer's clock, whole milliseconds; the machine takes the later of this and its own time
 */
public record Envelope(Instant time, Actor actor, RequestId request, Command command) {

    public Envelope {
        Objects.requireNonNull(time);
        Objects.requireNonNull(actor);
        Objects.requireNonNull(request);
        Objects.requireNonNull(command);
    }
}
