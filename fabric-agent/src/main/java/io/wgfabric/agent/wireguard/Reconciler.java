package io.wgfabric.agent.wireguard;

import static io.wgfabric.agent.wireguard.ActualNetwork.MAIN;
import static io.wgfabric.agent.wireguard.ActualNetwork.SPARE;

import io.wgfabric.api.Address;
import io.wgfabric.api.Prefix;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;

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
        if (spare == null && actual.spare().exists() && !moves.holds(SPARE)) {
            changes.add(new Change.DeleteInterface(SPARE));
        }
        return new Plan(changes, changes.isEmpty() && !moves.waiting());
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
