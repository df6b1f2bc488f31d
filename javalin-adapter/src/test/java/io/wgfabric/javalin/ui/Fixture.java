package io.wgfabric.javalin.ui;

import io.wgfabric.agent.NodeStore;
import io.wgfabric.api.Actor;
import io.wgfabric.api.Command;
import io.wgfabric.api.Endpoint;
import io.wgfabric.api.NodeId;
import io.wgfabric.api.Operator;
import io.wgfabric.api.Prefix;
import io.wgfabric.api.RequestId;
import io.wgfabric.api.Role;
import io.wgfabric.core.codec.Json;
import io.wgfabric.core.crypto.OperatorCredential;
import io.wgfabric.core.wire.PairReport;
import io.wgfabric.javalin.server.Environment;
import io.wgfabric.javalin.server.FabricServer;
import io.wgfabric.javalin.server.Mesh;
import io.wgfabric.javalin.server.Replication;
import io.wgfabric.javalin.server.Settings;
import io.wgfabric.javalin.server.TestCluster;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;

/**
 * Real managers in this process with their replicated log, REST and TLS, and nodes beside them. None has an interface:
 * what they say of their pairs, managers too, is what a test wants them to say.
 */
final class Fixture implements AutoCloseable {
    private static final List<Prefix> POOLS =
            List.of(Prefix.parse("100.64.0.0/10"), Prefix.parse("fd56:98c9:868b::/64"));

    private final Path root;
    final List<FabricServer> managers = new ArrayList<>();
    final TestNodes nodes;

    Fixture(Path root, int count) throws IOException {
        this(root, count, (name, self, other, id) -> PairReport.direct(id, 7L));
    }

    Fixture(Path root, int count, TestNodes.Say say) throws IOException {
        this.root = root;
        nodes = new TestNodes(root, say);
        Environment environment =
                new Environment(Replication::jgroups, new SpokenMesh(), InstantSource.system(), line -> {});
        managers.add(FabricServer.init(root.resolve("m1"), settings("m1"), POOLS, environment));
        for (int number = 2; number <= count; number++) {
            String name = "m" + number;
            String token = TestCluster.token(managers.get(0), Role.MGMT, 1);
            managers.add(FabricServer.join(root.resolve(name), settings(name), token, environment));
        }
    }

    /** Of a manager that takes part in the mesh. */
    private static Settings settings(String name) {
        Settings free = TestCluster.settings(name);
        return new Settings(
                name,
                free.advertise(),
                free.advertisedPort(),
                free.bind(),
                free.port(),
                free.replicationPort(),
                free.wireguardPort(),
                free.sparePort(),
                0,
                free.interfaceName(),
                true);
    }

    /** Instead of an agent with interfaces somebody speaks for the manager, as long as it runs. */
    private final class SpokenMesh implements Mesh {
        @Override
        public void check(Settings settings) {
            // There is nothing that this machine could lack.
        }

        @Override
        public Running start(NodeStore node, Settings settings) throws IOException {
            nodes.speak(settings.name(), node);
            return new Running() {
                @Override
                public Optional<Endpoint> sees(NodeId other) {
                    return Optional.empty();
                }

                @Override
                public void close() {
                    nodes.silence(settings.name());
                }
            };
        }
    }

    int port() {
        return managers.get(0).settings().port();
    }

    /** The file of the admin that the first manager made. */
    Path admin() {
        return root.resolve("m1").resolve("operator.json");
    }

    /** A file of another operator's. */
    Path operator(Operator.Access access) throws IOException {
        OperatorCredential credential = OperatorCredential.generate();
        submit(new Command.CreateOperator(
                new Operator(credential.id(), access.text() + "-1", access, credential.hash())));
        return Files.writeString(
                root.resolve(access.text() + ".json"),
                Json.mapper().writeValueAsString(Map.of("credential", credential.reveal())));
    }

    void submit(Command command) {
        managers.get(0)
                .fabric()
                .submit(Actor.system("test"), new RequestId(UUID.randomUUID().toString()), command)
                .toCompletableFuture()
                .join()
                .orThrow();
    }

    String token(int uses) {
        return TestCluster.token(managers.get(0), Role.PEER, uses);
    }

    @Override
    public void close() {
        nodes.close();
        managers.forEach(FabricServer::close);
    }
}
