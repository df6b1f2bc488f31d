package io.wgfabric.agent;

import io.wgfabric.agent.wireguard.ActualNetwork;
import io.wgfabric.agent.wireguard.ActualPeer;
import io.wgfabric.core.wire.Heartbeat.Traffic;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.LongSummaryStatistics;
import java.util.Objects;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * What heartbeats say of a node's pairs.
 *
 * @param livePeers how many have a session on the plane that carries them at rest
 * @param traffic null as long as the interfaces were not read
 */
record Vitals(int livePeers, @Nullable Traffic traffic) {
    static final Vitals NONE = new Vitals(0, null);

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
                        all.stream().mapToLong(ActualPeer::sentBytes).sum()));
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
