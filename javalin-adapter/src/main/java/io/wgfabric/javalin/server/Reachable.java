package io.wgfabric.javalin.server;

import io.wgfabric.api.Bytes;
import io.wgfabric.api.ManagerServices;
import io.wgfabric.api.NodeEndpoints;
import java.io.IOException;

/** Where others reach a manager, by its settings. */
record Reachable(NodeEndpoints endpoints, ManagerServices services) {

    /** The same, with the key for what is meant for this manager alone. */
    Reachable withKey(Bytes key) {
        return new Reachable(
                endpoints, new ManagerServices(services.api(), services.replication(), services.level(), key));
    }

    /** @throws IOException if the advertised host has no address */
    static Reachable of(Settings settings, int level) throws IOException {
        return new Reachable(
                new NodeEndpoints(
                        HostPort.addresses(settings.advertise()), settings.wireguardPort(), settings.sparePort()),
                new ManagerServices(
                        new HostPort(settings.advertise(), settings.advertisedPort()).toString(),
                        new HostPort(settings.advertise(), settings.replicationPort()).toString(),
                        level,
                        null));
    }
}
