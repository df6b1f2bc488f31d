package io.wgfabric.javalin.rest;

import io.wgfabric.api.Edition;
import io.wgfabric.api.FabricView;
import io.wgfabric.api.NodeId;
import io.wgfabric.core.Admission;
import io.wgfabric.core.ClusterKeyring;
import io.wgfabric.core.NetmapPublisher;
import io.wgfabric.core.PresharedKeyDesk;
import io.wgfabric.core.RefusalLedger;
import io.wgfabric.core.ReplicatedFabric;
import io.wgfabric.core.SealingDesk;
import io.wgfabric.core.SigningDesk;
import io.wgfabric.core.TokenDesk;
import io.wgfabric.core.presence.Drift;
import io.wgfabric.core.presence.Presence;
import io.wgfabric.core.wire.Heartbeat;
import java.time.InstantSource;

/**
 * What the REST interface of a manager stands on.
 *
 * @param self this manager
 */
public record Core(
        ReplicatedFabric fabric,
        ClusterKeyring keyring,
        Admission admission,
        TokenDesk tokens,
        SealingDesk sealing,
        SigningDesk signing,
        PresharedKeyDesk preshared,
        NetmapPublisher netmaps,
        RefusalLedger refusals,
        Presence presence,
        Vantage vantage,
        Drift drift,
        NodeId self,
        InstantSource clock) {

    /** Compares what a node says that it has with what this manager would give it. */
    public void compare(NodeId node, Heartbeat heartbeat, boolean direct) {
        FabricView view = fabric.view();
        netmaps.at(view, node, Edition.NONE)
                .ifPresent(
                        published -> drift.heard(node, heartbeat, direct, published, view.edition(), presence.now()));
    }
}
