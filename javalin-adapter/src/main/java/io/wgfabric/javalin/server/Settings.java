package io.wgfabric.javalin.server;

import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * How a manager runs; {@code settings.json} in its data folder.
 *
 * @param name the node's name
 * @param advertise the host or address by which others reach this manager
 * @param advertisedPort the REST port as others see it
 * @param bind the address to listen at
 * @param port REST, TCP
 * @param replicationPort between managers, TCP
 * @param wireguardPort of the main plane, UDP
 * @param sparePort of the spare plane, UDP
 * @param stunPort where this manager tells whoever asks what address it comes from, UDP; 0 for nowhere
 * @param interfaceName of the main plane
 * @param tunnel whether this manager takes part in the mesh; needs the right to make interfaces
 * @param sealingKey the file that opens the cluster's secrets; null for {@code sealing.key} in the data folder
 */
public record Settings(
        String name,
        String advertise,
        int advertisedPort,
        String bind,
        int port,
        int replicationPort,
        int wireguardPort,
        int sparePort,
        int stunPort,
        String interfaceName,
        boolean tunnel,
        @Nullable String sealingKey) {
    public static final int DEFAULT_PORT = 7443;
    public static final int DEFAULT_REPLICATION_PORT = 7800;
    public static final int DEFAULT_WIREGUARD_PORT = 51820;
    public static final String DEFAULT_BIND = "0.0.0.0";
    public static final String DEFAULT_INTERFACE = "wgf0";

    public Settings {
        checkPort(advertisedPort);
        checkPort(port);
        checkPort(replicationPort);
        checkPort(wireguardPort);
        checkPort(sparePort);
        if (stunPort != 0) {
            checkPort(stunPort);
        }
        if (port == replicationPort) {
            throw new IllegalArgumentException("the REST port and the replication port must differ");
        }
        if (wireguardPort == sparePort) {
            throw new IllegalArgumentException("the ports of the two WireGuard planes must differ");
        }
        if (stunPort == wireguardPort || stunPort == sparePort) {
            throw new IllegalArgumentException("the STUN port and those of WireGuard must differ");
        }
    }

    /** With the sealing key in the data folder. */
    public Settings(
            String name,
            String advertise,
            int advertisedPort,
            String bind,
            int port,
            int replicationPort,
            int wireguardPort,
            int sparePort,
            int stunPort,
            String interfaceName,
            boolean tunnel) {
        this(
                name,
                advertise,
                advertisedPort,
                bind,
                port,
                replicationPort,
                wireguardPort,
                sparePort,
                stunPort,
                interfaceName,
                tunnel,
                null);
    }

    /** The same with the sealing key in another file. */
    public Settings withSealingKey(Path file) {
        return new Settings(
                name,
                advertise,
                advertisedPort,
                bind,
                port,
                replicationPort,
                wireguardPort,
                sparePort,
                stunPort,
                interfaceName,
                tunnel,
                file.toAbsolutePath().normalize().toString());
    }

    private static void checkPort(int port) {
        if (port < 1 || port > 65_535) {
            throw new IllegalArgumentException("a port lies between 1 and 65535, not " + port);
        }
    }
}
