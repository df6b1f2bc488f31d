package io.wgfabric.core.presence;

import io.wgfabric.api.NodeId;
import io.wgfabric.core.codec.Json;
import io.wgfabric.core.log.Log;
import io.wgfabric.core.wire.Heartbeat;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Predicate;
import tools.jackson.core.JacksonException;
import tools.jackson.core.type.TypeReference;

/**
 * Which nodes are there, by the heartbeats that reached any manager. Each manager keeps its own table, tells the others
 * what it heard, and merges what they heard; nothing of it goes through the log. Thread-safe.
 */
public final class Presence {
    /** How often a node sends a heartbeat. */
    public static final Duration HEARTBEAT = Duration.ofSeconds(3);
    /** Without a heartbeat for that long, a node is suspect. */
    public static final Duration SUSPECT_AFTER = Duration.ofSeconds(7);
    /** Without a heartbeat for that long, a node is offline. */
    public static final Duration OFFLINE_AFTER = Duration.ofSeconds(11);

    /** Without a heartbeat for that long, an ephemeral node is removed. */
    public static final Duration EPHEMERAL_GRACE = Duration.ofMinutes(5);

    /** How many sightings go into one datagram. */
    private static final int BATCH = 1000;

    public enum Status {
        ONLINE,
        SUSPECT,
        OFFLINE
    }

    /** @param ageMillis how long ago it was when told; clocks of managers need not agree */
    record Told(NodeId node, long ageMillis, Heartbeat heartbeat) {}

    /** When a node was last heard of, by this manager's clock, and what it said. */
    public record Sighting(Instant at, Heartbeat heartbeat) {}

    private static final TypeReference<List<Told>> TOLD = new TypeReference<>() {};

    private final Map<NodeId, Sighting> sightings = new ConcurrentHashMap<>();
    private final Map<NodeId, Sighting> untold = new ConcurrentHashMap<>();
    private final InstantSource clock;
    private final Instant born;

    public Presence(InstantSource clock) {
        this.clock = clock;
        born = clock.instant();
    }

    /** A member's heartbeat has reached this manager. */
    public void heard(NodeId node, Heartbeat heartbeat) {
        Sighting sighting = new Sighting(clock.instant(), heartbeat);
        sightings.put(node, sighting);
        untold.put(node, sighting);
    }

    public Optional<Sighting> last(NodeId node) {
        return Optional.ofNullable(sightings.get(node));
    }

    /** A manager that has just started has heard of nobody: until it could have, it calls nobody offline. */
    public Status status(NodeId node) {
        Sighting sighting = sightings.get(node);
        Duration silence = silence(node);
        if (silence.compareTo(OFFLINE_AFTER) >= 0) {
            return Status.OFFLINE;
        }
        return sighting == null || silence.compareTo(SUSPECT_AFTER) >= 0 ? Status.SUSPECT : Status.ONLINE;
    }

    /** How long nothing was heard of a node; at most as long as this manager listens. */
    public Duration silence(NodeId node) {
        Sighting sighting = sightings.get(node);
        return Duration.between(sighting == null ? born : sighting.at(), clock.instant());
    }

    /** Forgets nodes that are members no more. */
    public void retain(Predicate<NodeId> isMember) {
        sightings.keySet().removeIf(node -> !isMember.test(node));
        untold.keySet().removeIf(node -> !isMember.test(node));
    }

    /** Tells the other managers what was heard since the last time. */
    public void tell(Log log) {
        Instant now = clock.instant();
        List<Told> batch = new ArrayList<>();
        for (NodeId node : List.copyOf(untold.keySet())) {
            Sighting sighting = untold.remove(node);
            if (sighting != null) {
                batch.add(new Told(node, Duration.between(sighting.at(), now).toMillis(), sighting.heartbeat()));
            }
            if (batch.size() == BATCH) {
                log.broadcast(Json.mapper().writeValueAsBytes(batch));
                batch.clear();
            }
        }
        if (!batch.isEmpty()) {
            log.broadcast(Json.mapper().writeValueAsBytes(batch));
        }
    }

    /** Another manager has told what it heard. What cannot be read is dropped: the next one will come. */
    public void told(byte[] datagram) {
        List<Told> batch;
        try {
            batch = Json.mapper().readValue(datagram, TOLD);
        } catch (JacksonException | IllegalArgumentException e) {
            return;
        }
        Instant now = clock.instant();
        for (Told told : batch) {
            Instant at = now.minusMillis(Math.max(0, told.ageMillis()));
            sightings.merge(
                    told.node(),
                    new Sighting(at, told.heartbeat()),
                    (old, fresh) -> old.at().isAfter(fresh.at()) ? old : fresh);
        }
    }
}
