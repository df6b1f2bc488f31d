package io.wgfabric.javalin.rest;

import io.wgfabric.api.Actor;
import io.wgfabric.api.Address;
import io.wgfabric.api.ManagerServices;
import io.wgfabric.api.Node;
import io.wgfabric.api.NodeEndpoints;
import io.wgfabric.api.NodeId;
import io.wgfabric.api.NodeKeys;
import io.wgfabric.api.NodeName;
import io.wgfabric.api.Prefix;
import io.wgfabric.api.RemovedNode;
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
 * @param status {@code pending}, {@code online}, {@code suspect}, {@code offline}, {@code quarantined} or {@code removed}
 * @param statusSince by the state's clock, or where heartbeats decide by the answering manager's
 * @param statusUntil when its quarantine ends by itself
 * @param by who put it into this status: who asked for it, or the manager that heard its heartbeats
 * @param graceSeconds how long it may be away if it is ephemeral
 * @param lastSeen when it was last heard of, by the answering manager's clock
 * @param rotation the phase of the rotation that is under way
 * @param applied the newest configuration that it has applied
 * @param hub whether it forwards between nodes that have no tunnel with each other
 * @param offeredRoutes networks behind it that it would forward to; absent if there are none
 * @param routes those of them that the others send to it; absent if there are none
 * @param keysSince when the others heard of its newest keys
 * @param drift in what its configuration is not the one that the cluster decided, if that lasts
 * @param refused how many configurations it has refused to believe since its agent started
 * @param stale true if it was asked for alone and no majority confirmed it; absent otherwise
 * @param backend which WireGuard it runs on, and its version where that is known
 * @param peers how many of its peers had a handshake within the last three minutes
 * @param from the address that its newest heartbeat came from, as a manager saw it
 * @param traffic of all its pairs together, when it sent the newest heartbeat
 */
public record NodeRow(
        NodeId id,
        NodeName name,
        String role,
        String status,
        Instant statusSince,
        String cause,
        @Nullable Instant statusUntil,
        @Nullable String by,
        List<Address> addresses,
        @Nullable Instant lastSeen,
        @Nullable String rotation,
        @Nullable Revision applied,
        @Nullable String drift,
        @Nullable Long refused,
        @Nullable String version,
        @Nullable String backend,
        @Nullable Integer peers,
        @Nullable String from,
        Heartbeat.@Nullable Traffic traffic,
        NodeEndpoints endpoints,
        @Nullable ManagerServices services,
        NodeKeys keys,
        SortedSet<String> tags,
        boolean ephemeral,
        @Nullable Long graceSeconds,
        @Nullable TokenId token,
        Instant joined,
        boolean hub,
        @Nullable List<Prefix> offeredRoutes,
        @Nullable List<Prefix> routes,
        Instant keysSince,
        @Nullable Boolean stale) {

    static final String PENDING = "pending";
    static final String QUARANTINED = "quarantined";
    static final String REMOVED = "removed";

    /** A status with its time and cause, and who is behind it. */
    private record Standing(
            String status,
            Instant since,
            String cause,
            @Nullable String by) {}

    static NodeRow of(Node node, Core core, @Nullable Boolean stale) {
        Presence presence = core.presence();
        Optional<Presence.Sighting> sighting = presence.last(node.id());
        Standing standing = standing(node, presence, sighting, core.self());
        return of(node, standing, sighting.orElse(null), core.drift().of(node.id()), stale);
    }

    static NodeRow of(RemovedNode removed) {
        Standing standing = new Standing(REMOVED, removed.removed(), removed.cause(), name(removed.by()));
        return of(removed.node(), standing, null, null, null);
    }

    private static NodeRow of(
            Node node,
            Standing standing,
            Presence.@Nullable Sighting sighting,
            @Nullable String drift,
            @Nullable Boolean stale) {
        Heartbeat heartbeat = sighting == null ? null : sighting.heartbeat();
        return new NodeRow(
                node.id(),
                node.name(),
                node.role().text(),
                standing.status(),
                standing.since().truncatedTo(ChronoUnit.MILLIS),
                standing.cause(),
                standing.status().equals(QUARANTINED) ? node.stateUntil() : null,
                standing.by(),
                node.addresses(),
                sighting == null ? null : sighting.at().truncatedTo(ChronoUnit.MILLIS),
                node.rotation() == null
                        ? null
                        : node.rotation()
                                .phase()
                                .name()
                                .toLowerCase(Locale.ROOT)
                                .replace('_', '-'),
                heartbeat == null ? null : heartbeat.applied(),
                drift,
                heartbeat == null ? null : heartbeat.refused(),
                heartbeat == null ? null : heartbeat.version(),
                heartbeat == null ? null : heartbeat.backend(),
                heartbeat == null ? null : heartbeat.peers(),
                sighting == null ? null : sighting.from(),
                heartbeat == null ? null : heartbeat.traffic(),
                node.endpoints(),
                node.services(),
                node.keys(),
                node.tags(),
                node.ephemeral(),
                node.ephemeral() ? node.graceOrDefault().toSeconds() : null,
                node.token(),
                node.joined(),
                node.isHub(),
                nullIfEmpty(node.routes().offered()),
                nullIfEmpty(node.routes().approved()),
                node.keysFrom(),
                stale);
    }

    private static @Nullable List<Prefix> nullIfEmpty(List<Prefix> networks) {
        return networks.isEmpty() ? null : networks;
    }

    private static Standing standing(Node node, Presence presence, Optional<Presence.Sighting> sighting, NodeId self) {
        String status = status(node, presence);
        String by = node.stateBy() == null ? null : name(node.stateBy());
        if (!node.isActive()) {
            return new Standing(status, node.stateSince(), node.stateCause(), by);
        }
        String heardBy = sighting.map(seen -> "manager " + (seen.by() == null ? self.text() : seen.by()))
                .orElse(null);
        Instant silentSince = presence.silentSince(node.id());
        return switch (presence.status(node.id())) {
            case ONLINE -> {
                Instant since = sighting.map(Presence.Sighting::since).orElse(silentSince);
                yield since.isBefore(node.stateSince())
                        ? new Standing(status, node.stateSince(), node.stateCause(), by)
                        : new Standing(status, since, "its heartbeats arrive", heardBy);
            }
            case SUSPECT ->
                sighting.isEmpty()
                        ? new Standing(status, silentSince, "no heartbeat yet", null)
                        : new Standing(
                                status, silentSince.plus(Presence.SUSPECT_AFTER), silence(presence, node), heardBy);
            case OFFLINE ->
                new Standing(status, silentSince.plus(Presence.OFFLINE_AFTER), silence(presence, node), heardBy);
        };
    }

    private static String silence(Presence presence, Node node) {
        return "no heartbeat for " + presence.silence(node.id()).toSeconds() + " s";
    }

    private static String name(Actor actor) {
        return actor.kind().name().toLowerCase(Locale.ROOT) + " " + actor.id();
    }

    static String status(Node node, Presence presence) {
        return switch (node.state()) {
            case ACTIVE -> presence.status(node.id()).name().toLowerCase(Locale.ROOT);
            case PENDING -> PENDING;
            case QUARANTINED -> QUARANTINED;
        };
    }
}
