package io.wgfabric.javalin.server;

import io.wgfabric.api.Address;
import io.wgfabric.api.Limits;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.DatagramSocket;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.NetworkInterface;
import java.net.SocketException;
import java.net.UnknownHostException;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;

/**
 * {@code HOST}, {@code HOST:PORT}, {@code ADDRESS} or {@code [ADDRESS]:PORT}.
 *
 * @param host a name or an address, without brackets
 */
public record HostPort(String host, int port) {

    /** @throws IllegalArgumentException if it is none of these forms */
    public static HostPort parse(String text, int defaultPort) {
        int colon = text.lastIndexOf(':');
        boolean bareV6 = colon >= 0 && text.indexOf(':') != colon && !text.startsWith("[");
        boolean hasPort = colon >= 0 && !bareV6 && !text.endsWith("]");
        String host = hasPort ? text.substring(0, colon) : text;
        if (host.startsWith("[") && host.endsWith("]")) {
            host = host.substring(1, host.length() - 1);
        }
        try {
            int port = hasPort ? Integer.parseInt(text.substring(colon + 1)) : defaultPort;
            if (!host.isEmpty() && host.length() <= 253 && port > 0 && port <= 65_535) {
                return new HostPort(host, port);
            }
        } catch (NumberFormatException e) {
            throw new IllegalArgumentException("'" + text + "' is not HOST or HOST:PORT", e);
        }
        throw new IllegalArgumentException("'" + text + "' is not HOST or HOST:PORT");
    }

    /** Resolves the host; blocks while a name server is asked. */
    InetSocketAddress resolve() {
        return new InetSocketAddress(host, port);
    }

    /** All addresses of a host. */
    static List<Address> addresses(String host) throws IOException {
        try {
            return Arrays.stream(InetAddress.getAllByName(host))
                    .map(HostPort::withoutScope)
                    .distinct()
                    .limit(Limits.ENDPOINTS)
                    .toList();
        } catch (UnknownHostException e) {
            throw new IOException("the host '" + host + "' is not known; give --advertise an address", e);
        }
    }

    private static Address withoutScope(InetAddress address) {
        return Address.of(address.getAddress());
    }

    /**
     * The address of this machine that others are likely to reach: the one that its routes use to the outside, else the
     * first of an interface that is up, else loopback.
     */
    public static String ownAddress() {
        try (DatagramSocket socket = new DatagramSocket()) {
            // Connecting a datagram socket sends nothing; it only asks the routing table. The address is of
            // TEST-NET-1 (RFC 5737).
            socket.connect(InetAddress.getByAddress(new byte[] {(byte) 192, 0, 2, 1}), 9);
            InetAddress routed = socket.getLocalAddress();
            if (!routed.isAnyLocalAddress() && !routed.isLoopbackAddress()) {
                return routed.getHostAddress();
            }
        } catch (IOException | UncheckedIOException e) {
            // No route to the outside: look at the interfaces.
            return firstAddress();
        }
        return firstAddress();
    }

    private static String firstAddress() {
        try {
            return NetworkInterface.networkInterfaces()
                    .filter(HostPort::isUp)
                    .flatMap(one -> Collections.list(one.getInetAddresses()).stream())
                    .filter(address -> !address.isLoopbackAddress() && !address.isLinkLocalAddress())
                    .sorted((a, b) -> Boolean.compare(a instanceof Inet6Address, b instanceof Inet6Address))
                    .map(InetAddress::getHostAddress)
                    .findFirst()
                    .orElse("127.0.0.1");
        } catch (SocketException e) {
            return "127.0.0.1";
        }
    }

    private static boolean isUp(NetworkInterface one) {
        try {
            return one.isUp() && !one.isPointToPoint() && !one.isLoopback();
        } catch (SocketException e) {
            return false;
        }
    }

    @Override
    public String toString() {
        return (host.indexOf(':') >= 0 ? "[" + host + "]" : host) + ":" + port;
    }
}
