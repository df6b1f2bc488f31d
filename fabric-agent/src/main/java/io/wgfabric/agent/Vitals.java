package io.wgfabric.agent;

import io.wgfabric.agent.paths.Path;
import io.wgfabric.agent.wireguard.ActualNetwork;
import io.wgfabric.agent.wireguard.ActualPeer;
import io.wgfabric.api.NodeId;
import io.wgfabric.core.netmap.Netmap;
import io.wgfabric.core.wire.Heartbeat.Traffic;
import io.wgfabric.core.wire.PairReport;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.LongSummaryStatistics;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * What heartbeats say of a node's pairs.
 *
 * @param livePeers how many have a session on the plane that carries them at rest
 * @param traffic null as long as the interfaces were not read
 * @param pairs each for itself, in the order of the configuration
 */
record Vitals(int livePeers, @Nullable Traffic traffic, List<PairReport> pairs) {
    static final Vitals NONE = new Vitals(0, null, List.of());

    Vitals {
        pairs = List.copyOf(pairs);
    }

    /** @param paths to the other nodes of the configuration, as they are now */
    static Vitals of(Netmap netmap, Map<NodeId, Path> paths, ActualNetwork actual, Instant now) {
        List<PairReport> pairs = new ArrayList<>();
        for (Netmap.Member other : netmap.members()) {
            Path path = paths.get(other.id());
            if (path instanceof Path.Relayed relayed) {
                pairs.add(PairReport.relayed(other.id(), relayed.via()));
            } else if (path != null) {
                Stream<ActualPeer> entries = Stream.of(
                                actual.main().peers().get(other.keys().main()),
                                actual.spare().peers().get(other.keys().spare()))
                        .filter(Objects::nonNull);
                LongSummaryStatistics ages = ages(entries, now);
                pairs.add(PairReport.direct(other.id(), ages.getCount() == 0 ? null : ages.getMin()));
            }
        }
        Vitals together = of(actual, now);
        return new Vitals(together.livePeers, together.traffic, pairs);
    }

    /** Without a word of single pairs. */
    static Vitals of(ActualNetwork actual, Instant now) {
        List<ActualPeer> all = Stream.of(actual.main(), actual.spare())
                .flatMap(plane -> plane.peers().values().stream())
                .toList();
        LongSummaryStatistics ages = ages(all.stream(), now);
        LongSummaryStatistics alive = ages(all.stream().filter(peer -> peer.isLive(now)), now);
        long live = actual.main().peers().values().stream()
                .filter(peer -> peer.isLive(now))
                .count();
        return new Vitals(
                (int) live,
                new Traffic(
                        ages.getCount() == 0 ? null : ages.getMin(),
                        alive.getCount() == 0 ? null : alive.getMax(),
                        all.stream().mapToLong(ActualPeer::receivedBytes).sum(),
                        all.stream().mapToLong(ActualPeer::sentBytes).sum()),
                List.of());
    }

    /** A handshake that a clock set back has put into the future was just now. */
    private static LongSummaryStatistics ages(Stream<ActualPeer> peers, Instant now) {
        return peers.map(ActualPeer::lastHandshake)
                .filter(Objects::nonNull)
                .mapToLong(handshake ->
                        Math.max(0, Duration.between(handshake, now).toSeconds()))
                .summaryStatistics();
    }
}
