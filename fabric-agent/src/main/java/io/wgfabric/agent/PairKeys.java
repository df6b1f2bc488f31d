package io.wgfabric.agent;

import io.wgfabric.agent.wireguard.PresharedKey;
import io.wgfabric.api.Edition;
import io.wgfabric.api.Limits;
import io.wgfabric.api.NodeId;
import io.wgfabric.api.Plane;
import io.wgfabric.api.Rotation;
import io.wgfabric.core.netmap.Netmap;
import io.wgfabric.core.netmap.Netmap.Member;
import io.wgfabric.core.presence.Presence;
import io.wgfabric.core.wire.PresharedKeyAnswer;
import io.wgfabric.core.wire.PresharedKeyRequest;
import io.wgfabric.core.wire.PresharedKeyRequest.Pair;
import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.time.Duration;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * The pre-shared keys of this node's pairs. It asks a manager for those that a configuration needs and it has not, stores
 * what it was given before it is used, so that a restart needs no manager, and forgets what is not needed any more.
 *
 * <p>One thread calls {@link #follow}, one other asks; whoever likes reads.
 */
final class PairKeys {
    private static final Logger LOGGER = System.getLogger(PairKeys.class.getName());

    private final NodeStore store;
    private final ControlClient client;
    private final NodeId self;
    private final ScheduledExecutorService talking;
    private final Runnable learned;

    private volatile Map<Pair, PresharedKey> known;
    private volatile Set<Pair> needed = Set.of();
    private Edition followed = Edition.NONE;
    /** These two are touched by the talking thread alone. */
    private Duration pause = Watch.MIN_PAUSE;

    private boolean again;

    /** @param learned called when there are new ones */
    PairKeys(NodeStore store, ControlClient client, NodeId self, ScheduledExecutorService talking, Runnable learned) {
        this.store = store;
        this.client = client;
        this.self = self;
        this.talking = talking;
        this.learned = learned;
        known = stored(store);
    }

    private static Map<Pair, PresharedKey> stored(NodeStore store) {
        try {
            return store.pairKeys();
        } catch (IOException e) {
            LOGGER.log(Level.WARNING, "the stored pre-shared keys are asked for again: {0}", e.getMessage());
            return Map.of();
        }
    }

    /** A pair on a plane, under the keys that everybody knows; of generation 0 if it has no pre-shared key. */
    static Pair pair(Member self, Member other, Plane plane) {
        return new Pair(
                Math.min(self.keys().generation(plane), other.keys().generation(plane)),
                self.keys().on(plane),
                other.id(),
                other.keys().on(plane));
    }

    /** Null if it is not known yet. */
    @Nullable PresharedKey of(Pair pair) {
        return known.get(pair);
    }

    /** Asks for what a configuration needs and is missing; does nothing if it is the one of before. */
    void follow(Netmap netmap, Member member) throws IOException {
        if (netmap.edition().equals(followed)) {
            return;
        }
        needed = needed(netmap, member);
        if (!needed.containsAll(known.keySet())) {
            change(Map.of());
        }
        followed = netmap.edition();
        if (!missing().isEmpty()) {
            talking.execute(this::ask);
        }
    }

    /** Also of pairs that have no entry now: they may need one when no manager is there. */
    static Set<Pair> needed(Netmap netmap, Member self) {
        Set<Pair> pairs = new LinkedHashSet<>();
        for (Member other : netmap.members()) {
            boolean spokes = netmap.isHubbed() && !self.isHub() && !other.isHub();
            if (other.id().equals(self.id()) || spokes) {
                continue;
            }
            pairs.add(pair(self, other, Plane.MAIN));
            if (knowsSpare(self) || knowsSpare(other)) {
                pairs.add(pair(self, other, Plane.SPARE));
            }
        }
        pairs.removeIf(pair -> pair.generation() == 0);
        return pairs;
    }

    /** Whether its new spare key is published: who waits for the others' may use the time. */
    private static boolean knowsSpare(Member member) {
        return member.usesSpare() || DesiredNetworks.phase(member) == Rotation.Phase.READY;
    }

    private List<Pair> missing() {
        Map<Pair, PresharedKey> have = known;
        return needed.stream().filter(pair -> !have.containsKey(pair)).toList();
    }

    private void ask() {
        try {
            List<Pair> missing = missing();
            for (int from = 0; from < missing.size(); from += Limits.PRESHARED_KEYS) {
                ask(missing.subList(from, Math.min(missing.size(), from + Limits.PRESHARED_KEYS)));
            }
        } catch (ControlException e) {
            LOGGER.log(Level.DEBUG, "pre-shared keys are not known yet: {0}", e.getMessage());
        } catch (RuntimeException | IOException e) {
            LOGGER.log(Level.WARNING, "pre-shared keys could not be taken in: {0}", e.getMessage());
        }
        if (missing().isEmpty()) {
            pause = Watch.MIN_PAUSE;
        } else if (!again) {
            again = true;
            // Jitter, as all nodes of a mesh may ask for the same reason.
            long nanos = pause.toNanos() / 2 + ThreadLocalRandom.current().nextLong(pause.toNanos());
            pause = Watch.next(pause, Watch.MAX_PAUSE);
            ScheduledFuture<?> unused = talking.schedule(this::askAgain, nanos, TimeUnit.NANOSECONDS);
        }
    }

    private void askAgain() {
        again = false;
        ask();
    }

    private void ask(List<Pair> pairs) throws IOException {
        PresharedKeyAnswer answer = client.call(
                "POST",
                "/v1/nodes/" + self + "/preshared-keys",
                new PresharedKeyRequest(pairs),
                PresharedKeyAnswer.class,
                Presence.HEARTBEAT);
        Map<Pair, PresharedKey> given = new HashMap<>();
        for (PresharedKeyAnswer.Given each : answer.keys()) {
            if (pairs.contains(each.pair())) {
                given.put(each.pair(), PresharedKey.of(each.key().toArray()));
            }
        }
        if (!given.isEmpty()) {
            change(given);
            learned.run();
        }
    }

    /** Stored before they are used. */
    private synchronized void change(Map<Pair, PresharedKey> given) throws IOException {
        Map<Pair, PresharedKey> next = new HashMap<>(known);
        next.putAll(given);
        next.keySet().retainAll(needed);
        if (!next.equals(known)) {
            store.savePairKeys(next);
            known = Map.copyOf(next);
        }
    }
}
