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
import io.wgfabric.api.TokenId;
import io.wgfabric.core.codec.Json;
import io.wgfabric.core.netmap.Netmap;
import io.wgfabric.core.netmap.NetmapVerifier;
import io.wgfabric.core.netmap.SignedNetmap;
import io.wgfabric.core.netmap.VerifiedNetmap;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.UnaryOperator;
import javax.net.ssl.SSLSocket;
import org.jspecify.annotations.Nullable;
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

    /** A stream's lines, and what they lead to. */
    private final class Lines implements AutoCloseable {
        private final BufferedReader reader;
        private @Nullable VerifiedNetmap have;
        private int deltas;
        private long bytes;

        Lines(Client client) throws Exception {
            this(client, "");
        }

        Lines(Client client, String query) throws Exception {
            InputStream stream = client.open("/v1/watch" + query);
            reader = new BufferedReader(new InputStreamReader(stream, StandardCharsets.UTF_8));
        }

        JsonNode next() {
            try {
                String line = reader.readLine();
                if (line == null) {
                    return NullNode.getInstance();
                }
                bytes += line.length() + 1;
                JsonNode read = Json.mapper().readTree(line);
                if (read.has("netmap")) {
                    List<String> followed = new ArrayList<>();
                    read.path("deltas").forEach(delta -> followed.add(delta.asString()));
                    have = verifier()
                            .verify(new SignedNetmap(read.path("netmap").asString(), followed), 1);
                } else if (read.has("delta")) {
                    have = verifier().follow(Objects.requireNonNull(have), line, 1);
                    deltas++;
                }
                return read;
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

        /** The next configuration, whole or by a delta. */
        Netmap netmap() {
            JsonNode line = next();
            while (!line.isNull() && !line.has("netmap") && !line.has("delta")) {
                line = next();
            }
            return Objects.requireNonNull(have).netmap();
        }

        @Override
        public void close() throws IOException {
            reader.close();
        }
    }

    private NetmapVerifier verifier() {
        return new NetmapVerifier(manager.core.keyring().cluster(), manager.core.keyring()::authorities, manager.clock);
    }

    /** What a node says that has what it got when it joined. */
    private String query(LoneManager.Joined node) {
        VerifiedNetmap got =
                verifier().verify(Objects.requireNonNull(node.answer().signed()), 1);
        return "?epoch=" + got.edition().epoch() + "&revision=" + got.edition().revision() + "&signer=" + got.signer();
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
    void aSpokeIsNotToldOfAnother() throws Exception {
        LoneManager.Joined spoke = manager.join("spoke");
        LoneManager.Joined other = manager.join("other");
        assertEquals(
                200,
                manager.operator()
                        .ask("PUT", "/v1/mesh", Map.of("topology", "hub"))
                        .status());
        try (Lines lines = new Lines(manager.as(spoke))) {
            Netmap first = lines.netmap();
            assertTrue(first.member(spoke.id()).isPresent());
            assertTrue(first.member(other.id()).isEmpty());

            assertEquals(
                    200,
                    manager.operator()
                            .ask("POST", "/v1/nodes/other/rotate", Map.of())
                            .status());
            manager.join("late");
            assertEquals(
                    200,
                    manager.operator()
                            .ask("POST", "/v1/nodes/spoke/rotate", Map.of())
                            .status());

            Netmap next = lines.netmap();
            assertEquals(1, lines.deltas);
            assertTrue(next.member(spoke.id()).orElseThrow().rotation() != null);
            assertEquals(first.members().size(), next.members().size());
        }
    }

    @Test
    void whoHasAConfigurationIsToldWhatFollowsIt() throws Exception {
        LoneManager.Joined peer = manager.join("watching");
        manager.join("other");
        manager.join("third");
        try (Lines lines = new Lines(manager.as(peer), query(peer))) {
            lines.have = verifier().verify(Objects.requireNonNull(peer.answer().signed()), 1);

            Netmap netmap = lines.netmap();
            while (netmap.members().size() < 4) {
                netmap = lines.netmap();
            }

            assertTrue(lines.deltas > 0, "told by deltas");
            assertTrue(
                    netmap.saysTheSameAs(Netmap.of(manager.core.fabric().view()).orElseThrow()));
        }
    }

    @Test
    void whoHasTheNewestConfigurationIsToldNothing() throws Exception {
        LoneManager.Joined peer = manager.join("watching");
        try (Lines lines = new Lines(manager.as(peer), query(peer))) {
            assertTrue(lines.next().has("ping"));
        }
    }

    @Test
    void whoKnowsNoSignerGetsAFullConfigurationThatIsNotOlderThanWhatItHasSeen() throws Exception {
        LoneManager.Joined peer = manager.join("watching");
        // A later state that says the same: what was signed before it is older than what the node claims to have seen.
        manager.token(Role.PEER, 1);
        long seen = revision();
        try (Lines lines = new Lines(manager.as(peer), "?epoch=1&revision=" + seen)) {
            assertEquals(seen, lines.netmap().revision().number());
            assertEquals(0, lines.deltas);
        }
    }

    @Test
    void aNodeThatHasSeenMoreThanThisManagerIsToldNothingOlder() throws Exception {
        LoneManager.Joined peer = manager.join("watching");
        long ahead = revision() + 2;
        try (Lines lines = new Lines(manager.as(peer), "?epoch=1&revision=" + ahead)) {
            assertTrue(lines.next().has("ping"));
            manager.token(Role.PEER, 1);
            manager.join("late");
            assertTrue(lines.netmap().revision().number() >= ahead);
        }
    }

    @Test
    void aQuestionThatCannotBeReadIsRefused() throws Exception {
        Client client = manager.as(manager.join("watching"));
        for (String query : List.of(
                "?epoch=1",
                "?revision=x&epoch=1",
                "?epoch=-1&revision=1",
                "?signer=a",
                "?epoch=1&revision=1&signer=" + "a".repeat(44))) {
            Reply refused = client.ask("GET", "/v1/watch" + query);
            assertEquals(400, refused.status(), query);
            assertEquals("invalid", refused.slug(), query);
        }
    }

    /** One signature and one short line for a change, however many there are to tell. */
    @Test
    void aChangeIsSignedOnceForAHundredWatchers() throws Exception {
        growTo(100);
        LoneManager.Joined peer = manager.join("watching");
        List<Lines> all = new ArrayList<>();
        Client client = manager.as(peer);
        try {
            for (int i = 0; i < 100; i++) {
                all.add(new Lines(client));
            }
            for (Lines lines : all) {
                lines.netmap();
            }
            long before = manager.core.keyring().signer().signatures();
            long bytes = all.get(0).bytes;
            change(peer.id(), 7);
            for (Lines lines : all) {
                assertEquals(
                        10_007,
                        lines.netmap()
                                .member(peer.id())
                                .orElseThrow()
                                .endpoints()
                                .mainPort());
            }
            assertEquals(1, manager.core.keyring().signer().signatures() - before);
            assertTrue(all.get(0).bytes - bytes <= 700, (all.get(0).bytes - bytes) + " bytes for a change");
        } finally {
            for (Lines lines : all) {
                lines.close();
            }
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
        assertTrue(reply.body().contains(": removed: "), reply::body);
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

    private void growTo(int members) {
        TokenId token = manager.token(Role.PEER, members).token().id();
        for (int i = 0; i < members; i++) {
            manager.submit(new Command.JoinNode(
                    token, NodeId.of(1000 + i), Role.PEER, null, LoneManager.newKeys(), LoneManager.endpoints(), null));
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
        // So many that one full configuration, of 600 bytes each, is more than the 4 MiB that Linux buffers at most.
        restart(Duration.ofSeconds(1), 9_000);
        LoneManager.Joined lazy = manager.join("lazy");
        try (SSLSocket socket = stalled(lazy)) {
            changeUntilDropped(lazy);
            assertTrue(socket.isConnected());
        }
    }

    @Test
    void stalledStreamIsDroppedAndItsConnectionGoesOn() throws Exception {
        restart(Duration.ofSeconds(1), 300);
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

    private void restart(Duration stall, int members) {
        manager.close();
        manager = LoneManager.start(stall);
        growTo(members);
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
