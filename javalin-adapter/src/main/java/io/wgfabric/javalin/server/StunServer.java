package io.wgfabric.javalin.server;

import io.wgfabric.agent.nat.Stun;
import io.wgfabric.api.Address;
import io.wgfabric.api.Endpoint;
import io.wgfabric.core.SourceLimit;
import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.DatagramChannel;
import java.util.Optional;

/**
 * Tells whoever asks from which address its datagrams come (STUN, RFC 8489), over UDP. It keeps no state of anybody but
 * the limits, answers with at most 52 bytes, and one thread does it all: what does not fit into the socket's buffer
 * meanwhile is dropped by the system, and the client asks again.
 */
final class StunServer implements AutoCloseable {
    /** Answers to one source at once, and then in each second: a source's address can be forged, to have it flooded. */
    static final int BURST = 200;

    static final int PER_SECOND = 20;

    /** Answers in all, whatever their sources say. */
    private static final int BURST_IN_ALL = 10_000;

    private static final int PER_SECOND_IN_ALL = 5_000;

    private static final Logger LOGGER = System.getLogger(StunServer.class.getName());

    private final DatagramChannel channel;
    private final SourceLimit limit = new SourceLimit(System::nanoTime, BURST, PER_SECOND);
    private final SourceLimit inAll = new SourceLimit(System::nanoTime, BURST_IN_ALL, PER_SECOND_IN_ALL);

    private StunServer(DatagramChannel channel) {
        this.channel = channel;
    }

    /** @throws IOException if the port cannot be had */
    static StunServer start(String bind, int port) throws IOException {
        DatagramChannel channel = DatagramChannel.open();
        try {
            channel.bind(new InetSocketAddress(bind, port));
        } catch (IOException | RuntimeException e) {
            channel.close();
            throw e;
        }
        StunServer server = new StunServer(channel);
        Thread thread = new Thread(server::serve, "fabric-stun");
        thread.setDaemon(true);
        thread.start();
        return server;
    }

    int port() throws IOException {
        return ((InetSocketAddress) channel.getLocalAddress()).getPort();
    }

    private void serve() {
        ByteBuffer buffer = ByteBuffer.allocate(Stun.MAX_BYTES + 1);
        while (channel.isOpen()) {
            try {
                buffer.clear();
                if (channel.receive(buffer) instanceof InetSocketAddress from) {
                    buffer.flip();
                    byte[] datagram = new byte[buffer.remaining()];
                    buffer.get(datagram);
                    answer(datagram, from);
                }
            } catch (ClosedChannelException e) {
                return;
            } catch (IOException e) {
                LOGGER.log(Level.ERROR, "STUN is not answered any more: {0}", e.getMessage());
                return;
            }
        }
    }

    private void answer(byte[] datagram, InetSocketAddress from) throws ClosedChannelException {
        if (from.getPort() == 0) {
            return;
        }
        Endpoint source = new Endpoint(Address.of(from.getAddress()), from.getPort());
        Optional<byte[]> answer = Stun.answer(datagram, source);
        if (answer.isPresent() && limit.take(source.address().toString()) && inAll.take("all")) {
            send(answer.get(), from);
        }
    }

    private void send(byte[] answer, InetSocketAddress to) throws ClosedChannelException {
        try {
            var unused = channel.send(ByteBuffer.wrap(answer), to);
        } catch (ClosedChannelException e) {
            throw e;
        } catch (IOException e) {
            // Such as a network that is not reachable: it concerns one client.
            LOGGER.log(Level.DEBUG, "a STUN answer was not sent: {0}", e.getMessage());
        }
    }

    @Override
    public void close() throws IOException {
        channel.close();
    }
}
