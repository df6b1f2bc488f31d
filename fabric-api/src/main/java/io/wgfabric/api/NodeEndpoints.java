package io.wgfabric.api;

import java.util.List;

/**
 * Where a node's WireGuard can be reached from outside: its addresses, best first, and the UDP port of each plane.
 *
 * @param addresses at most {@link Limits#ENDPOINTS}; empty for a node that can only reach out
 */
public record NodeEndpoints(List<Address> addresses, int mainPort, int sparePort) {

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

    public int portOn(Plane plane) {
        return plane == Plane.MAIN ? mainPort : sparePort;
    }

    private static void checkPort(int port) {
        if (port < 1 || port > 65_535) {
            throw new IllegalArgumentException("a port lies between 1 and 65535, not " + port);
        }
    }
}
