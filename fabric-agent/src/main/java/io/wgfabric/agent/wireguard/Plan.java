package io.wgfabric.agent.wireguard;

import java.util.Collections;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;

/**
 * What is to be done now, in this order.
 *
 * @param changes may be applied in part: comparing again gives the rest
 * @param awaited the ids of the nodes whose pairs wait for a handshake on the plane where they shall be
 */
public record Plan(List<Change> changes, Set<String> awaited) {

    public Plan {
        changes = List.copyOf(changes);
        awaited = Collections.unmodifiableSet(new TreeSet<>(awaited));
    }

    /** Nothing is to be done and nothing is waited for: each pair is on its plane, each plane has its key. */
    public boolean settled() {
        return changes.isEmpty() && awaited.isEmpty();
    }
}
