package io.wgfabric.agent.nat;

import io.wgfabric.api.Bytes;
import io.wgfabric.api.Endpoint;
import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetSocketAddress;
import java.net.SocketTimeoutException;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.Arrays;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/** Asks a STUN server where a socket's datagrams come from. Thread-safe; one socket is for one question at a time. */
public final class StunClient {
    /** Until the request is sent again; then twice as long each time (RFC 8489 section 6.2.1). */
    private static final Duration FIRST_WAIT = Duration.ofMillis(500);

    private static final SecureRandom RANDOM = new SecureRandom();

    private StunClient() {}

    /**
     * Blocks until the answer comes, for at most {@code patience}. What others send to the socket meanwhile is read and
     * dropped.
     *
     * @return nothing if no answer came
     * @throws IOException if the socket cannot send or read
     */
    public static Optional<Endpoint> ask(DatagramSocket socket, InetSocketAddress server, Duration patience)
            throws IOException {
        byte[] id = new byte[Stun.TRANSACTION_BYTES];
        RANDOM.nextBytes(id);
        Bytes transaction = Bytes.of(id);
        byte[] request = Stun.request(transaction);
        long end = System.nanoTime() + patience.toNanos();
        long wait = FIRST_WAIT.toNanos();
        while (System.nanoTime() < end) {
            socket.send(new DatagramPacket(request, request.length, server));
            Optional<Endpoint> answer = await(socket, server, transaction, Math.min(end, System.nanoTime() + wait));
            if (answer.isPresent()) {
                return answer;
            }
            wait *= 2;
        }
        return Optional.empty();
    }

    private static Optional<Endpoint> await(
            DatagramSocket socket, InetSocketAddress server, Bytes transaction, long until) throws IOException {
        DatagramPacket packet = new DatagramPacket(new byte[Stun.MAX_BYTES + 1], Stun.MAX_BYTES + 1);
        while (true) {
            long millis = TimeUnit.NANOSECONDS.toMillis(until - System.nanoTime());
            if (millis <= 0) {
                return Optional.empty();
            }
            socket.setSoTimeout((int) Math.min(Integer.MAX_VALUE, millis));
            packet.setLength(packet.getData().length);
            try {
                socket.receive(packet);
            } catch (SocketTimeoutException e) {
                return Optional.empty();
            }
            if (packet.getSocketAddress().equals(server)) {
                byte[] datagram = Arrays.copyOf(packet.getData(), packet.getLength());
                Optional<Endpoint> mapped = Stun.mapped(datagram, transaction);
                if (mapped.isPresent()) {
                    return mapped;
                }
            }
        }
    }
}
