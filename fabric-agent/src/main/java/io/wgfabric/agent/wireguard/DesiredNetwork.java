package io.wgfabric.agent.wireguard;

import io.wgfabric.api.Address;
import io.wgfabric.api.Prefix;
import io.wgfabric.api.PublicKey;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * All that the WireGuard interfaces of this node shall be. At rest a node has plane 0 alone; plane 1 exists while
 * {@code spare} is given, which is while a key of this node or of one of its peers is being rotated.
 *
 * @param addresses the overlay addresses of this node, at most one of each family, set on both planes
 * @param pools the prefixes that are routed to plane 0; one without an address of its family is left out. A /0 is routed
 *     there by the table for exit nodes, which {@link ExitRules} puts into force
 * @param mtu of both interfaces, 1280 to 65535 bytes; see {@link #DEFAULT_MTU}
 * @param main plane 0
 * @param spare plane 1, or null if it shall not exist
 * @param peers the other nodes that this one may reach; no two share a node id, an allowed address or a key
 */
public record DesiredNetwork(
        List<Address> addresses,
        List<Prefix> pools,
        int mtu,
        PlaneKey main,
        @Nullable PlaneKey spare,
        List<DesiredPeer> peers) {
    /** 1500 bytes of Ethernet less the 80 bytes that WireGuard over IPv6 adds. */
    public static final int DEFAULT_MTU = 1420;

    private static final int MIN_MTU = 1280;
    private static final int MAX_MTU = 65_535;

    public DesiredNetwork {
        addresses = List.copyOf(addresses);
        pools = List.copyOf(pools);
        peers = List.copyOf(peers);
        if (mtu < MIN_MTU || mtu > MAX_MTU) {
            throw new IllegalArgumentException("an MTU lies between 1280 and 65535 bytes, not " + mtu);
        }
        long v4 = addresses.stream().filter(Address::isV4).count();
        if (v4 > 1 || addresses.size() - v4 > 1) {
            throw new IllegalArgumentException("a node has at most one IPv4 and one IPv6 address: " + addresses);
        }
        if (spare != null && spare.listenPort() == main.listenPort()) {
            throw new IllegalArgumentException("both planes cannot listen on port " + main.listenPort());
        }
        requireDisjoint(peers, spare != null);
    }

    private static void requireDisjoint(List<DesiredPeer> peers, boolean hasSpare) {
        Set<String> ids = new HashSet<>();
        Set<Prefix> allowed = new HashSet<>();
        Set<PublicKey> mainKeys = new HashSet<>();
        Set<PublicKey> spareKeys = new HashSet<>();
        for (DesiredPeer peer : peers) {
            boolean fresh = ids.add(peer.nodeId()) && mainKeys.add(peer.mainKey());
            fresh &= peer.spareKey() == null || spareKeys.add(peer.spareKey());
            for (Prefix prefix : peer.allowedIps()) {
                fresh &= allowed.add(prefix);
            }
            if (!fresh) {
                throw new IllegalArgumentException(
                        "node " + peer.nodeId() + " shares its id, a key or an address with another node");
            }
            if (peer.plane() == ActualNetwork.SPARE && !hasSpare) {
                throw new IllegalArgumentException(
                        "the pair with node " + peer.nodeId() + " shall be on plane 1, which this node has not");
            }
        }
    }

    DesiredNetwork withPeers(List<DesiredPeer> others) {
        return new DesiredNetwork(addresses, pools, mtu, main, spare, others);
    }

    @Nullable PlaneKey plane(int number) {
        return number == ActualNetwork.MAIN ? main : spare;
    }

    /** The own address of the family of the prefix: the source of what is routed there. */
    @Nullable Address sourceFor(Prefix prefix) {
        for (Address address : addresses) {
            if (address.isV4() == prefix.isV4()) {
                return address;
            }
        }
        return null;
    }
}
