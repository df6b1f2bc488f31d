package io.wgfabric.javalin.server;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.wgfabric.agent.ControlClient;
import io.wgfabric.agent.ControlException;
import io.wgfabric.api.Address;
import io.wgfabric.api.FabricView;
import io.wgfabric.api.Role;
import io.wgfabric.javalin.cli.FabricCommand;
import io.wgfabric.javalin.rest.StagedLog;
import io.wgfabric.jgroups.JGroupsLog;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

@Timeout(90)
class FabricServerTest {
    @TempDir
    @SuppressWarnings("NullAway.Init")
    private Path root;

    @SuppressWarnings("NullAway.Init")
    private TestCluster cluster;

    @BeforeEach
    void prepare() {
        cluster = new TestCluster(root);
    }

    @AfterEach
    void stop() {
        cluster.close();
    }

    private static FabricView view(FabricServer server) {
        return server.fabric().view();
    }

    @Test
    void clusterGrowsToThreeManagersThatAgree() throws Exception {
        FabricServer first = cluster.init("m1");
        String token = TestCluster.token(first, Role.MGMT, 2);
        FabricServer second = cluster.join("m2", token);
        FabricServer third = cluster.join("m3", token);

        await().until(() -> first.fabric().log().status().voters().size() == 3);
        await().until(() -> view(third).revision().equals(view(first).revision()));
        assertEquals(view(first).digest(), view(third).digest());
        List<List<Address>> addresses =
                view(second).nodes().stream().map(node -> node.addresses()).toList();
        assertEquals(6, addresses.stream().flatMap(List::stream).distinct().count());
        JsonNode status = Access.folder(cluster.data("m3")).call("GET", "/v1/status", null, JsonNode.class);
        assertEquals("m3", status.path("manager").path("name").asString());
        assertEquals("m1", status.path("leader").path("name").asString());
    }

    @Test
    void clusterGoesOnWithoutItsLeaderWhichComesBack() throws Exception {
        FabricServer first = cluster.init("m1");
        String token = TestCluster.token(first, Role.MGMT, 2);
        FabricServer second = cluster.join("m2", token);
        cluster.join("m3", token);
        await().until(() -> second.fabric().log().status().voters().size() == 3);
        first.close();

        ControlClient client = Access.folder(cluster.data("m2"));
        JsonNode created = client.call("POST", "/v1/tokens", Map.of("role", "peer"), JsonNode.class);
        FabricServer again = cluster.run("m1");

        assertEquals(first.self().id(), again.self().id());
        await().until(() -> view(again).tokens().stream()
                .anyMatch(known -> known.id().text().equals(created.path("id").asString())));
        await().until(() -> view(again).digest().equals(view(second).digest()));
    }

    @Test
    void managerThatComesBackElsewhereTellsSo() throws Exception {
        FabricServer server = cluster.init("m1");
        server.close();
        Settings elsewhere = TestCluster.settings("m1");

        try (FabricServer again = FabricServer.run(cluster.data("m1"), elsewhere, TestCluster.environment())) {
            String api = "127.0.0.1:" + elsewhere.port();
            await().until(() -> again.self().services() != null
                    && again.self().services().api().equals(api));
            assertEquals(elsewhere, FabricServer.settings(cluster.data("m1")));
        }
    }

    @Test
    void removedManagerStops() throws Exception {
        FabricServer first = cluster.init("m1");
        FabricServer second = cluster.join("m2", TestCluster.token(first, Role.MGMT, 1));

        Access.folder(cluster.data("m1")).call("DELETE", "/v1/nodes/m2", null, Void.class);

        assertTrue(second.awaitStop());
        await().until(() -> first.fabric().log().status().voters().size() == 1);
    }

    @Test
    void managerThatWasCutOffWhenItWasRemovedHearsItFromTheOthersAndStops() throws Exception {
        FabricServer first = cluster.init("m1");
        String token = TestCluster.token(first, Role.MGMT, 2);
        cluster.join("m2", token);
        FabricServer third = cluster.join("m3", token);
        ((JGroupsLog) third.fabric().log()).channel().disconnect();

        Access.folder(cluster.data("m1")).call("DELETE", "/v1/nodes/m3", null, Void.class);

        assertTrue(third.awaitStop());
        assertEquals(3, third.fabric().view().nodes().size(), "it knows nothing of it by itself");
    }

    @Test
    void secretsAreForTheOwnerAlone() throws Exception {
        cluster.init("m1");

        for (String secret : List.of("sealing.key", "operator.json", "node/tls.key", "node/wireguard.json", "lock")) {
            assertEquals(
                    "rw-------",
                    PosixFilePermissions.toString(
                            Files.getPosixFilePermissions(cluster.data("m1").resolve(secret))),
                    secret);
        }
        for (String folder : List.of("", "node", "raft")) {
            assertEquals(
                    "rwx------",
                    PosixFilePermissions.toString(
                            Files.getPosixFilePermissions(cluster.data("m1").resolve(folder))),
                    folder);
        }
    }

    @Test
    void refusedTokenLeavesNothingBehind() throws Exception {
        FabricServer first = cluster.init("m1");
        String token = TestCluster.token(first, Role.MGMT, 1);
        String altered = token.substring(0, token.length() - 6) + "AAAAAA";

        ControlException refused = assertThrows(ControlException.class, () -> cluster.join("m2", altered));

        assertEquals("token-malformed", refused.slug());
        assertFalse(Files.exists(cluster.data("m2")));
        assertEquals(1, view(first).nodes().size());
    }

    @Test
    void tokenForPeersIsRefusedBeforeAnythingIsDone() throws Exception {
        FabricServer first = cluster.init("m1");
        String token = TestCluster.token(first, Role.PEER, 1);

        ControlException refused = assertThrows(ControlException.class, () -> cluster.join("m2", token));

        assertEquals("token-wrong-role", refused.slug());
        assertFalse(Files.exists(cluster.data("m2")));
    }

    @Test
    void unreachableManagerLeavesNothingBehind() throws Exception {
        FabricServer first = cluster.init("m1");
        String token = TestCluster.token(first, Role.MGMT, 1);
        first.close();

        ControlException refused = assertThrows(ControlException.class, () -> cluster.join("m2", token));

        assertEquals(ControlException.UNREACHABLE, refused.status());
        assertFalse(Files.exists(cluster.data("m2")));
    }

    @Test
    void takenPortIsFoundBeforeAnythingIsWritten() throws Exception {
        Settings settings = TestCluster.settings("m1");
        try (ServerSocket taken = new ServerSocket(settings.port(), 1, InetAddress.getLoopbackAddress())) {
            IOException refused = assertThrows(
                    IOException.class,
                    () -> FabricServer.init(
                            cluster.data("m1"), settings, TestCluster.pools(), TestCluster.environment()));

            assertTrue(String.valueOf(refused.getMessage()).contains("TCP port " + taken.getLocalPort()));
        }
        assertFalse(Files.exists(cluster.data("m1")));
    }

    @Test
    void folderOfAManagerIsNotTakenForAnother() throws Exception {
        cluster.init("m1").close();

        IOException refused = assertThrows(IOException.class, () -> cluster.init("m1"));

        assertTrue(String.valueOf(refused.getMessage()).contains("fabric server run"));
        assertTrue(Files.exists(cluster.data("m1").resolve("settings.json")));
    }

    /** What an init that was killed before its end leaves. */
    private void unfinishedInit(String name) throws Exception {
        cluster.init(name).close();
        for (String late : List.of("settings.json", "operator.json", "managers.json")) {
            Files.deleteIfExists(cluster.data(name).resolve(late));
        }
    }

    @Test
    void initThatWasKilledIsBegunAgain() throws Exception {
        unfinishedInit("m1");
        String before = Files.readString(cluster.data("m1").resolve("node/node.json"));

        FabricServer again = cluster.init("m1");

        assertEquals(1, view(again).nodes().size());
        assertNotEquals(before, Files.readString(cluster.data("m1").resolve("node/node.json")));
    }

    @Test
    void managerThatLostItsSettingsIsNotOverwritten() throws Exception {
        cluster.init("m1").close();
        Path data = cluster.data("m1");
        Files.delete(data.resolve("settings.json"));
        Files.writeString(data.resolve("managers.json"), "{}");

        IOException refused = assertThrows(IOException.class, () -> cluster.init("m1"));

        assertTrue(String.valueOf(refused.getMessage()).contains("settings.json is missing"));
        assertTrue(Files.exists(data.resolve("raft")));
        assertTrue(Files.exists(data.resolve("node/node.json")));
    }

    @Test
    void unansweredJoinIsKept() throws Exception {
        Path node = Files.createDirectories(cluster.data("m1").resolve("node"));
        Files.writeString(node.resolve("joining.json"), "{}");

        try (DataFolder folder = DataFolder.create(cluster.data("m1"))) {
            assertFalse(folder.node().hasJoined());
        }
        assertTrue(Files.exists(node.resolve("joining.json")));
    }

    @Test
    void managerWhoseReplicaStopsStopsAndSaysWhy() throws Exception {
        List<StagedLog> logs = new ArrayList<>();
        try (FabricServer server = FabricServer.init(
                cluster.data("m1"), TestCluster.settings("m1"), TestCluster.pools(), TestCluster.environment(place -> {
                    StagedLog log = new StagedLog(Replication.jgroups(place));
                    logs.add(log);
                    return log;
                }))) {
            logs.get(0).halt(new IOException("no space left"));

            assertFalse(server.awaitStop());
            assertEquals(
                    "no space left", Objects.requireNonNull(server.haltedBy()).getMessage());
        }
        assertTrue(Files.exists(cluster.data("m1").resolve("settings.json")));
    }

    @Test
    void withoutAMajority_aWriteIsRefusedInOneLine_andAReadIsMarked() throws Exception {
        List<StagedLog> logs = new ArrayList<>();
        try (FabricServer server = FabricServer.init(
                cluster.data("m1"), TestCluster.settings("m1"), TestCluster.pools(), TestCluster.environment(place -> {
                    StagedLog log = new StagedLog(Replication.jgroups(place));
                    logs.add(log);
                    return log;
                }))) {
            logs.get(0).loseMajority("no majority of the managers answers");
            StringWriter err = new StringWriter();
            long asked = System.nanoTime();

            assertEquals(1, command(err, "token", "create", "--role", "peer"));
            assertEquals(
                    "fabric: no majority of the managers answers; if they are lost for good: fabric server recover",
                    err.toString().strip());
            assertTrue(System.nanoTime() - asked < Duration.ofSeconds(5).toNanos(), "it was not asked for 6 s");
            for (String[] read :
                    new String[][] {{"node", "list"}, {"node", "show", "m1"}, {"token", "list"}, {"audit"}}) {
                StringWriter warning = new StringWriter();
                assertEquals(0, command(warning, read));
                assertTrue(warning.toString().startsWith("fabric: stale: "), warning.toString());
                assertEquals(1, warning.toString().lines().count());
            }
            assertEquals("m1", server.settings().name());
        }
    }

    private int command(StringWriter err, String... arguments) {
        List<String> all = new ArrayList<>(List.of(arguments));
        all.addAll(List.of("--data", cluster.data("m1").toString()));
        return FabricCommand.commandLine()
                .setOut(new PrintWriter(new StringWriter(), true))
                .setErr(new PrintWriter(err, true))
                .execute(all.toArray(String[]::new));
    }

    @Test
    void folderInUseIsRefused() throws Exception {
        cluster.init("m1");

        IOException refused = assertThrows(
                IOException.class,
                () -> FabricServer.run(cluster.data("m1"), TestCluster.settings("m1"), TestCluster.environment()));

        assertTrue(String.valueOf(refused.getMessage()).contains("in use"));
    }

    @Test
    void folderThatCannotBeMadeIsRefused() throws Exception {
        Path file = Files.writeString(root.resolve("file"), "in the way");

        assertThrows(
                IOException.class,
                () -> FabricServer.init(
                        file.resolve("data"),
                        TestCluster.settings("m1"),
                        TestCluster.pools(),
                        TestCluster.environment()));
    }

    @Test
    void failureMidwayLeavesNothingBehind() throws Exception {
        Path data = cluster.data("m1");
        Files.createDirectory(data);
        Files.writeString(data.resolve("mine.txt"), "not the manager's");

        assertThrows(
                IllegalStateException.class,
                () -> FabricServer.init(
                        data, TestCluster.settings("m1"), TestCluster.pools(), TestCluster.environment(place -> {
                            throw new IllegalStateException("no log today");
                        })));

        try (Stream<Path> left = Files.list(data)) {
            assertEquals(List.of(data.resolve("mine.txt")), left.toList());
        }
    }

    @Test
    void managerKeepsTheNameThatItJoinedWith() throws Exception {
        cluster.init("m1").close();

        assertThrows(
                IOException.class,
                () -> FabricServer.run(cluster.data("m1"), TestCluster.settings("m9"), TestCluster.environment()));
        assertEquals("m1", FabricServer.settings(cluster.data("m1")).name());
    }
}
