package io.wgfabric.simulation.containers;

import io.wgfabric.api.Address;
import java.time.Duration;
import java.util.Map;
import java.util.Set;

/**
 * Who reaches whom over the overlay, by real packets.
 *
 * @param pairs directed, each asked over IPv4 and IPv6
 * @param took until all answered, or until it was given up
 * @param silent for each node those that do not answer it; empty if all do
 */
public record Reachability(int pairs, Duration took, Map<String, Set<Address>> silent) {
    public Reachability {
        silent = Map.copyOf(silent);
    }

    public boolean isComplete() {
        return silent.isEmpty();
    }
}
