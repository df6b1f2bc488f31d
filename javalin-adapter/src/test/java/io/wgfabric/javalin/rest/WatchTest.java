package io.wgfabric.javalin.rest;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.wgfabric.api.Address;
import io.wgfabric.api.Command;
import io.wgfabric.api.NodeEndpoints;
import io.wgfabric.api.NodeId;
import io.wgfabric.api.Role;
import io.wgfabric.core.codec.Json;
import io.wgfabric.core.netmap.Netmap;
import io.wgfabric.core.netmap.NetmapVerifier;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.function.UnaryOperator;
import javax.net.ssl.SSLSocket;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.NullNode;

@Timeout(120)
class WatchTest {
    private LoneManager manager = LoneManager.start();

    @AfterEach
    void stop() {
        manager.close();
    }

    /** A stream's lines. */
    private final class Lines implements AutoCloseable {
        private final BufferedReader reader;

        Lines(Client client) throws Exception {
            InputStream stream = client.open("/v1/watch");
            reader = new BufferedReader(new InputStreamReader(stream, StandardCharsets.UTF_8));
        }

        JsonNode next() {
            try {
                String line = reader.readLine();
                return line == null ? NullNode.getInstance() : Json.mapper().readTree(line);
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }

        boolean isOver() throws IOException {
            return reader.readLine() == null;
        }

        /** What the next line of this kind says. */
        JsonNode next(String kind) {
            return line(kind).path(kind);
        }

        /** The whole of the next line of this kind. */
        JsonNode line(String kind) {
            while (true) {
                JsonNode line = next();
                if (line.isNull() || line.has(kind)) {
                    return line;
                }
            }
        }

        Netmap netmap() {
            return verify(next("netmap").asString());
        }

        @Override
        public void close() throws IOException {
            reader.close();
        }
    }

    private Netmap verify(String signed) {
        return new NetmapVerifier(manager.core.keyring().cluster(), manager.core.keyring()::authorities, manager.clock)
                .verify(signed);
    }

    private long revision() {
        return manager.core.fabric().view().revision().number();
    }

    private int watchers() throws Exception {
        String metrics = manager.operator().ask("GET", "/metrics").body();
        return metrics.lines()
                .filter(line -> line.startsWith("fabric_watchers "))
                .mapToInt(line -> (int) Double.parseDouble(line.split(" ", -1)[1]))
                .sum();
    }

    @Test
    void beginsWithTheConfigurationAndTellsEachChange() throws Exception {
        LoneManager.Joined peer = manager.join("watching");
        try (Lines lines = new Lines(manager.as(peer))) {
            assertTrue(lines.netmap().member(peer.id()).isPresent());

            NodeId late = manager.join("late").id();

            assertTrue(lines.netmap().member(late).isPresent());
        }
    }

    @Test
    void saysThatItLivesWhenNothingChanges() throws Exception {
        LoneManager.Joined peer = manager.join("watching");
        try (Lines lines = new Lines(manager.as(peer))) {
            lines.netmap();

            assertEquals(
                    manager.core.fabric().view().revision().number(),
                    lines.next("ping").asLong());
        }
    }

    @Test
    void keepsSilentAboutWhatNodesAreNotTold() throws Exception {
        LoneManager.Joined peer = manager.join("watching");
        try (Lines lines = new Lines(manager.as(peer))) {
            lines.netmap();
            manager.token(Role.PEER, 1);

            assertTrue(lines.next().has("ping"));
        }
    }

    @Test
    void quarantinedNodeHearsWhyAndTheStreamEnds() throws Exception {
        LoneManager.Joined peer = manager.join("watching");
        try (Lines lines = new Lines(manager.as(peer))) {
            lines.netmap();
            manager.submit(new Command.QuarantineNode(peer.id(), "laptop lost"));

            JsonNode last = lines.line("gone");
            assertEquals("quarantined: laptop lost", last.path("gone").asString());
            assertEquals(revision(), last.path("revision").asLong());
            assertTrue(lines.isOver());
        }
        Reply reply = manager.as(peer).ask("GET", "/v1/netmap");
        assertEquals(403, reply.status());
        assertEquals(revision(), reply.json().path("revision").asLong());
        assertEquals("node-quarantined", reply.slug());
    }

    @Test
    void removedNodeHearsWhyAndTheStreamEnds() throws Exception {
        LoneManager.Joined peer = manager.join("watching");
        try (Lines lines = new Lines(manager.as(peer))) {
            lines.netmap();
            manager.submit(new Command.RemoveNode(peer.id(), "test"));

            JsonNode last = lines.line("gone");
            assertTrue(last.path("gone").asString().startsWith("removed: "));
            assertEquals(revision(), last.path("revision").asLong());
            assertTrue(lines.isOver());
        }
        Reply reply = manager.as(peer).ask("GET", "/v1/netmap");
        assertEquals("node-removed", reply.slug());
        assertEquals(revision(), reply.json().path("revision").asLong());
    }

    @Test
    void watchersAreSentElsewhereWhileNobodyLeads() throws Exception {
        LoneManager.Joined peer = manager.join("watching");
        try (Lines lines = new Lines(manager.as(peer))) {
            lines.netmap();
            manager.log.loseLeader();
            await().atMost(Duration.ofSeconds(20)).until(() -> watchers() == 0);
        }
        assertUnavailable(manager.as(peer));

        manager.log.stage(UnaryOperator.identity());
        await().atMost(Duration.ofSeconds(10)).until(() -> serves(peer));
    }

    private boolean serves(LoneManager.Joined peer) throws Exception {
        try (InputStream stream = manager.as(peer).open("/v1/watch")) {
            return stream.read() > 0;
        } catch (IOException e) {
            return false;
        }
    }

    @Test
    void watchersAreSentElsewhereOnceTheReplicaHasStopped() throws Exception {
        LoneManager.Joined peer = manager.join("watching");
        try (Lines lines = new Lines(manager.as(peer))) {
            lines.netmap();
            manager.log.halt(new IOException("no space left"));
            await().atMost(Duration.ofSeconds(3)).until(() -> watchers() == 0);
        }
        assertUnavailable(manager.as(peer));
    }

    private static void assertUnavailable(Client client) throws Exception {
        Reply refused = client.ask("GET", "/v1/watch");
        assertEquals(503, refused.status());
        assertEquals("unavailable", refused.slug());
        assertEquals("1", refused.retryAfter());
    }

    @Test
    void clientThatGoesIsForgotten() throws Exception {
        LoneManager.Joined peer = manager.join("watching");
        try (Lines lines = new Lines(manager.as(peer))) {
            lines.netmap();
            assertEquals(1, watchers());
        }
        await().atMost(Duration.ofSeconds(10)).until(() -> watchers() == 0);
    }

    /** Reads nothing after the first bytes; with a small window the server can soon send no more. */
    private SSLSocket stalled(LoneManager.Joined peer) throws Exception {
        SSLSocket socket = (SSLSocket) peer.tls().getSocketFactory().createSocket();
        socket.setReceiveBufferSize(4096);
        socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), manager.port()));
        socket.getOutputStream().write("GET /v1/watch HTTP/1.1\r\nHost: m\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
        socket.getOutputStream().flush();
        assertTrue(socket.getInputStream().read() > 0);
        return socket;
    }

    /** So many members that a few configurations fill any socket's buffers. */
    private void growTo(int members) {
        for (int i = 0; i < members; i++) {
            manager.submit(new Command.JoinNode(
                    manager.token(Role.PEER, 1).token().id(),
                    NodeId.of(1000 + i),
                    Role.PEER,
                    null,
                    LoneManager.newKeys(),
                    LoneManager.endpoints(),
                    null));
        }
    }

    private void change(NodeId node, int number) {
        manager.submit(new Command.UpdateNode(
                node, new NodeEndpoints(List.of(Address.parse("192.0.2.7")), 10_000 + number, 60_000), null));
    }

    @Test
    void stalledClientHoldsUpNobody() throws Exception {
        growTo(300);
        LoneManager.Joined lazy = manager.join("lazy");
        LoneManager.Joined brisk = manager.join("brisk");
        try (SSLSocket socket = stalled(lazy);
                Lines lines = new Lines(manager.as(brisk))) {
            lines.netmap();
            for (int number = 0; number < 100; number++) {
                change(brisk.id(), number);
                int wanted = 10_000 + number;
                Netmap netmap = lines.netmap();
                while (netmap.member(brisk.id()).orElseThrow().endpoints().mainPort() != wanted) {
                    netmap = lines.netmap();
                }
            }
            assertTrue(socket.isConnected());
        }
    }

    @Test
    void stalledConnectionIsDropped() throws Exception {
        restart(Duration.ofSeconds(1));
        LoneManager.Joined lazy = manager.join("lazy");
        try (SSLSocket socket = stalled(lazy)) {
            changeUntilDropped(lazy);
            assertTrue(socket.isConnected());
        }
    }

    @Test
    void stalledStreamIsDroppedAndItsConnectionGoesOn() throws Exception {
        restart(Duration.ofSeconds(1));
        LoneManager.Joined lazy = manager.join("lazy");
        String window = "jdk.httpclient.windowsize";
        System.setProperty(window, "65536");
        Client client = manager.as(lazy);
        try (InputStream unread = client.open("/v1/watch")) {
            assertTrue(unread.read() >= 0);
            changeUntilDropped(lazy);
            assertEquals(200, client.ask("GET", "/v1/netmap").status());
        } finally {
            System.clearProperty(window);
        }
    }

    private void restart(Duration stall) {
        manager.close();
        manager = LoneManager.start(stall);
        growTo(300);
    }

    private void changeUntilDropped(LoneManager.Joined lazy) {
        await().until(() -> watchers() == 1);
        int[] number = {0};
        await().atMost(Duration.ofSeconds(90))
                .pollInterval(Duration.ofMillis(20))
                .until(() -> {
                    change(lazy.id(), number[0]++);
                    return watchers() == 0;
                });
        assertNull(manager.core.fabric().halted());
    }
}
