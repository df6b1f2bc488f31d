package io.wgfabric.javalin.rest;

import io.wgfabric.api.Address;
import io.wgfabric.api.ManagerServices;
import io.wgfabric.api.Node;
import io.wgfabric.api.NodeEndpoints;
import io.wgfabric.api.NodeId;
import io.wgfabric.api.NodeKeys;
import io.wgfabric.api.NodeName;
import io.wgfabric.api.Revision;
import io.wgfabric.api.TokenId;
import io.wgfabric.core.presence.Presence;
import io.wgfabric.core.wire.Heartbeat;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.SortedSet;
import org.jspecify.annotations.Nullable;

/**
 * A node as operators see it: what the replicated state says, and what its heartbeats say.
 *
 * @param status {@code online}, {@code suspect}, {@code offline} or {@code quarantined}
 * @param lastSeen when it was last heard of, by the answering manager's clock
 * @param rotation the phase of the rotation that is under way
 * @param applied the newest configuration that it has applied
 * @param stale true if it was asked for alone and no majority confirmed it; absent otherwise
 * @param peers how many of its peers had a handshake within the last three minutes
 */
public record NodeRow(
        NodeId id,
        NodeName name,
        String role,
        String status,
        Instant statusSince,
        String cause,
        List<Address> addresses,
        @Nullable Instant lastSeen,
        @Nullable String rotation,
        @Nullable Revision applied,
        @Nullable String version,
        @Nullable String backend,
        @Nullable Integer peers,
        NodeEndpoints endpoints,
        @Nullable ManagerServices services,
        NodeKeys keys,
        SortedSet<String> tags,
        boolean ephemeral,
        @Nullable TokenId token,
        Instant joined,
        @Nullable Boolean stale) {

    static final String QUARANTINED = "quarantined";

    static NodeRow of(Node node, Presence presence) {
        return of(node, presence, null);
    }

    static NodeRow of(Node node, Presence presence, @Nullable Boolean stale) {
        Optional<Presence.Sighting> sighting = presence.last(node.id());
        Heartbeat heartbeat = sighting.map(Presence.Sighting::heartbeat).orElse(null);
        return new NodeRow(
                node.id(),
                node.name(),
                node.role().text(),
                status(node, presence),
                node.stateSince(),
                node.stateCause(),
                node.addresses(),
                sighting.map(seen -> seen.at().truncatedTo(ChronoUnit.MILLIS)).orElse(null),
                node.rotation() == null
                        ? null
                        : node.rotation()
                                .phase()
                                .name()
                                .toLowerCase(Locale.ROOT)
                                .replace('_', '-'),
                heartbeat == null ? null : heartbeat.applied(),
                heartbeat == null ? null : heartbeat.version(),
                heartbeat == null ? null : heartbeat.backend(),
                heartbeat == null ? null : heartbeat.peers(),
                node.endpoints(),
                node.services(),
                node.keys(),
                node.tags(),
                node.ephemeral(),
                node.token(),
                node.joined(),
                stale);
    }

    static String status(Node node, Presence presence) {
        return node.isActive() ? presence.status(node.id()).name().toLowerCase(Locale.ROOT) : QUARANTINED;
    }
}
