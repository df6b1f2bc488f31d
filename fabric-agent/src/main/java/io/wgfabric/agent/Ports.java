package io.wgfabric.agent;

import io.wgfabric.agent.wireguard.TunnelException;
import java.net.DatagramSocket;
import java.net.InetSocketAddress;
import java.net.SocketException;

/** Whether ports of this machine are free, asked before anything is changed. */
public final class Ports {
    private Ports() {}

    /**
     * Both ports of WireGuard.
     *
     * @throws TunnelException if another program has one; the message names the option to choose another
     */
    public static void requireFreeWireGuard(int mainPort, int sparePort) {
        requireFree(mainPort, "--wireguard-port");
        requireFree(sparePort, "--spare-port");
    }

    private static void requireFree(int port, String option) {
        try (DatagramSocket socket = new DatagramSocket(null)) {
            socket.bind(new InetSocketAddress(port));
        } catch (SocketException e) {
            throw new TunnelException(
                    "UDP port " + port + " cannot be had (" + e.getMessage() + "); stop what uses it, or choose another"
                            + " with " + option,
                    e);
        }
    }
}
