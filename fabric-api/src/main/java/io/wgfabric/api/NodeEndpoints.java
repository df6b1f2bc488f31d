package io.wgfabric.api;

import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Where a node's WireGuard can be reached: its addresses, best first, and the UDP port of each plane.
 *
 * @param addresses at most {@link Limits#ENDPOINTS}; empty for a node that can only reach out
 * @param reflexive how others see the main plane of a node behind a NAT; null, as first written, for a node that is
 *     reached at its addresses
 */
public record NodeEndpoints(
        List<Address> addresses,
        int mainPort,
        int sparePort,
        @Nullable Reflexive reflexive) {

    /**
     * A server-reflexive candidate (RFC 8445 section 5.1.1): what a NAT makes of a node's address and port.
     *
     * @param endpoint as a manager's WireGuard sees it
     * @param independent whether every destination sees the same endpoint, which is "endpoint-independent mapping" (RFC
     *     4787 section 4.1), as far as the node could ask; if not, what one destination sees tells another one nothing
     */
    public record Reflexive(Endpoint endpoint, boolean independent) {
        public Reflexive {
            Objects.requireNonNull(endpoint);
        }
    }

    public NodeEndpoints {
        addresses = List.copyOf(addresses);
        if (addresses.size() > Limits.ENDPOINTS) {
            throw new IllegalArgumentException("a node offers at most " + Limits.ENDPOINTS + " endpoints");
        }
        if (mainPort == sparePort) {
            throw new IllegalArgumentException("the ports of the two planes must differ");
        }
        checkPort(mainPort);
        checkPort(sparePort);
    }

    /** Of a node that is reached at its addresses, if at all. */
    public NodeEndpoints(List<Address> addresses, int mainPort, int sparePort) {
        this(addresses, mainPort, sparePort, null);
    }

    /** The cluster level from which it may be told: before, a manager may be one that cannot read it. */
    public int requiredLevel() {
        return reflexive == null ? 1 : 2;
    }

    public int portOn(Plane plane) {
        return plane == Plane.MAIN ? mainPort : sparePort;
    }

    private static void checkPort(int port) {
        if (port < 1 || port > 65_535) {
            throw new IllegalArgumentException("a port lies between 1 and 65535, not " + port);
        }
    }
}
