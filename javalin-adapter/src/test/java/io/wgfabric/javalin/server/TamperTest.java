package io.wgfabric.javalin.server;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.wgfabric.agent.Agent;
import io.wgfabric.agent.ControlClient;
import io.wgfabric.agent.Join;
import io.wgfabric.agent.NodeStore;
import io.wgfabric.agent.wireguard.ActualNetwork;
import io.wgfabric.agent.wireguard.ActualPlane;
import io.wgfabric.agent.wireguard.Change;
import io.wgfabric.agent.wireguard.Tunnel;
import io.wgfabric.api.Actor;
import io.wgfabric.api.Address;
import io.wgfabric.api.ClusterId;
import io.wgfabric.api.Command;
import io.wgfabric.api.NodeEndpoints;
import io.wgfabric.api.NodeId;
import io.wgfabric.api.NodeKeys;
import io.wgfabric.api.NodeName;
import io.wgfabric.api.PublicKey;
import io.wgfabric.api.RequestId;
import io.wgfabric.api.Role;
import io.wgfabric.core.EmbeddedFabric;
import io.wgfabric.core.codec.Json;
import io.wgfabric.core.crypto.CertificateAuthority;
import io.wgfabric.core.crypto.JoinToken;
import io.wgfabric.core.crypto.Keys;
import io.wgfabric.core.netmap.NetmapDelta;
import io.wgfabric.core.netmap.NetmapSigner;
import io.wgfabric.core.netmap.SignedDelta;
import io.wgfabric.javalin.server.TakenOverManager.Tamper;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.KeyPair;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.UUID;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/**
 * A real agent that listens to a manager which was taken over: whatever that one makes of what the honest one says, the
 * agent's tunnels stay as they are, and follow once what it says is honest again.
 */
@Timeout(300)
class TamperTest {
    private static final Duration PATIENCE = Duration.ofSeconds(60);
    private static final SecureRandom RANDOM = new SecureRandom();

    @TempDir
    @SuppressWarnings("NullAway.Init")
    private Path root;

    private final AtomicInteger struck = new AtomicInteger();
    private final Recorder tunnel = new Recorder();

    @SuppressWarnings("NullAway.Init")
    private FabricServer server;

    @SuppressWarnings("NullAway.Init")
    private TakenOverManager between;

    @SuppressWarnings("NullAway.Init")
    private ControlClient operator;

    @SuppressWarnings("NullAway.Init")
    private NodeStore node;

    @SuppressWarnings("NullAway.Init")
    private Agent agent;

    /** In place of interfaces: each time it is asked for all of them, since it never has any. */
    private static final class Recorder implements Tunnel {
        /** The peers of each whole plan that differs from the one before. */
        private final List<Set<String>> plans = new CopyOnWriteArrayList<>();

        private final AtomicInteger looks = new AtomicInteger();

        @Override
        public ActualNetwork read() {
            looks.incrementAndGet();
            return new ActualNetwork(ActualPlane.absent(), ActualPlane.absent());
        }

        @Override
        public void apply(List<Change> changes) {
            Set<String> peers = new TreeSet<>();
            for (Change change : changes) {
                if (change instanceof Change.SetPrivateKey whole) {
                    whole.peers().forEach(peer -> peers.add(peer.toString()));
                } else if (change instanceof Change.PeerChange) {
                    peers.add(change.toString());
                }
            }
            if (!changes.isEmpty()
                    && (plans.isEmpty() || !plans.get(plans.size() - 1).equals(peers))) {
                plans.add(peers);
            }
        }

        @Override
        public void tearDown() {
            plans.add(Set.of("torn down"));
        }

        @Override
        public String backend() {
            return "none";
        }

        boolean has(PublicKey key) {
            return !plans.isEmpty()
                    && plans.get(plans.size() - 1).stream().anyMatch(change -> change.contains(key.toString()));
        }
    }

    @BeforeEach
    void start() throws Exception {
        int advertised = TestCluster.freePort();
        int honest = TestCluster.freePort();
        Settings plain = TestCluster.settings("m1");
        Settings settings = new Settings(
                "m1",
                "127.0.0.1",
                advertised,
                "127.0.0.1",
                honest,
                plain.replicationPort(),
                plain.wireguardPort(),
                plain.sparePort(),
                0,
                "wgf0",
                false);
        server = FabricServer.init(root.resolve("m1"), settings, TestCluster.pools(), TestCluster.environment());
        between = new TakenOverManager(new NodeStore(root.resolve("m1/node")), advertised, honest);
        operator = Access.folder(root.resolve("m1"));
        operator.setManagers(List.of("127.0.0.1:" + honest));
        node = new NodeStore(root.resolve("peer"));
        Join.join(
                node,
                new Join.Plan(
                        TestCluster.token(server, Role.PEER, 1),
                        Role.PEER,
                        new NodeName("peer"),
                        null,
                        TestCluster.freePort(),
                        TestCluster.freePort(),
                        "127.0.0.1",
                        null));
        between.serve(node);
        agent = Agent.start(node, List.of(), tunnel);
        PublicKey first = addPeer();
        await().atMost(PATIENCE).until(() -> tunnel.has(first));
    }

    @AfterEach
    void stop() {
        agent.close();
        between.close();
        server.close();
    }

    private PublicKey addPeer() {
        NodeKeys keys = new NodeKeys(key(), key());
        JoinToken token = JoinToken.peek(TestCluster.token(server, Role.PEER, 1));
        server.fabric()
                .submit(
                        Actor.system("test"),
                        new RequestId(UUID.randomUUID().toString()),
                        new Command.JoinNode(
                                token.id(),
                                NodeId.of(RANDOM.nextLong()),
                                Role.PEER,
                                null,
                                keys,
                                new NodeEndpoints(List.of(Address.parse("192.0.2.1")), 51820, 51821),
                                null))
                .toCompletableFuture()
                .join()
                .orThrow();
        return keys.main();
    }

    private static PublicKey key() {
        byte[] bytes = new byte[PublicKey.BYTES];
        RANDOM.nextBytes(bytes);
        return PublicKey.of(bytes);
    }

    private JsonNode row() {
        return operator.call("GET", "/v1/nodes/peer", null, JsonNode.class);
    }

    private long refused() {
        return row().path("refused").asLong(0);
    }

    /** @param makes what it sends instead */
    private Tamper instead(UnaryOperator<String> makes) {
        return (line, out) -> {
            struck.incrementAndGet();
            Tamper.send(makes.apply(line), out);
        };
    }

    /** Tampers with the news of a change; then lets the agent hear the truth. */
    private void survives(String what, Tamper tamper, boolean isRefused) {
        List<Set<String>> before = List.copyOf(tunnel.plans);
        long refusedBefore = refused();
        struck.set(0);
        between.tamper(tamper);
        List<PublicKey> news = new ArrayList<>(List.of(addPeer()));
        await(what).atMost(PATIENCE).until(() -> struck.get() > 0);
        news.add(addPeer());
        await(what).atMost(PATIENCE).until(() -> struck.get() > 2);
        if (isRefused) {
            await(what).atMost(PATIENCE).until(() -> refused() > refusedBefore);
        }
        int looks = tunnel.looks.get();
        await(what).atMost(PATIENCE).until(() -> tunnel.looks.get() > looks + 1);
        assertEquals(before, tunnel.plans, what + ": the tunnels were touched");

        between.tamper(Tamper.NONE);
        await(what).atMost(PATIENCE).until(() -> news.stream().allMatch(tunnel::has));
    }

    @Test
    void alteredDeltasAreRefused() {
        survives(
                "altered",
                instead(line -> line.startsWith("{\"signature\"")
                        ? line.replaceFirst("\"mainPort\":\\d+", "\"mainPort\":4500")
                        : line.replaceFirst("\\.[A-Za-z0-9_-]{4}", ".AAAA")),
                true);
    }

    @Test
    void forgedDeltasAreRefused() {
        ClusterId cluster = agent.identity().cluster();
        CertificateAuthority own = CertificateAuthority.create(cluster, Keys.generateP256(), Instant.now());
        KeyPair pair = Keys.generateEd25519();
        NetmapSigner forger = new NetmapSigner(
                pair.getPrivate(),
                own.issueConfigSigner(cluster, 1, pair.getPublic(), Instant.now()),
                own.certificate());
        survives(
                "forged",
                instead(line -> line.startsWith("{\"signature\"")
                        ? forger.sign(Json.mapper()
                                        .readValue(SignedDelta.parse(line).payload(), NetmapDelta.class))
                                .line()
                        : line),
                true);
    }

    @Test
    void replayedDeltasAndConfigurationsAreRefused() throws IOException {
        String delta = between.heard().get(0);
        assertTrue(delta.startsWith("{\"signature\""), delta);
        survives("replayed", instead(line -> delta), true);
        String old = node.netmap().orElseThrow().base();
        survives("old", instead(line -> "{\"netmap\":\"" + old + "\"}"), true);
    }

    @Test
    void anotherClustersAreRefused() {
        try (EmbeddedFabric other = EmbeddedFabric.inMemory(TestCluster.pools())) {
            String foreign = other.netmaps().signed(other.fabric().view()).orElseThrow();
            survives("foreign", instead(line -> "{\"netmap\":\"" + foreign + "\"}"), true);
        }
    }

    @Test
    void truncatedLinesAndStreamsThatAreCutMidLineAreOfNoUse() {
        survives("truncated", instead(line -> line.substring(0, line.length() / 2)), false);
        survives(
                "cut",
                (line, out) -> {
                    struck.incrementAndGet();
                    out.write(line.substring(0, line.length() - 30).getBytes(StandardCharsets.UTF_8));
                    out.flush();
                    throw new IOException("cut");
                },
                false);
    }

    @Test
    void reorderedDeltasAreNotFollowed() {
        AtomicReference<String> held = new AtomicReference<>("");
        survives(
                "reordered",
                (line, out) -> {
                    struck.incrementAndGet();
                    String now = line.startsWith("{\"signature\"") ? line : "";
                    String before = held.getAndSet(now);
                    if (!before.isEmpty() && !before.equals(line) && !now.isEmpty()) {
                        Tamper.send(line, out);
                        Tamper.send(before, out);
                    }
                    if (struck.get() > 1) {
                        throw new IOException("so that the agent asks again");
                    }
                },
                false);
    }

    /** Nothing that it is told is false: it is told nothing. */
    @Test
    void aNodeThatIsKeptAtAnOldConfigurationIsNoticed() {
        between.tamper((line, out) -> struck.incrementAndGet());
        PublicKey news = addPeer();
        await().atMost(Duration.ofSeconds(90))
                .until(() -> row().path("drift").asString("").contains("should have"));
        assertTrue(struck.get() > 0);
        assertEquals(false, tunnel.has(news));

        between.tamper(Tamper.NONE);
        addPeer();
        await().atMost(PATIENCE).until(() -> tunnel.has(news));
        await().atMost(PATIENCE).until(() -> row().path("drift").isMissingNode());
    }
}
