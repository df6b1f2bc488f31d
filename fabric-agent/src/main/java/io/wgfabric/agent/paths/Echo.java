package io.wgfabric.agent.paths;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * What echo requests to a node have found.
 *
 * @param lost how many in a row were not answered, up to now
 * @param roundTrip of the last one that was answered; null if none was
 */
public record Echo(int lost, @Nullable Duration roundTrip) {
    /** Of a node that was not asked yet. */
    public static final Echo NONE = new Echo(0, null);
}
