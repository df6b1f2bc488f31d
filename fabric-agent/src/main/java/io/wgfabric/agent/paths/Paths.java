package io.wgfabric.agent.paths;

import io.wgfabric.agent.wireguard.ActualNetwork;
import io.wgfabric.agent.wireguard.ActualPeer;
import io.wgfabric.api.NodeEndpoints;
import io.wgfabric.api.NodeId;
import io.wgfabric.api.Plane;
import io.wgfabric.core.netmap.Netmap;
import io.wgfabric.core.netmap.Netmap.Member;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Decides for each pair of this node whether its packets go straight or through a relay. Both ends decide for
 * themselves, from the same configuration and from what WireGuard reports, and come to the same end; neither tells the
 * other. Its memory is only of what it has seen, never a clock's: time is an argument. Confined to one thread.
 *
 * <p>A pair of which one end can be reached is direct from the start, and goes through a relay only while there is no
 * session between them. A pair behind two NATs begins relayed; both ends then try to meet: one begins, and the other a
 * moment later, so that each opens its own NAT for the other and their handshakes do not collide. Once there is a
 * session, both move to it; when it falls silent, both move back.
 */
public final class Paths {
    /** How long a pair that should have a session may be without one before it goes through a relay. */
    static final Duration PATIENCE = Duration.ofSeconds(15);

    /** A way is dead when nothing came over it for so long, and as many echo requests were lost. */
    static final Duration SILENCE = Duration.ofSeconds(8);

    static final int LOST = 3;

    /** How long one candidate is tried: a little longer than WireGuard's pause between handshakes (REKEY_TIMEOUT). */
    static final Duration TRY = Duration.ofSeconds(6);

    /** The head start of the one that begins. */
    static final Duration HEAD_START = Duration.ofMillis(300);

    /** Both ends move to a new session so long after its handshake: at one time, without telling each other. */
    static final Duration MOVE_AFTER = Duration.ofMillis(250);

    /** How often two NATs that give everybody one port are tried again; the others might never meet. */
    static final Duration AGAIN = Duration.ofMinutes(1);

    static final Duration AGAIN_RARELY = Duration.ofMinutes(5);

    /** Shorter than the 30 s for which the tightest NATs keep a UDP mapping. */
    static final int KEEPALIVE_SECONDS = 25;

    /** However many hubs there are. */
    private static final int RELAYS_WATCHED = 4;

    private static final Duration AT_REST = Duration.ofSeconds(5);
    private static final Duration ATTENTIVE = Duration.ofSeconds(2);
    private static final Duration TRYING = Duration.ofMillis(250);
    private static final Duration TRYING_HARD = Duration.ofMillis(60);

    /** What is remembered of a pair. */
    private static final class Pair {
        private long received;
        private Instant heard;

        /** While it shall be direct: when there was a session at last. */
        private Instant met;

        private boolean direct;

        /** Sessions from a handshake up to then do not count: their way was dead. */
        private Instant closed = Instant.MIN;

        private List<NodeEndpoints> reach = List.of();
        private Instant tried = Instant.MIN;

        Pair(Instant now) {
            heard = now;
            met = now;
        }
    }

    /** What WireGuard says of a pair, both planes together. */
    private record Session(@Nullable Instant handshake, boolean live, long received) {}

    private Map<NodeId, Pair> pairs = new HashMap<>();
    private Set<NodeId> watched = new TreeSet<>();
    private Duration pause = AT_REST;
    private @Nullable NodeId hub;

    /**
     * The path to every other node. In a hub topology a node that is no hub talks to hubs directly and to all others
     * through one of them; without any hub it talks to nobody.
     *
     * @param echoes what is known of the nodes in {@link #watched}
     * @param wallClock the one that the handshake times of {@code actual} were taken with
     */
    public Map<NodeId, Path> decide(
            Netmap netmap, Member self, ActualNetwork actual, Function<NodeId, Echo> echoes, Instant wallClock) {
        Round round = new Round(netmap, self, actual, echoes, wallClock);
        Map<NodeId, Path> paths = new LinkedHashMap<>();
        for (Member other : netmap.members()) {
            if (!other.id().equals(self.id())) {
                Path path = round.path(other);
                if (path != null) {
                    paths.put(other.id(), path);
                }
            }
        }
        pairs = round.known;
        watched = round.watched;
        pause = round.pause;
        hub = round.hub;
        return paths;
    }

    /** Through whom a node of a hub topology that is no hub reaches all others; null for all other nodes. */
    public @Nullable NodeId hub() {
        return hub;
    }

    /** To whom echo requests shall go, so that a way that died is noticed: relays in use, and peers behind a NAT. */
    public Set<NodeId> watched() {
        return watched;
    }

    /** How long the next look may wait, as far as paths are concerned. */
    public Duration pause() {
        return pause;
    }

    /** Whether other nodes may send each other packets through this one. */
    public static boolean forwards(Member self) {
        return self.isHub() && !Candidate.isBehindNat(self);
    }

    /**
     * Whether a node begins the handshakes of a pair; exactly one of the two does. A node that cannot be reached must
     * reach out itself. While one of the two rotates, the other one begins, since the rotating one has its plane ready
     * before it publishes the key. Else the one that joined later begins: the others hear of it while it still makes its
     * interface, and so are ready for its first try.
     */
    public static boolean initiates(Member one, Member other) {
        boolean hidden = Candidate.isBehindNat(one);
        if (hidden != Candidate.isBehindNat(other)) {
            return hidden;
        }
        if (one.usesSpare() != other.usesSpare()) {
            return other.usesSpare();
        }
        int byAge = one.joined().compareTo(other.joined());
        return byAge != 0 ? byAge > 0 : one.id().compareTo(other.id()) > 0;
    }

    /** One decision for all pairs. */
    private final class Round {
        private final Member self;
        private final ActualNetwork actual;
        private final Function<NodeId, Echo> echoes;
        private final Instant now;
        private final Relays relays;
        private final boolean isSpoke;
        private final @Nullable NodeId hub;
        private final Map<NodeId, Session> sessions = new HashMap<>();
        private final Map<NodeId, Pair> known = new HashMap<>();
        private final Set<NodeId> watched = new TreeSet<>();
        private Duration pause = AT_REST;

        Round(Netmap netmap, Member self, ActualNetwork actual, Function<NodeId, Echo> echoes, Instant now) {
            this.self = self;
            this.actual = actual;
            this.echoes = echoes;
            this.now = now;
            relays = new Relays(netmap);
            isSpoke = netmap.isHubbed() && !self.isHub();
            hear(netmap);
            hub = isSpoke ? relays.hubOf(self.id(), this::isAlive).orElse(null) : null;
            if (hub != null) {
                watched.add(hub);
                pause = ATTENTIVE;
            }
        }

        private void hear(Netmap netmap) {
            for (Member other : netmap.members()) {
                Session session = session(other);
                Pair pair = pairs.get(other.id());
                if (pair == null) {
                    pair = new Pair(now);
                    pair.direct = isDirectNow(other, session, netmap);
                }
                if (session.received() > pair.received) {
                    pair.heard = now;
                }
                pair.received = session.received();
                sessions.put(other.id(), session);
                known.put(other.id(), pair);
            }
        }

        private Session session(Member other) {
            Instant newest = null;
            boolean live = false;
            long received = 0;
            for (Plane plane : Plane.values()) {
                ActualPeer entry = actual.plane(plane == Plane.MAIN ? ActualNetwork.MAIN : ActualNetwork.SPARE)
                        .peers()
                        .get(other.keys().on(plane));
                if (entry != null) {
                    Instant handshake = entry.lastHandshake();
                    newest = handshake != null && (newest == null || newest.isBefore(handshake)) ? handshake : newest;
                    live |= entry.isLive(now);
                    received += entry.receivedBytes();
                }
            }
            return new Session(newest, live, received);
        }

        /** An agent that starts again leaves a pair where it finds it. */
        private boolean isDirectNow(Member other, Session session, Netmap netmap) {
            boolean carried = netmap.members().stream()
                    .filter(each -> !each.id().equals(other.id()) && each.isHub())
                    .anyMatch(relay -> holds(relay, other));
            return meetsAnyway(other) ? !carried : session.live() && holds(other, other);
        }

        /** Whether it is sent to there: by its own address, or by the pools that a spoke's hub carries. */
        private boolean holds(Member holder, Member other) {
            ActualPeer entry = actual.main().peers().get(holder.keys().main());
            return entry != null
                    && other.addresses().stream()
                            .anyMatch(address -> entry.allowedIps().stream()
                                    .anyMatch(prefix -> prefix.length() > 0 && prefix.contains(address)));
        }

        private boolean meetsAnyway(Member other) {
            return !Candidate.isBehindNat(self) || !Candidate.isBehindNat(other) || Candidate.shareNat(self, other);
        }

        @Nullable Path path(Member other) {
            Pair pair = known.getOrDefault(other.id(), new Pair(now));
            if (isSpoke && !other.isHub()) {
                pair.tried = Instant.MIN;
                return hub == null ? null : new Path.Relayed(hub, null);
            }
            Session session = sessions.getOrDefault(other.id(), new Session(null, false, 0));
            Optional<NodeId> via = relays.between(self.id(), other.id(), this::isAlive);
            if (meetsAnyway(other)) {
                return open(other, pair, session, via);
            }
            if (via.isEmpty()) {
                List<Candidate> candidates = Candidate.of(self, other);
                return direct(candidates.isEmpty() ? null : candidates.get(0), initiates(self, other));
            }
            Path path = hidden(other, pair, session, via.get());
            watched.add(path instanceof Path.Relayed relayed ? relayed.via() : other.id());
            // The others too: so a manager soon sees when the NAT shows this node elsewhere, and who is dead is not
            // chosen.
            watched.addAll(relays.first(RELAYS_WATCHED));
            pause = shorter(pause, ATTENTIVE);
            return path;
        }

        /**
         * One of the two can be reached: direct, but for as long as there is no session. Two that were spokes look often at
         * first, so that both leave their hub at one time.
         */
        private Path open(Member other, Pair pair, Session session, Optional<NodeId> via) {
            if (pair.tried.equals(Instant.MIN)) {
                pair.tried = now;
            }
            Instant handshake = session.handshake();
            if (session.live() && handshake != null) {
                Duration left = Duration.between(now, handshake.plus(MOVE_AFTER));
                // A clock that was set back does not count.
                pair.direct |= left.isNegative() || left.isZero() || left.compareTo(MOVE_AFTER) > 0;
                pair.met = now;
                pause = pair.direct ? pause : shorter(pause, shorter(left, TRYING_HARD));
            } else if (!isRotating(other) && !now.isBefore(pair.met.plus(PATIENCE))) {
                pair.direct = false;
            }
            Path.Direct direct = direct(candidate(other, pair), initiates(self, other));
            if (pair.direct || via.isEmpty()) {
                return direct;
            }
            if (now.isBefore(pair.tried.plus(PATIENCE))) {
                pause = shorter(pause, TRYING_HARD);
            }
            return new Path.Relayed(via.get(), direct);
        }

        /** The best one at first, and each in turn while none answers. */
        private @Nullable Candidate candidate(Member other, Pair pair) {
            List<Candidate> candidates = Candidate.of(self, other);
            if (candidates.isEmpty()) {
                return null;
            }
            long waited =
                    Math.max(0, Duration.between(pair.met.plus(PATIENCE), now).toMillis());
            return candidates.get((int) (waited / TRY.toMillis() % candidates.size()));
        }

        private static Path.Direct direct(@Nullable Candidate candidate, boolean initiator) {
            return new Path.Direct(initiator ? candidate : null, initiator, initiator ? KEEPALIVE_SECONDS : 0);
        }

        /**
         * Both are behind NATs of their own. While a key rotates the pair is relayed, since the relay can be reached on both
         * planes and nobody knows what the NATs make of the second port.
         */
        private Path hidden(Member other, Pair pair, Session session, NodeId via) {
            List<NodeEndpoints> reach = List.of(self.endpoints(), other.endpoints());
            if (isRotating(other) || !reach.equals(pair.reach)) {
                pair.reach = reach;
                pair.tried = now;
            }
            if (isRotating(other)) {
                pair.direct = false;
                return new Path.Relayed(via, null);
            }
            List<Candidate> candidates = Candidate.of(self, other);
            Instant handshake = session.handshake();
            boolean live = session.live() && handshake != null && handshake.isAfter(pair.closed);
            if (pair.direct) {
                if (live && !isSilent(other.id())) {
                    return new Path.Direct(candidates.isEmpty() ? null : candidates.get(0), true, KEEPALIVE_SECONDS);
                }
                // The entry goes, and with it a session that would keep WireGuard from shaking hands again.
                pair.direct = false;
                pair.closed = handshake == null ? pair.closed : handshake;
                return new Path.Relayed(via, null);
            }
            if (live && handshake != null) {
                Duration left = Duration.between(now, handshake.plus(MOVE_AFTER));
                if (left.isNegative() || left.isZero()) {
                    pair.direct = true;
                    pair.heard = now;
                    return new Path.Direct(candidates.isEmpty() ? null : candidates.get(0), true, KEEPALIVE_SECONDS);
                }
                pause = shorter(pause, shorter(left, TRYING_HARD));
            }
            return new Path.Relayed(via, attempt(other, pair, candidates, live));
        }

        /** Both try at the same time: when a candidate has changed, and in turns that both know by the clock. */
        private Path.@Nullable Direct attempt(Member other, Pair pair, List<Candidate> candidates, boolean live) {
            if (candidates.isEmpty()) {
                return null;
            }
            Duration length = TRY.multipliedBy(candidates.size());
            Duration since = Duration.between(pair.tried, now);
            if (since.compareTo(length) >= 0) {
                since = sinceTurn(other);
            }
            if (since.compareTo(length) >= 0 && !live) {
                return null;
            }
            boolean begins = initiates(self, other) || since.compareTo(HEAD_START) >= 0;
            pause = shorter(pause, since.compareTo(Duration.ofSeconds(2)) < 0 ? TRYING_HARD : TRYING);
            int turn = (int) Math.min(candidates.size() - 1, since.toMillis() / TRY.toMillis());
            return begins
                    ? new Path.Direct(candidates.get(turn), true, KEEPALIVE_SECONDS)
                    : new Path.Direct(null, false, 0);
        }

        /** How long ago the pair's last turn began. */
        private Duration sinceTurn(Member other) {
            boolean independent = isIndependent(self) && isIndependent(other);
            long period = (independent ? AGAIN : AGAIN_RARELY).toMillis();
            long offset = Math.floorMod(
                    self.id().text().hashCode() ^ other.id().text().hashCode(), period);
            return Duration.ofMillis(Math.floorMod(now.toEpochMilli() - offset, period));
        }

        private static boolean isIndependent(Member member) {
            NodeEndpoints.Reflexive reflexive = member.endpoints().reflexive();
            return reflexive != null && reflexive.independent();
        }

        private boolean isRotating(Member other) {
            return self.usesSpare() || other.usesSpare();
        }

        private boolean isAlive(NodeId relay) {
            Session session = sessions.get(relay);
            return session != null && session.live() && !isSilent(relay);
        }

        private boolean isSilent(NodeId other) {
            Pair pair = known.get(other);
            return pair != null && echoes.apply(other).lost() >= LOST && !now.isBefore(pair.heard.plus(SILENCE));
        }

        private static Duration shorter(Duration one, Duration other) {
            return one.compareTo(other) < 0 ? one : other;
        }
    }
}
