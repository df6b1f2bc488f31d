package io.wgfabric.javalin.server;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.wgfabric.agent.ControlException;
import io.wgfabric.agent.NodeStore;
import io.wgfabric.api.Actor;
import io.wgfabric.api.Cluster;
import io.wgfabric.api.ManagerServices;
import io.wgfabric.api.Node;
import io.wgfabric.api.Role;
import io.wgfabric.core.ReplicatedFabric;
import io.wgfabric.core.codec.Codec;
import io.wgfabric.core.state.Envelope;
import io.wgfabric.core.state.Levels;
import io.wgfabric.javalin.cli.FabricCommand;
import io.wgfabric.jgroups.raft.Entry;
import io.wgfabric.jgroups.raft.Restored;
import io.wgfabric.jgroups.wal.WriteAheadLog;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

/** Managers are upgraded one at a time, and one whose software is too old says so and does not take part. */
@Timeout(120)
class LevelUpgradeTest {
    @TempDir
    @SuppressWarnings("NullAway.Init")
    private Path root;

    @SuppressWarnings("NullAway.Init")
    private TestCluster cluster;

    private final Environment old = TestCluster.environment().withLevel(Levels.FIRST);

    @BeforeEach
    void prepare() {
        cluster = new TestCluster(root);
    }

    @AfterEach
    void stop() {
        cluster.close();
    }

    private static int level(FabricServer server) {
        return server.fabric().view().cluster().map(Cluster::level).orElseThrow();
    }

    /** The manager is back, and has told what it supports now. */
    private static void awaitUpgraded(FabricServer server) {
        await().until(() -> server.fabric().log().status().connected().size() == 3);
        // Longer than a command can be in doubt, after which the manager tells it again.
        await().atMost(ReplicatedFabric.TIMEOUT.multipliedBy(3))
                .until(() -> Objects.requireNonNull(server.self().services()).supports() == Levels.NEWEST);
    }

    @Test
    void newClusterBeginsAtTheNewestLevel() throws Exception {
        assertEquals(Levels.NEWEST, level(cluster.init("m1")));
    }

    @Test
    void levelRisesOnlyAfterTheLastManagerWasUpgraded() throws Exception {
        FabricServer first = cluster.init("m1", old);
        String token = TestCluster.token(first, Role.MGMT, 4);
        List<FabricServer> servers =
                new ArrayList<>(List.of(first, cluster.join("m2", token, old), cluster.join("m3", token, old)));
        assertEquals(Levels.FIRST, level(first));

        for (int i = 0; i < 3; i++) {
            assertEquals(Levels.FIRST, level(servers.get(2)), "before the upgrade of m" + (i + 1));
            ControlException early = assertThrows(ControlException.class, this::rotateSealingKey);
            assertEquals("level-too-low", early.slug());
            assertTrue(String.valueOf(early.getMessage()).contains("m3"), early.getMessage());
            servers.get(i).close();
            FabricServer upgraded = cluster.run("m" + (i + 1));
            servers.set(i, upgraded);
            awaitUpgraded(upgraded);
        }

        for (FabricServer server : servers) {
            await().until(() -> level(server) == Levels.NEWEST);
        }
        rotateSealingKey();
        FabricServer any = servers.get(0);
        assertTrue(any.fabric().view().audit().stream()
                .anyMatch(entry -> entry.action().equals("raise-level")
                        && entry.outcome().equals("accepted")
                        && entry.actor().kind() == Actor.Kind.SYSTEM));

        ControlException refused = assertThrows(ControlException.class, () -> cluster.join("m4", token, old));
        assertEquals("level-too-low", refused.slug());
        assertFalse(Files.exists(cluster.data("m4")));
        assertEquals(2, any.fabric().view().tokens().iterator().next().used());

        servers.get(2).close();
        IOException tooOld = assertThrows(IOException.class, () -> runOld("m3"));
        assertTrue(String.valueOf(tooOld.getMessage()).contains("software is too old"), tooOld.getMessage());
    }

    /** A command of level 2. */
    private void rotateSealingKey() throws IOException {
        Access.folder(cluster.data("m1")).call("POST", "/v1/sealing-key/rotate", null, Void.class);
    }

    /** Whether it is found while the own log is read or when the others bring what is new. */
    private void runOld(String name) throws IOException {
        try {
            cluster.run(name, old);
        } catch (io.wgfabric.core.log.LogException e) {
            throw new IOException(e.getMessage(), e);
        }
    }

    @Test
    void unknownCommandInTheLogIsNamedAndTheProgramEndsInFailure() throws Exception {
        FabricServer server = cluster.init("m1");
        Node self = server.self();
        ManagerServices services = Objects.requireNonNull(self.services());
        assertEquals(Levels.NEWEST, services.supports());
        server.close();
        NodeStore.Identity identity = new NodeStore(DataFolder.nodeFolder(cluster.data("m1"))).identity();
        appendUnknown(cluster.data("m1").resolve("raft"), identity.cluster() + "/" + identity.node());

        StringWriter err = new StringWriter();
        CommandLine line = FabricCommand.commandLine().setErr(new PrintWriter(err));
        int status = line.execute("server", "run", "--data", cluster.data("m1").toString());

        assertEquals(1, status);
        String text = err.toString().strip();
        assertEquals(1, text.lines().count(), text);
        assertTrue(text.contains("software is too old") && text.contains("'fold-space/3'"), text);
    }

    /** What a newer program has committed. */
    private static void appendUnknown(Path raft, String owner) throws IOException {
        try (WriteAheadLog log = WriteAheadLog.open(raft, owner)) {
            Restored restored = log.restored();
            Entry last = restored.entries().get(restored.entries().size() - 1);
            byte[] known = Codec.encode(new Envelope(
                    Instant.EPOCH,
                    Actor.system("newer"),
                    new io.wgfabric.api.RequestId("newer"),
                    new io.wgfabric.api.Command.RaiseLevel(3)));
            byte[] unknown = new String(known, StandardCharsets.UTF_8)
                    .replace("raise-level/1", "fold-space/3")
                    .getBytes(StandardCharsets.UTF_8);
            Entry entry = new Entry(last.index() + 1, last.term(), Entry.Kind.COMMAND, 0, 0, unknown);
            log.append(List.of(entry), entry.index());
        }
    }
}
