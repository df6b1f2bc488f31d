package io.wgfabric.agent;

import io.wgfabric.agent.wireguard.Tunnels;
import io.wgfabric.api.Prefix;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The networks that this machine is in by itself, as they were at the last look. One thread at a time looks; whoever
 * likes reads.
 */
final class LocalNetworks {
    private static final Logger LOGGER = System.getLogger(LocalNetworks.class.getName());

    private final @Nullable String interfaceName;
    private volatile Set<Prefix> attached = Set.of();
    private List<HostNetworks.Overlap> overlaps = List.of();

    /** @param interfaceName of the fabric; null for a node without one, for which there is nothing to look at */
    LocalNetworks(@Nullable String interfaceName) {
        this.interfaceName = interfaceName;
    }

    /** Says once what they have in common with the pools, since either may have come later. */
    void look(List<Prefix> pools) {
        if (interfaceName == null) {
            return;
        }
        Set<String> own = Tunnels.interfaceNames(interfaceName);
        List<HostNetworks.Attached> found = HostNetworks.attached();
        attached = HostNetworks.networks(found, own);
        List<HostNetworks.Overlap> now = HostNetworks.overlaps(pools, found, own);
        for (String line : HostNetworks.news(overlaps, now)) {
            LOGGER.log(Level.WARNING, line);
        }
        overlaps = now;
    }

    Set<Prefix> attached() {
        return attached;
    }
}
