package io.wgfabric.javalin.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.wgfabric.agent.nat.Stun;
import io.wgfabric.agent.nat.StunClient;
import io.wgfabric.api.Address;
import io.wgfabric.api.Bytes;
import io.wgfabric.api.Endpoint;
import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketTimeoutException;
import java.time.Duration;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class StunServerTest {
    private static final Duration PATIENCE = Duration.ofSeconds(30);

    private static DatagramSocket socket(String address) throws IOException {
        return new DatagramSocket(at(address, 0));
    }

    private static InetSocketAddress at(String address, int port) throws IOException {
        return new InetSocketAddress(
                InetAddress.getByAddress(Address.parse(address).bytes()), port);
    }

    @Test
    void clientLearnsWhereItsDatagramsComeFrom() throws Exception {
        try (StunServer server = StunServer.start("127.0.0.1", 0);
                DatagramSocket socket = socket("127.0.0.1")) {
            Optional<Endpoint> seen = StunClient.ask(socket, at("127.0.0.1", server.port()), PATIENCE);

            assertEquals(Optional.of(new Endpoint(Address.parse("127.0.0.1"), socket.getLocalPort())), seen);
        }
    }

    @Test
    void whatOthersSendMeanwhileIsDropped() throws Exception {
        try (StunServer server = StunServer.start("127.0.0.1", 0);
                DatagramSocket stranger = socket("127.0.0.1");
                DatagramSocket socket = socket("127.0.0.1")) {
            InetSocketAddress client = at("127.0.0.1", socket.getLocalPort());
            byte[] noise = new byte[600];
            for (int i = 0; i < 20; i++) {
                stranger.send(new DatagramPacket(noise, noise.length - i, client));
            }

            assertTrue(StunClient.ask(socket, at("127.0.0.1", server.port()), PATIENCE)
                    .isPresent());
        }
    }

    @Test
    void nobodyThereMeansNoAnswerInTheEnd() throws Exception {
        try (DatagramSocket silent = socket("127.0.0.1");
                DatagramSocket socket = socket("127.0.0.1")) {
            assertEquals(
                    Optional.empty(),
                    StunClient.ask(socket, at("127.0.0.1", silent.getLocalPort()), Duration.ofMillis(700)));
        }
    }

    /** Forged requests in somebody's name must not become a flood of answers. */
    @Test
    void sourceThatAsksTooMuchIsNotAnswered() throws Exception {
        try (StunServer server = StunServer.start("127.0.0.1", 0);
                DatagramSocket socket = socket("127.0.0.1")) {
            byte[] request = Stun.request(Bytes.of(new byte[Stun.TRANSACTION_BYTES]));
            InetSocketAddress to = at("127.0.0.1", server.port());
            DatagramPacket answer = new DatagramPacket(new byte[Stun.MAX_BYTES], Stun.MAX_BYTES);
            socket.setSoTimeout(300);
            long began = System.nanoTime();
            int answered = 0;
            try {
                // One at a time, so that no buffer overflows: the first that stays without an answer was refused.
                while (answered < 100 * StunServer.BURST) {
                    socket.send(new DatagramPacket(request, request.length, to));
                    socket.receive(answer);
                    answered++;
                }
            } catch (SocketTimeoutException e) {
                double seconds = (System.nanoTime() - began) * 1e-9;
                assertTrue(answered >= StunServer.BURST, answered + " answers");
                assertTrue(
                        answered <= StunServer.BURST + StunServer.PER_SECOND * seconds + 1,
                        answered + " answers in " + seconds + " s");
                return;
            }
            throw new AssertionError("all " + answered + " requests were answered");
        }
    }
}
