package io.wgfabric.javalin.rest;

import io.wgfabric.api.NodeId;
import io.wgfabric.core.Admission;
import io.wgfabric.core.ClusterKeyring;
import io.wgfabric.core.NetmapPublisher;
import io.wgfabric.core.RefusalLedger;
import io.wgfabric.core.ReplicatedFabric;
import io.wgfabric.core.SealingDesk;
import io.wgfabric.core.SigningDesk;
import io.wgfabric.core.TokenDesk;
import io.wgfabric.core.presence.Presence;
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
        NetmapPublisher netmaps,
        RefusalLedger refusals,
        Presence presence,
        Vantage vantage,
        NodeId self,
        InstantSource clock) {}
