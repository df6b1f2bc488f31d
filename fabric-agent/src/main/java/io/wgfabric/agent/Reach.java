package io.wgfabric.agent;

import io.wgfabric.api.Address;
import io.wgfabric.api.Limits;
import java.io.IOException;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.NetworkInterface;
import java.net.SocketException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** At which addresses of the underlay this machine can be reached. */
public final class Reach {
    private Reach() {}

    /**
     * The addresses to offer, best first: the one that the operator named, or else the one from which the managers are
     * reached, and then the other global ones of this machine.
     *
     * @param advertise a host name or address, or null
     * @param managers {@code HOST:PORT}
     * @throws IOException if the advertised name has no address
     */
    public static List<Address> addresses(@Nullable String advertise, List<String> managers) throws IOException {
        Set<Address> found = new LinkedHashSet<>();
        if (advertise != null) {
            for (InetAddress address : InetAddress.getAllByName(hostOf(advertise))) {
                found.add(Address.of(address));
            }
            return found.stream().limit(Limits.ENDPOINTS).toList();
        }
        for (String manager : managers) {
            Address source = sourceTo(manager);
            if (source != null) {
                found.add(source);
            }
        }
        found.addAll(own());
        return found.stream().limit(Limits.ENDPOINTS).toList();
    }

    /** The source address of packets to a manager, as the routing table has it; no packet is sent. */
    private static @Nullable Address sourceTo(String manager) {
        int colon = manager.lastIndexOf(':');
        try (DatagramSocket socket = new DatagramSocket()) {
            socket.connect(new InetSocketAddress(hostOf(manager), Integer.parseInt(manager.substring(colon + 1))));
            InetAddress local = socket.getLocalAddress();
            return local.isAnyLocalAddress() || local.isLoopbackAddress() ? null : Address.of(local);
        } catch (SocketException | IllegalArgumentException e) {
            return null;
        }
    }

    private static String hostOf(String hostAndPort) {
        int close = hostAndPort.indexOf(']');
        if (hostAndPort.startsWith("[") && close > 0) {
            return hostAndPort.substring(1, close);
        }
        int colon = hostAndPort.lastIndexOf(':');
        boolean hasPort = colon > 0 && hostAndPort.indexOf(':') == colon;
        return hasPort ? hostAndPort.substring(0, colon) : hostAndPort;
    }

    /** The global addresses of interfaces that are up and no tunnels. */
    private static List<Address> own() {
        List<Address> own = new ArrayList<>();
        try {
            for (NetworkInterface link : Collections.list(NetworkInterface.getNetworkInterfaces())) {
                if (!link.isUp() || link.isLoopback() || link.isPointToPoint()) {
                    continue;
                }
                for (InetAddress address : Collections.list(link.getInetAddresses())) {
                    if (!address.isLinkLocalAddress() && !address.isMulticastAddress()) {
                        own.add(Address.of(address));
                    }
                }
            }
        } catch (SocketException e) {
            return own;
        }
        return own;
    }
}
