package io.wgfabric.javalin.server;

import io.wgfabric.agent.wireguard.TunnelException;
import java.io.IOException;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;

/** Finds out whether ports can be had, before anything is written. */
final class Ports {
    private Ports() {}

    /** @throws IOException if one is taken or must not be used; the message says which and what to do */
    static void check(Settings settings) throws IOException {
        checkOwn(settings);
        if (settings.tunnel()) {
            try {
                io.wgfabric.agent.Ports.requireFreeWireGuard(settings.wireguardPort(), settings.sparePort());
            } catch (TunnelException e) {
                throw new IOException(e.getMessage(), e);
            }
        }
    }

    /** Those of this process itself: the interfaces have theirs also while it does not run. */
    static void checkOwn(Settings settings) throws IOException {
        InetAddress bind;
        try {
            bind = InetAddress.getByName(settings.bind());
        } catch (IOException e) {
            throw new IOException("the address '" + settings.bind() + "' is not known; choose another --bind", e);
        }
        tcp(bind, settings.port(), "--port");
        tcp(bind, settings.replicationPort(), "--replication-port");
        if (settings.stunPort() != 0) {
            udp(bind, settings.stunPort());
        }
    }

    private static void udp(InetAddress bind, int port) throws IOException {
        try (DatagramSocket socket = new DatagramSocket(null)) {
            socket.bind(new InetSocketAddress(bind, port));
        } catch (IOException e) {
            throw new IOException(
                    "UDP port " + port + " cannot be had (" + e.getMessage()
                            + "); choose another with --stun-port, or 0 to do without STUN",
                    e);
        }
    }

    private static void tcp(InetAddress bind, int port, String option) throws IOException {
        try (ServerSocket socket = new ServerSocket()) {
            // As the server itself does: a port whose last connections linger is free.
            socket.setReuseAddress(true);
            socket.bind(new InetSocketAddress(bind, port));
        } catch (IOException e) {
            throw new IOException(
                    "TCP port " + port + " cannot be had (" + e.getMessage() + "); choose another with " + option, e);
        }
    }
}
