package io.wgfabric.javalin.cli;

import io.wgfabric.api.NodeName;
import io.wgfabric.javalin.server.HostPort;
import io.wgfabric.javalin.server.Settings;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** How a manager runs. What is left out keeps its usual value, or on a restart the value that it had. */
final class ServerOptions {
    @Option(
            names = "--name",
            paramLabel = "NAME",
            description = "The node's name, of a new manager alone; the host's by default.")
    private @Nullable String name;

    @Option(
            names = "--advertise",
            paramLabel = "HOST[:PORT]",
            description = "Where others reach this manager; this machine's address by default.")
    private @Nullable String advertise;

    @Option(
            names = "--data",
            paramLabel = "DIR",
            description = "Where all of it is kept (env FABRIC_DATA, else /var/lib/fabric).")
    private @Nullable Path data;

    @Option(
            names = "--sealing-key",
            paramLabel = "FILE",
            description = "The file that opens the cluster's secrets; sealing.key in the data folder by default.")
    private @Nullable Path sealingKey;

    @Option(names = "--bind", paramLabel = "ADDRESS", description = "Where to listen; everywhere by default.")
    private @Nullable String bind;

    @Option(names = "--port", paramLabel = "PORT", description = "REST, TCP; 7443 by default.")
    private @Nullable Integer port;

    @Option(names = "--replication-port", paramLabel = "PORT", description = "Between managers, TCP; 7800 by default.")
    private @Nullable Integer replicationPort;

    @Option(names = "--wireguard-port", paramLabel = "PORT", description = "WireGuard, UDP; 51820 by default.")
    private @Nullable Integer wireguardPort;

    @Option(
            names = "--spare-port",
            paramLabel = "PORT",
            description = "WireGuard while keys rotate, UDP; the one after --wireguard-port by default.")
    private @Nullable Integer sparePort;

    @Option(
            names = "--stun-port",
            paramLabel = "PORT",
            description = "Answer STUN there, UDP, such as 3478; nowhere by default.")
    private @Nullable Integer stunPort;

    @Option(
            names = "--interface",
            paramLabel = "NAME",
            description = "The WireGuard interface, of a new manager alone; wgf0 by default.")
    private @Nullable String interfaceName;

    @Option(names = "--no-tunnel", description = "Take no part in the mesh; then no root is needed.")
    private boolean noTunnel;

    Path data() {
        return ClientOptions.dataFolder(data);
    }

    /** Of a new manager. */
    Settings settings() {
        String address = advertise == null ? HostPort.ownAddress() : advertise;
        int main = or(wireguardPort, Settings.DEFAULT_WIREGUARD_PORT);
        return changed(new Settings(
                HostName.asNodeName("manager"),
                HostPort.parse(address, Settings.DEFAULT_PORT).host(),
                Settings.DEFAULT_PORT,
                Settings.DEFAULT_BIND,
                Settings.DEFAULT_PORT,
                Settings.DEFAULT_REPLICATION_PORT,
                main,
                main == 65_535 ? main - 1 : main + 1,
                0,
                Settings.DEFAULT_INTERFACE,
                true));
    }

    /** Of a manager that has run with others before. */
    Settings changed(Settings before) {
        int newPort = or(port, before.port());
        // Behind a forwarded port the two differ; else the one follows the other.
        int advertisedBefore = before.advertisedPort() == before.port() ? newPort : before.advertisedPort();
        HostPort advertised = advertise == null
                ? new HostPort(before.advertise(), advertisedBefore)
                : HostPort.parse(advertise, newPort);
        Settings changed = new Settings(
                name == null ? before.name() : new NodeName(name).text(),
                advertised.host(),
                advertised.port(),
                bind == null ? before.bind() : bind,
                newPort,
                or(replicationPort, before.replicationPort()),
                or(wireguardPort, before.wireguardPort()),
                or(sparePort, before.sparePort()),
                or(stunPort, before.stunPort()),
                interfaceName == null ? before.interfaceName() : interfaceName,
                before.tunnel() && !noTunnel,
                before.sealingKey());
        return sealingKey == null ? changed : changed.withSealingKey(sealingKey);
    }

    private static int or(@Nullable Integer given, int otherwise) {
        return given == null ? otherwise : given;
    }
}
