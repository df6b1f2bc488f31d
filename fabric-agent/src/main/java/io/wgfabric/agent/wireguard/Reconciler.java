package io.wgfabric.agent.wireguard;

import static io.wgfabric.agent.wireguard.ActualNetwork.MAIN;
import static io.wgfabric.agent.wireguard.ActualNetwork.SPARE;

import io.wgfabric.api.Address;
import io.wgfabric.api.Prefix;
import io.wgfabric.api.PublicKey;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * Compares what the data plane shall be with what it is. Pure: the same arguments give the same plan, and what does not
 * differ is never touched.
 *
 * <p>The order makes every step safe on its own: interfaces, keys of new interfaces, new peers, routes, keys of
 * interfaces that no pair uses any more, and only then what is superfluous. A plan that was carried out in part leaves a
 * state from which the next plan leads to the same end.
 *
 * <p>A key is never changed, and plane 1 never removed, while a pair that shall go elsewhere still has its only live
 * session there: that waits until the pair has moved ({@link Plan#settled} is false so long). A pair that shall stay on
 * the plane does not hold it back.
 */
public final class Reconciler {

    private Reconciler() {}

    /** @param now the wall clock that the handshake times of {@code actual} were taken with */
    public static Plan reconcile(DesiredNetwork desired, ActualNetwork actual, Instant now) {
        PairMoves moves = PairMoves.decide(desired, actual, now);
        List<PlaneDiff> planes = new ArrayList<>();
        planes.add(new PlaneDiff(MAIN, desired, desired.main(), actual.main(), moves, now));
        PlaneKey spare = desired.spare();
        if (spare != null) {
            planes.add(new PlaneDiff(SPARE, desired, spare, actual.spare(), moves, now));
        }
        List<Change> changes = new ArrayList<>();
        planes.forEach(plane -> plane.setUpLink(changes));
        planes.forEach(plane -> plane.setFirstKey(changes));
        planes.forEach(plane -> plane.addPeers(changes));
        putRoutes(desired, actual, moves, changes);
        planes.forEach(plane -> plane.changeKey(changes));
        planes.forEach(plane -> plane.removePeers(changes));
        removeRoutes(desired, actual.main(), changes);
        planes.forEach(plane -> plane.removeAddresses(changes));
        if (spare == null && actual.spare().exists()) {
            giveUpSpare(desired, actual.spare(), moves, now, changes);
        }
        return new Plan(changes, moves.awaited());
    }

    /**
     * Plane 1 goes once no session there is alive, and not when the last pair has left it on this end: the agent of the
     * other end may have stopped before it could move its own. As long as that end sends, its packets keep the session
     * alive, and nothing of ours does; a node that is no member any more loses it at once.
     */
    private static void giveUpSpare(
            DesiredNetwork desired, ActualPlane spare, PairMoves moves, Instant now, List<Change> changes) {
        Set<Prefix> known = new TreeSet<>();
        desired.peers().forEach(peer -> known.addAll(peer.allowedIps()));
        boolean alive = moves.holds(SPARE);
        for (Map.Entry<PublicKey, ActualPeer> peer : spare.peers().entrySet()) {
            if (Collections.disjoint(peer.getValue().allowedIps(), known)) {
                changes.add(new Change.RemovePeer(SPARE, peer.getKey()));
                continue;
            }
            alive |= peer.getValue().isLive(now);
            boolean idle = Collections.disjoint(peer.getValue().allowedIps(), moves.onSpare());
            if (idle && peer.getValue().keepaliveSeconds() > 0) {
                changes.add(new Change.SetKeepalive(SPARE, peer.getKey(), 0));
            }
        }
        if (!alive) {
            changes.add(new Change.DeleteInterface(SPARE));
        }
    }

    /** Routes of the pools, then the pairs that move: to plane 1 by a more specific route, back by removing it. */
    private static void putRoutes(DesiredNetwork desired, ActualNetwork actual, PairMoves moves, List<Change> changes) {
        Map<Prefix, Route> wanted = poolRoutes(desired);
        wanted.forEach((prefix, route) -> {
            if (!Objects.equals(route, actual.main().routes().get(prefix))) {
                changes.add(new Change.PutRoute(MAIN, prefix, route.source()));
            }
        });
        Map<Prefix, Route> exceptions = actual.spare().routes();
        for (Prefix prefix : moves.onSpare()) {
            Address source = desired.sourceFor(prefix);
            // A plane 1 that is given up is left alone but for what leaves it.
            if (desired.spare() != null && !Objects.equals(new Route(prefix, source), exceptions.get(prefix))) {
                changes.add(new Change.PutRoute(SPARE, prefix, source));
            }
        }
        for (Prefix prefix : exceptions.keySet()) {
            if (!moves.onSpare().contains(prefix)) {
                changes.add(new Change.RemoveRoute(SPARE, prefix));
            }
        }
    }

    private static void removeRoutes(DesiredNetwork desired, ActualPlane main, List<Change> changes) {
        Map<Prefix, Route> wanted = poolRoutes(desired);
        for (Prefix prefix : main.routes().keySet()) {
            if (!wanted.containsKey(prefix)) {
                changes.add(new Change.RemoveRoute(MAIN, prefix));
            }
        }
    }

    private static Map<Prefix, Route> poolRoutes(DesiredNetwork desired) {
        Map<Prefix, Route> routes = new TreeMap<>();
        for (Prefix pool : desired.pools()) {
            Address source = desired.sourceFor(pool);
            if (source != null) {
                routes.put(pool, new Route(pool, source));
            }
        }
        return routes;
    }
}
