package io.wgfabric.agent.wireguard;

import java.util.List;

/**
 * What is to be done now, in this order.
 *
 * @param changes may be applied in part: comparing again gives the rest
 * @param settled nothing is to be done and nothing is waited for: each pair is on its plane, each plane has its key
 */
public record Plan(List<Change> changes, boolean settled) {

    public Plan {
        changes = List.copyOf(changes);
    }
}
