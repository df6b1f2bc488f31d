package io.wgfabric.agent.wireguard;

/**
 * What makes a plane of a node its own: the private key and the UDP port (1 to 65535) of its interface. Two planes of a
 * node never share either.
 *
 * @param atOnce whether the key is set though pairs still use the old one, since those that could leave have left
 */
public record PlaneKey(PrivateKey privateKey, int listenPort, boolean atOnce) {

    public PlaneKey {
        if (listenPort < 1 || listenPort > 65_535) {
            throw new IllegalArgumentException("a listen port lies between 1 and 65535, not " + listenPort);
        }
    }

    /** A key that is set once no pair uses the old one any more. */
    public PlaneKey(PrivateKey privateKey, int listenPort) {
        this(privateKey, listenPort, false);
    }
}
