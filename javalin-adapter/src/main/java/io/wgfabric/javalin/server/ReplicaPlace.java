package io.wgfabric.javalin.server;

import io.wgfabric.api.ClusterId;
import io.wgfabric.api.FabricView;
import io.wgfabric.api.ManagerServices;
import io.wgfabric.api.Node;
import io.wgfabric.api.NodeId;
import io.wgfabric.core.ReplicatedFabric;
import io.wgfabric.core.crypto.FabricTrust;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Stream;

/** Brings up a manager's replica of the state, and tells it where the others are as that changes. */
final class ReplicaPlace {
    private final NodeId self;
    private final ManagerTrust trust = new ManagerTrust();
    private final Credentials credentials;
    private final Speakers speakers;
    private final Map<String, InetSocketAddress> resolved = new ConcurrentHashMap<>();
    private volatile List<String> known;

    private ReplicaPlace(ClusterId cluster, NodeId self, Credentials credentials, List<String> known) {
        this.self = self;
        this.credentials = credentials;
        speakers = new Speakers(cluster, credentials::authorities);
        this.known = List.copyOf(known);
    }

    /**
     * Opens the log, restores what it has stored, and begins to take part.
     *
     * @param known where other managers replicated when last heard of
     */
    static ReplicatedFabric open(
            ClusterId cluster,
            long epoch,
            NodeId self,
            Settings settings,
            DataFolder folder,
            Credentials credentials,
            boolean first,
            List<String> known,
            Environment environment)
            throws IOException {
        ReplicaPlace place = new ReplicaPlace(cluster, self, credentials, known);
        InstantSource clock = environment.clock();
        ReplicatedFabric fabric = ReplicatedFabric.open(
                environment
                        .replication()
                        .open(new Replication.Place(
                                cluster,
                                epoch,
                                self,
                                new InetSocketAddress(settings.bind(), settings.replicationPort()),
                                new HostPort(settings.advertise(), settings.replicationPort()).resolve(),
                                folder.raft(),
                                first,
                                place::managers,
                                credentials.tls(new FabricTrust(credentials::authorities, cluster, place.trust, clock)),
                                place.speakers,
                                place.trust::admits)),
                clock,
                environment.level());
        place.update(fabric, fabric.view());
        var unused = fabric.watch(view -> place.update(fabric, view));
        return fabric;
    }

    private void update(ReplicatedFabric fabric, FabricView view) {
        trust.update(fabric.log(), view);
        credentials.follow(view);
        List<String> others = others(view, self);
        if (!others.isEmpty()) {
            known = others;
        }
    }

    /** {@code HOST:PORT} where the other managers of this view replicate. */
    static List<String> others(FabricView view, NodeId self) {
        return view.nodes().stream()
                .filter(node -> !node.id().equals(self))
                .map(Node::services)
                .filter(Objects::nonNull)
                .map(ManagerServices::replication)
                .toList();
    }

    /** A name that was resolved once is not asked for again: the caller must not block for long. */
    private List<InetSocketAddress> managers() {
        return known.stream().flatMap(this::resolve).toList();
    }

    private Stream<InetSocketAddress> resolve(String text) {
        InetSocketAddress address = resolved.get(text);
        if (address == null) {
            address = HostPort.parse(text, Settings.DEFAULT_REPLICATION_PORT).resolve();
            if (address.isUnresolved()) {
                return Stream.empty();
            }
            resolved.put(text, address);
        }
        return Stream.of(address);
    }
}
