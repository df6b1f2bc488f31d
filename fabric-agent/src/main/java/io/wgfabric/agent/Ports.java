package io.wgfabric.agent;

import io.wgfabric.agent.wireguard.TunnelException;
import java.net.DatagramSocket;
import java.net.SocketException;

/** Whether ports of this machine are free, asked before anything is changed. */
public final class Ports {
    private Ports() {}

    /** @throws TunnelException if another program has the UDP port */
    public static void requireFreeUdp(int port) {
        try (DatagramSocket socket = new DatagramSocket(port)) {
            socket.setReuseAddress(false);
        } catch (SocketException e) {
            throw new TunnelException(
                    "UDP port " + port + " is taken; stop what uses it, or choose another with --wireguard-port", e);
        }
    }
}
