package io.wgfabric.agent;

import io.wgfabric.api.Address;
import io.wgfabric.api.NodeEndpoints;
import java.net.NetworkInterface;
import java.net.SocketException;

/** The network below the overlay, as far as this machine knows it. */
final class Underlay {
    /** What WireGuard over IPv6 adds to a packet: 40 bytes of IPv6, 8 of UDP, 32 of its own. */
    private static final int OVERHEAD = 80;

    /** Every link of IPv6 carries as much (RFC 8200 section 5). */
    private static final int LEAST = 1280;

    private Underlay() {}

    /** The MTU for the interfaces of a node: the configuration's, or less where its own link carries less. */
    static int mtu(int configured, NodeEndpoints endpoints) {
        int mtu = configured;
        for (Address address : endpoints.addresses()) {
            int link = linkMtu(address);
            mtu = link > 0 ? fitting(mtu, link) : mtu;
        }
        return mtu;
    }

    /** Of the interface with this address; 0 if none has it, as one that is just going away. */
    private static int linkMtu(Address address) {
        try {
            NetworkInterface link = NetworkInterface.getByInetAddress(address.toInetAddress());
            return link == null ? 0 : link.getMTU();
        } catch (SocketException e) {
            return 0;
        }
    }

    static int fitting(int mtu, int link) {
        return Math.max(LEAST, Math.min(mtu, link - OVERHEAD));
    }
}
