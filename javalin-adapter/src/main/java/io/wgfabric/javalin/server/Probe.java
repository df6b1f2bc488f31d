package io.wgfabric.javalin.server;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.time.Duration;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocket;

/** Finds out whether somebody is there. Each question blocks for at most a few seconds. */
public final class Probe {
    private static final int TIMEOUT_MILLIS = (int) Duration.ofSeconds(2).toMillis();

    private Probe() {}

    /** Whether something accepts TCP connections there; a process that is stopped but alive does too. */
    public static boolean connects(HostPort where) {
        try (Socket socket = connect(where)) {
            return socket.isConnected();
        } catch (IOException e) {
            return false;
        }
    }

    /** Whether someone there proves in TLS to be whom this context trusts. */
    static boolean proves(HostPort where, SSLContext tls) {
        try (Socket plain = connect(where);
                SSLSocket socket =
                        (SSLSocket) tls.getSocketFactory().createSocket(plain, where.host(), where.port(), true)) {
            socket.startHandshake();
            return true;
        } catch (IOException e) {
            return false;
        }
    }

    private static Socket connect(HostPort where) throws IOException {
        Socket socket = new Socket();
        try {
            InetSocketAddress address = where.resolve();
            if (address.isUnresolved()) {
                throw new IOException("there is no host " + where.host());
            }
            socket.setSoTimeout(TIMEOUT_MILLIS);
            socket.connect(address, TIMEOUT_MILLIS);
            return socket;
        } catch (IOException e) {
            socket.close();
            throw e;
        }
    }
}
