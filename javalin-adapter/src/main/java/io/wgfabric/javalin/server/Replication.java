package io.wgfabric.javalin.server;

import io.wgfabric.api.ClusterId;
import io.wgfabric.api.NodeId;
import io.wgfabric.core.log.Log;
import io.wgfabric.jgroups.JGroupsLog;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.security.cert.X509Certificate;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.function.Supplier;
import javax.net.ssl.SSLContext;

/** Where a manager's log comes from. */
public interface Replication {
    /**
     * A system property: after how many applied entries a manager takes a snapshot, instead of the usual 20,000. A tenth
     * of them stays in the log. Low values cost disk traffic; they let tests see snapshots early.
     */
    String SNAPSHOT_ENTRIES = "fabric.snapshot.entries";

    /** As JGroupsLog has it unless told otherwise. */
    long SNAPSHOT_BYTES = 32L << 20;

    /**
     * @param epoch the cluster's epoch; managers of another are not met
     * @param bind where to listen
     * @param advertised where the other managers reach it
     * @param first whether this is the first manager of a new cluster
     * @param managers where the other managers listen, as far as is known
     * @param tls shows this manager's certificate, and admits managers alone
     * @param speakers the manager that a chain of certificates speaks for now
     * @param admits the managers that may speak to this one, by id, as the state has it now
     */
    record Place(
            ClusterId cluster,
            long epoch,
            NodeId self,
            InetSocketAddress bind,
            InetSocketAddress advertised,
            Path folder,
            boolean first,
            Supplier<List<InetSocketAddress>> managers,
            SSLContext tls,
            Function<X509Certificate[], Optional<String>> speakers,
            Predicate<String> admits) {}

    /** A log that was not started yet. */
    Log open(Place place);

    /** The real one: Raft over JGroups. */
    static Log jgroups(Place place) {
        JGroupsLog.Builder builder = JGroupsLog.builder()
                .cluster(place.cluster().text())
                .epoch(place.epoch())
                .self(place.self().text())
                .bind(place.bind())
                .advertise(place.advertised())
                .directory(place.folder())
                .members(place.managers())
                .tls(place.tls(), place.speakers())
                .admit(place.admits());
        Integer entries = Integer.getInteger(SNAPSHOT_ENTRIES);
        if (entries != null) {
            builder.snapshotEvery(entries, SNAPSHOT_BYTES, entries / 10);
        }
        return (place.first() ? builder.bootstrap() : builder).build();
    }
}
