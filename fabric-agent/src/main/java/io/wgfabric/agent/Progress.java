package io.wgfabric.agent;

import io.wgfabric.agent.wireguard.Plan;
import io.wgfabric.api.Edition;
import io.wgfabric.api.NodeId;
import io.wgfabric.core.wire.Heartbeat;
import java.util.List;

/**
 * How far the interfaces have come, as one value: nobody takes what belongs to one comparison for a part of another.
 *
 * @param applied the configuration that they were compared with at last
 * @param settled the newest at which all of this node's pairs are where they belong
 * @param awaited whom this node waits for, if that is all that it waits for, and if they are few enough to be told
 */
record Progress(Edition applied, Edition settled, List<NodeId> awaited, Vitals vitals) {
    static final Progress NONE = new Progress(Edition.NONE, Edition.NONE, List.of(), Vitals.NONE);

    /** After a comparison with a configuration, whose plan was applied. */
    Progress after(Edition edition, Plan plan, Vitals now) {
        boolean told = plan.changes().isEmpty() && plan.awaited().size() <= Heartbeat.MAX_AWAITED;
        return new Progress(
                edition,
                plan.settled() ? edition : settled,
                told ? plan.awaited().stream().map(NodeId::new).toList() : List.of(),
                now);
    }
}
