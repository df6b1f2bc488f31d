package io.wgfabric.agent.wireguard;

import io.wgfabric.api.Address;
import io.wgfabric.api.Prefix;
import io.wgfabric.api.PublicKey;
import java.util.Collections;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * An interface as the system reports it.
 *
 * @param exists if false, everything else is empty
 * @param up whether the link is up
 * @param mtu in bytes
 * @param publicKey of its private key, or null if none is set
 * @param listenPort 0 if none
 * @param addresses those with a full-length prefix; link-local ones are left out
 * @param peers by public key
 * @param routes to this interface, by destination, without those that the kernel made itself: of the main table, and the
 *     default ones of the table for exit nodes
 */
public record ActualPlane(
        boolean exists,
        boolean up,
        int mtu,
        @Nullable PublicKey publicKey,
        int listenPort,
        Set<Address> addresses,
        Map<PublicKey, ActualPeer> peers,
        Map<Prefix, Route> routes) {

    public ActualPlane {
        addresses = Collections.unmodifiableSet(new TreeSet<>(addresses));
        peers = Collections.unmodifiableMap(new TreeMap<>(peers));
        routes = Collections.unmodifiableMap(new TreeMap<>(routes));
    }

    /** No interface. */
    public static ActualPlane absent() {
        return new ActualPlane(false, false, 0, null, 0, Set.of(), Map.of(), Map.of());
    }
}
