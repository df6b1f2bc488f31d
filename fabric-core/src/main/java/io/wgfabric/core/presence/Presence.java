package io.wgfabric.core.presence;

import io.wgfabric.api.NodeId;
import io.wgfabric.core.codec.Json;
import io.wgfabric.core.log.Log;
import io.wgfabric.core.wire.Heartbeat;
import io.wgfabric.core.wire.PairReport;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.core.type.TypeReference;

/**
 * Which nodes are there, by the heartbeats that reached any manager. Each manager keeps its own table, tells the others
 * what it heard, and merges what they heard; nothing of it goes through the log. Ages cross the wire, never times, so
 * that managers whose clocks differ agree. Thread-safe.
 */
public final class Presence {
    /** How often a node sends a heartbeat. */
    public static final Duration HEARTBEAT = Duration.ofSeconds(3);
    /** Without a heartbeat for that long, a node is suspect. */
    public static final Duration SUSPECT_AFTER = Duration.ofSeconds(7);
    /** Without a heartbeat for that long, a node is offline. */
    public static final Duration OFFLINE_AFTER = Duration.ofSeconds(11);

    /** How many sightings go into one datagram. */
    private static final int BATCH = 400;

    /** Of how many nodes' pairs one datagram tells. */
    private static final int PAIRS_BATCH = 500;

    public enum Status {
        ONLINE,
        SUSPECT,
        OFFLINE
    }

    /**
     * @param ageMillis how long ago it was when told
     * @param runMillis how long before that the heartbeats had come without a gap
     * @param by the manager that heard it; null for the one that tells
     * @param from the address that it came from, as that manager saw it; null if it has no other
     */
    record Told(
            NodeId node,
            long ageMillis,
            long runMillis,
            @Nullable String by,
            @Nullable String from,
            Heartbeat heartbeat) {
        Told {
            Objects.requireNonNull(node);
            Objects.requireNonNull(heartbeat);
        }
    }

    /**
     * A part of what a node said of its pairs. It goes apart from the rest, which managers of before can read.
     *
     * @param ageMillis how long ago it said so when told
     */
    record ToldPairs(NodeId node, long ageMillis, List<PairReport> pairs) {
        ToldPairs {
            Objects.requireNonNull(node);
            if (pairs.size() > Heartbeat.MAX_PAIRS) {
                throw new IllegalArgumentException("more pairs than a heartbeat has");
            }
            pairs = List.copyOf(pairs);
        }
    }

    /** A datagram of them. */
    record PairsDatagram(List<ToldPairs> nodes) {
        PairsDatagram {
            nodes = List.copyOf(nodes);
        }
    }

    /** What was said of pairs, and when, by this manager's clock. */
    private record SaidPairs(Instant at, List<PairReport> pairs) {}

    /**
     * When a node was last heard of, by this manager's clock, and what it said.
     *
     * @param since the first of its heartbeats that came without a gap in which it would have been offline
     * @param by the manager that heard it, as the log names its members; null for this one
     * @param from the address that it came from, as that manager saw it; null for a manager's own
     */
    public record Sighting(
            Instant at,
            Instant since,
            @Nullable String by,
            @Nullable String from,
            Heartbeat heartbeat) {

        /** What two managers know of a node together: the newer word of it, and the longer run if the two meet. */
        private static Sighting merged(Sighting one, Sighting other) {
            Sighting later = one.at.isBefore(other.at) ? other : one;
            Sighting earlier = one.at.isBefore(other.at) ? one : other;
            boolean meet = !later.since.isAfter(earlier.at.plus(OFFLINE_AFTER));
            return meet && earlier.since.isBefore(later.since)
                    ? new Sighting(later.at, earlier.since, later.by, later.from, later.heartbeat)
                    : later;
        }
    }

    private static final TypeReference<List<Told>> TOLD = new TypeReference<>() {};

    private final Map<NodeId, Sighting> sightings = new ConcurrentHashMap<>();
    private final Map<NodeId, Sighting> untold = new ConcurrentHashMap<>();
    private final Map<NodeId, SaidPairs> untoldPairs = new ConcurrentHashMap<>();
    private final PairTable pairs;

    /** When this manager first asked after a node of which it has not heard: its silence counts from then. */
    private final Map<NodeId, Instant> missed = new ConcurrentHashMap<>();

    private final InstantSource clock;
    private final Instant born;
    private volatile boolean wasTold;

    /** @param clock one that is never set, so that no node is offline because somebody set it */
    public Presence(InstantSource clock) {
        this.clock = clock;
        born = clock.instant();
        pairs = new PairTable(born);
    }

    /** By the clock of all that is said here. */
    public Instant now() {
        return clock.instant();
    }

    /** This process has a heartbeat of a member's that came over no network. */
    public void heard(NodeId node, Heartbeat heartbeat) {
        heard(node, null, heartbeat);
    }

    /** A member's heartbeat has reached this manager from an address. */
    public void heard(NodeId node, @Nullable String from, Heartbeat heartbeat) {
        Instant now = clock.instant();
        Sighting merged = merge(node, new Sighting(now, now, null, from, heartbeat.withoutPairs()));
        untold.put(node, merged);
        List<PairReport> said = heartbeat.pairs();
        if (said != null && !said.isEmpty()) {
            pairs.heard(node, now, said, this::isKnown);
            untoldPairs.put(node, new SaidPairs(now, said));
        }
    }

    /** Whether it was heard of, or asked after as a member is. */
    private boolean isKnown(NodeId node) {
        return sightings.containsKey(node) || missed.containsKey(node);
    }

    /** What a node said of its pairs, by the other ends' ids; the ages are of now. */
    public List<PairReport> pairs(NodeId node) {
        return pairs.of(node, clock.instant());
    }

    private Sighting merge(NodeId node, Sighting fresh) {
        missed.remove(node);
        return Objects.requireNonNull(sightings.merge(node, fresh, Sighting::merged));
    }

    public Optional<Sighting> last(NodeId node) {
        return Optional.ofNullable(sightings.get(node));
    }

    /**
     * A node of which this manager has not heard is suspect until it could have: so a manager that was started again
     * calls nobody offline that it has not listened for, nor one that has just joined.
     */
    public Status status(NodeId node) {
        boolean heard = sightings.containsKey(node);
        Duration silence = silence(node);
        if (silence.compareTo(OFFLINE_AFTER) >= 0) {
            return Status.OFFLINE;
        }
        return heard && silence.compareTo(SUSPECT_AFTER) < 0 ? Status.ONLINE : Status.SUSPECT;
    }

    /** Since when a node is silent: its last heartbeat, or when this manager first missed it. */
    public Instant silentSince(NodeId node) {
        Sighting sighting = sightings.get(node);
        return sighting == null ? missed.computeIfAbsent(node, id -> clock.instant()) : sighting.at();
    }

    /** How long nothing was heard of a node; at most as long as this manager listens for it. */
    public Duration silence(NodeId node) {
        return Duration.between(silentSince(node), clock.instant());
    }

    /** Forgets nodes that are members no more. */
    public void retain(Predicate<NodeId> isMember) {
        sightings.keySet().removeIf(node -> !isMember.test(node));
        untold.keySet().removeIf(node -> !isMember.test(node));
        missed.keySet().removeIf(node -> !isMember.test(node));
        untoldPairs.keySet().removeIf(node -> !isMember.test(node));
        pairs.retain(isMember);
    }

    /** Tells the other managers what was heard since the last time; one that has just begun asks them for all. */
    public void tell(Log log) {
        Instant now = clock.instant();
        if (!wasTold && Duration.between(born, now).compareTo(OFFLINE_AFTER) < 0) {
            log.broadcast(encode(List.of()));
        }
        List<Told> batch = new ArrayList<>();
        for (NodeId node : List.copyOf(untold.keySet())) {
            Sighting sighting = untold.remove(node);
            if (sighting != null) {
                batch.add(new Told(
                        node,
                        Duration.between(sighting.at(), now).toMillis(),
                        Duration.between(sighting.since(), sighting.at()).toMillis(),
                        sighting.by(),
                        sighting.from(),
                        sighting.heartbeat()));
            }
            if (batch.size() == BATCH) {
                log.broadcast(encode(batch));
                batch.clear();
            }
        }
        if (!batch.isEmpty()) {
            log.broadcast(encode(batch));
        }
        tellPairs(log, now);
    }

    private void tellPairs(Log log, Instant now) {
        List<ToldPairs> batch = new ArrayList<>();
        for (NodeId node : List.copyOf(untoldPairs.keySet())) {
            SaidPairs said = untoldPairs.remove(node);
            if (said != null) {
                batch.add(new ToldPairs(node, Duration.between(said.at(), now).toMillis(), said.pairs()));
            }
            if (batch.size() == PAIRS_BATCH) {
                log.broadcast(encode(new PairsDatagram(batch)));
                batch.clear();
            }
        }
        if (!batch.isEmpty()) {
            log.broadcast(encode(new PairsDatagram(batch)));
        }
    }

    private static byte[] encode(Object batch) {
        return Json.mapper().writeValueAsBytes(batch);
    }

    /**
     * Another manager has told what it heard, or asks for all by telling nothing. What cannot be read is dropped: the
     * next one will come.
     */
    public void told(String sender, byte[] datagram) {
        if (datagram.length > 0 && datagram[0] == '{') {
            toldPairs(datagram);
            return;
        }
        List<Told> batch;
        try {
            batch = Json.mapper().readValue(datagram, TOLD);
        } catch (JacksonException | IllegalArgumentException e) {
            return;
        }
        if (batch.isEmpty()) {
            untold.putAll(sightings);
            return;
        }
        wasTold = true;
        Instant now = clock.instant();
        for (Told told : batch) {
            Instant at = now.minusMillis(Math.max(0, told.ageMillis()));
            Instant since = at.minusMillis(Math.max(0, told.runMillis()));
            String by = told.by() == null ? sender : told.by();
            var unused = merge(told.node(), new Sighting(at, since, by, told.from(), told.heartbeat()));
        }
    }

    private void toldPairs(byte[] datagram) {
        PairsDatagram batch;
        try {
            batch = Json.mapper().readValue(datagram, PairsDatagram.class);
        } catch (JacksonException | IllegalArgumentException e) {
            return;
        }
        Instant now = clock.instant();
        for (ToldPairs told : batch.nodes()) {
            if (isKnown(told.node())) {
                pairs.heard(told.node(), now.minusMillis(Math.max(0, told.ageMillis())), told.pairs(), this::isKnown);
            }
        }
    }
}
