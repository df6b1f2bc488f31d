package io.wgfabric.agent.wireguard;

/**
 * What makes a plane of a node its own: the private key and the UDP port (1 to 65535) of its interface. Two planes of a
 * node never share either.
 */
public record PlaneKey(PrivateKey privateKey, int listenPort) {

    public PlaneKey {
        if (listenPort < 1 || listenPort > 65_535) {
            throw new IllegalArgumentException("a listen port lies between 1 and 65535, not " + listenPort);
        }
    }
}
