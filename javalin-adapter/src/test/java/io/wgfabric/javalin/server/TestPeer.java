package io.wgfabric.javalin.server;

import static org.awaitility.Awaitility.await;

import io.wgfabric.agent.ControlClient;
import io.wgfabric.agent.ControlException;
import io.wgfabric.agent.Join;
import io.wgfabric.agent.NetmapGuard;
import io.wgfabric.agent.NodeClients;
import io.wgfabric.agent.NodeStore;
import io.wgfabric.api.NodeId;
import io.wgfabric.api.NodeName;
import io.wgfabric.api.Revision;
import io.wgfabric.api.Role;
import io.wgfabric.core.ClusterKeyring;
import io.wgfabric.core.crypto.Sealer;
import io.wgfabric.core.netmap.Netmap;
import io.wgfabric.core.netmap.NetmapVerifier;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import java.util.UUID;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** A peer without an interface: it joins, asks for configurations, and believes what an agent would. */
final class TestPeer {
    private final NodeStore store;
    private final NetmapGuard guard;

    private TestPeer(NodeStore store) throws IOException {
        this.store = store;
        NodeStore.Identity identity = store.identity();
        guard = new NetmapGuard(
                store,
                identity.node(),
                new NetmapVerifier(identity.cluster(), store::believed, InstantSource.system()));
    }

    /** @param folder the node is named after it */
    static TestPeer join(Path folder, String token) throws IOException {
        NodeStore store = new NodeStore(folder);
        Join.join(
                store,
                new Join.Plan(
                        token,
                        Role.PEER,
                        new NodeName(String.valueOf(folder.getFileName())),
                        null,
                        TestCluster.freePort(),
                        TestCluster.freePort(),
                        "127.0.0.1",
                        null));
        return new TestPeer(store);
    }

    /** The same node after a restart of its agent. */
    TestPeer restarted() throws IOException {
        return new TestPeer(store);
    }

    /** What the node knows of itself. */
    NodeStore store() {
        return store;
    }

    NodeId id() throws IOException {
        return store.identity().node();
    }

    Netmap admit(String compact) throws IOException {
        return guard.admit(compact);
    }

    /** What the managers that the node knows offer it. */
    String ask() throws IOException {
        return ask(NodeClients.of(store));
    }

    /** The same, as often as it takes to reach one: this machine may be busy. */
    String offered() throws IOException {
        return patiently(NodeClients.of(store));
    }

    /** What a manager at this place offers it. */
    String offered(String api) throws IOException {
        return patiently(NodeClients.of(store, List.of(api)));
    }

    private static String ask(ControlClient client) {
        return client.call("GET", "/v1/netmap", null, String.class);
    }

    /** Asks again under the same request id as long as no manager answers: this machine may be busy. */
    static <T> T patiently(ControlClient client, String method, String path, @Nullable Object body, Class<T> answer) {
        String request = UUID.randomUUID().toString();
        return patiently(() -> client.call(method, path, body, answer, request));
    }

    /** Tries again as long as no manager answers. */
    static <T> T patiently(Callable<T> call) {
        return await().atMost(Duration.ofMinutes(2))
                .ignoreExceptionsMatching(e -> e instanceof ControlException unanswered && !unanswered.isRefusal())
                .until(call, Objects::nonNull);
    }

    private static String patiently(ControlClient client) {
        return await().atMost(Duration.ofSeconds(60))
                .ignoreExceptionsMatching(e -> e instanceof ControlException unanswered && !unanswered.isRefusal())
                .until(() -> ask(client), text -> !text.isEmpty());
    }

    /** A configuration of another edition, signed as the cluster's managers sign. */
    static String late(FabricServer server, byte[] sealingKey, Netmap like, long epoch, Revision revision) {
        return ClusterKeyring.open(server.fabric().view(), new Sealer(sealingKey))
                .signer()
                .sign(new Netmap(like.cluster(), epoch, revision, like.mtu(), like.pools(), like.members()));
    }

    static void delete(Path top) throws IOException {
        try (Stream<Path> tree = Files.walk(top)) {
            for (Path path : tree.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(path);
            }
        }
    }
}
