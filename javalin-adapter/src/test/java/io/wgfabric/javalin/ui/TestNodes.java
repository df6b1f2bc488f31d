package io.wgfabric.javalin.ui;

import io.wgfabric.agent.ControlClient;
import io.wgfabric.agent.Join;
import io.wgfabric.agent.NodeClients;
import io.wgfabric.agent.NodeStore;
import io.wgfabric.api.NodeId;
import io.wgfabric.api.NodeName;
import io.wgfabric.api.Revision;
import io.wgfabric.api.Role;
import io.wgfabric.core.presence.Presence;
import io.wgfabric.core.wire.Heartbeat;
import io.wgfabric.core.wire.PairReport;
import io.wgfabric.javalin.server.TestCluster;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Nodes without interfaces: they join as every node does, with a token and a certificate of their own, and send heartbeats
 * that say what a test wants them to say of their pairs.
 */
final class TestNodes implements AutoCloseable {
    private static final String BACKEND = "kernel 6.1";
    private static final long MEGABYTE = 1_000_000;

    /** A session that is older is none. */
    private static final long OVER = 400;

    /** Says how a node reaches another one; null to say nothing of the pair. */
    interface Say {
        @Nullable PairReport of(String name, NodeId self, String other, NodeId otherId);
    }

    /** What of a node is needed to speak as it does. */
    private record Speaker(NodeId id, ControlClient client) {}

    private final Path root;
    private final Say say;
    private final Map<String, Speaker> speakers = new ConcurrentSkipListMap<>();
    private final ScheduledExecutorService timer = Executors.newSingleThreadScheduledExecutor();
    private final Set<String> silent = ConcurrentHashMap.newKeySet();
    private int beats;

    TestNodes(Path root, Say say) {
        this.root = root;
        this.say = say;
        var unused =
                timer.scheduleWithFixedDelay(this::beat, 0, Presence.HEARTBEAT.toMillis() / 2, TimeUnit.MILLISECONDS);
    }

    /** Joins a peer; from then on it is heard of. */
    NodeId join(String name, String token) throws IOException {
        NodeStore store = new NodeStore(root.resolve("nodes").resolve(name));
        Join.join(
                store,
                new Join.Plan(
                        token,
                        Role.PEER,
                        new NodeName(name),
                        null,
                        TestCluster.freePort(),
                        TestCluster.freePort(),
                        "127.0.0.1",
                        null));
        return speak(name, store);
    }

    /** Speaks for a node that has joined otherwise. */
    NodeId speak(String name, NodeStore store) throws IOException {
        Speaker speaker = new Speaker(store.identity().node(), NodeClients.of(store));
        speakers.put(name, speaker);
        return speaker.id();
    }

    /** A node falls silent; the others tell that they have no session with it any more. */
    void silence(String name) {
        silent.add(name);
    }

    private void beat() {
        int round = beats++;
        for (Map.Entry<String, Speaker> each : new TreeMap<>(speakers).entrySet()) {
            if (silent.contains(each.getKey())) {
                continue;
            }
            try {
                each.getValue()
                        .client()
                        .call(
                                "POST",
                                "/v1/heartbeat",
                                heartbeat(each.getKey(), each.getValue().id(), round),
                                String.class);
            } catch (RuntimeException e) {
                // A manager that is away, or a node that is not listened to: the next one says it again.
            }
        }
    }

    private Heartbeat heartbeat(String name, NodeId self, int round) {
        List<PairReport> all = new TreeMap<>(speakers)
                .entrySet().stream()
                        .filter(other -> !other.getKey().equals(name))
                        .map(other -> silent.contains(other.getKey())
                                ? PairReport.direct(other.getValue().id(), OVER)
                                : say.of(
                                        name,
                                        self,
                                        other.getKey(),
                                        other.getValue().id()))
                        .filter(report -> report != null)
                        .toList();
        int from = all.size() <= Heartbeat.MAX_PAIRS ? 0 : round * Heartbeat.MAX_PAIRS % all.size();
        List<PairReport> part = all.subList(from, Math.min(all.size(), from + Heartbeat.MAX_PAIRS));
        long newest = all.stream()
                .filter(report -> report.handshakeSeconds() != null)
                .mapToLong(report -> report.handshakeSeconds())
                .min()
                .orElse(0);
        long oldest = all.stream()
                .filter(report -> report.handshakeSeconds() != null && report.handshakeSeconds() <= 180)
                .mapToLong(report -> report.handshakeSeconds())
                .max()
                .orElse(0);
        int live = (int) all.stream()
                .filter(report ->
                        report.via() != null || (report.handshakeSeconds() != null && report.handshakeSeconds() <= 180))
                .count();
        Heartbeat.Traffic traffic = new Heartbeat.Traffic(
                newest, oldest, MEGABYTE * (1 + name.length()) * (round + 1), MEGABYTE * (round + 2));
        return new Heartbeat(
                1, new Revision(1), Revision.ZERO, "0.1.0", BACKEND, live, traffic, null, null, null, null, part);
    }

    @Override
    public void close() {
        timer.shutdownNow();
    }
}
