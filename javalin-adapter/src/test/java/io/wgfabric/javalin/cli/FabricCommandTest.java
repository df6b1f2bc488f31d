package io.wgfabric.javalin.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.wgfabric.agent.ControlClient;
import io.wgfabric.agent.NodeClients;
import io.wgfabric.agent.NodeStore;
import io.wgfabric.core.codec.Json;
import io.wgfabric.javalin.server.FabricServer;
import io.wgfabric.javalin.server.TestCluster;
import java.io.InputStream;
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
import java.util.stream.LongStream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import picocli.CommandLine;
import tools.jackson.databind.JsonNode;

class FabricCommandTest {
    @TempDir
    @SuppressWarnings("NullAway.Init")
    private static Path root;

    @SuppressWarnings("NullAway.Init")
    private static TestCluster cluster;

    @SuppressWarnings("NullAway.Init")
    private static FabricServer server;

    @BeforeAll
    static void start() throws Exception {
        cluster = new TestCluster(root);
        server = cluster.init("m1");
    }

    @AfterAll
    static void stop() {
        cluster.close();
    }

    private record Result(int exit, String out, String err) {
        JsonNode json() {
            return Json.mapper().readTree(out);
        }

        /** That it said why in one line. */
        String oneLine() {
            assertEquals(1, err.lines().count(), err);
            assertTrue(err.startsWith("fabric: "), err);
            assertFalse(err.contains("Exception"), err);
            return err.strip();
        }
    }

    private static Result run(String... arguments) {
        StringWriter out = new StringWriter();
        StringWriter err = new StringWriter();
        CommandLine line = FabricCommand.commandLine();
        line.setOut(new PrintWriter(out, true)).setErr(new PrintWriter(err, true));
        int exit = line.execute(arguments);
        return new Result(exit, out.toString(), err.toString());
    }

    /** With the admin's credential. */
    private static Result asAdmin(String... arguments) {
        List<String> all = new ArrayList<>(List.of(arguments));
        all.add("--context");
        all.add(cluster.data("m1").resolve("operator.json").toString());
        return run(all.toArray(String[]::new));
    }

    @Test
    void versionAndHelpAreThere() {
        assertTrue(run("--version").out().startsWith("fabric "));
        assertEquals(0, run("--help").exit());
        assertTrue(run("token", "create", "--help").out().contains("fabric token create --role mgmt"));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "token",
                "no-such-command",
                "token create",
                "token create --role king",
                "token create --role peer --address here",
                "token create --role peer --ttl soon",
                "token create --role peer --uses 0",
                "status -o xml",
                "server init --pool nonsense",
                "node quarantine m1"
            })
    void wrongUsageIsOneLineAndStatus2(String arguments) {
        Result result = run(arguments.isEmpty() ? new String[0] : arguments.split(" ", -1));

        assertEquals(2, result.exit(), result.err());
        assertTrue(result.oneLine().contains("--help"));
    }

    @Test
    void backupIsWrittenOnceForTheOwnerAloneAndVerifies() throws Exception {
        Path file = root.resolve("fabric.backup");
        Result made = asAdmin("backup", file.toString());

        assertEquals(0, made.exit(), made.err());
        assertEquals("rw-------", PosixFilePermissions.toString(Files.getPosixFilePermissions(file)));
        assertTrue(made.out().contains("sealing.key"), made.out());
        String key = cluster.data("m1").resolve("sealing.key").toString();
        Result checked = run("restore", file.toString(), "--backup-key", key, "--check");
        assertEquals(0, checked.exit(), checked.err());
        assertTrue(checked.out().contains("The backup is whole: cluster "), checked.out());
        assertTrue(asAdmin("backup", file.toString()).oneLine().contains("exists already"));
        Files.write(file, new byte[] {1, 2, 3});
        Result damaged = run("restore", file.toString(), "--backup-key", key);
        assertEquals(1, damaged.exit());
        assertTrue(damaged.oneLine().contains("no backup"));
    }

    @Test
    void agentTakesAManagerToAskFirst() {
        String nowhere = root.resolve("nowhere").toString();

        assertTrue(run("peer", "run", "--data", nowhere).oneLine().contains("no node has joined"));
        Result named = run("peer", "run", "--data", nowhere, "--manager", "m9.example.net,192.0.2.1:7000");
        assertTrue(named.oneLine().contains("no node has joined"));
    }

    @Test
    void managerThatRunsIsNotRecovered() {
        Result refused = run("server", "recover", "--data", cluster.data("m1").toString(), "--yes");

        assertEquals(1, refused.exit());
        assertTrue(refused.oneLine().contains("in use by a manager that runs"));
    }

    @Test
    void recoveryIsDescribedFirstAndDoneWithYes() throws Exception {
        cluster.init("alone").close();
        String data = cluster.data("alone").toString();

        Result described = run("server", "recover", "--data", data);
        Result done = run("server", "recover", "--data", data, "--yes", "--reason", "a test");

        assertEquals(1, described.exit());
        assertTrue(described.out().contains("Nothing was changed."), described.out());
        assertEquals(0, done.exit(), done.err());
        assertTrue(done.out().contains("fabric server run --data " + data), done.out());
    }

    @Test
    void tokenLivesFromCreateToRevoke() {
        Result created = asAdmin("token", "create", "--role", "peer", "--ttl", "30m", "--tag", "a", "-o", "json");
        assertEquals(0, created.exit(), created.err());
        String id = created.json().path("id").asString();

        assertTrue(asAdmin("token", "list").out().contains(id));
        assertEquals(0, asAdmin("token", "revoke", id).exit());
        assertEquals(
                "revoked",
                asAdmin("token", "show", id, "-o", "json").json().path("state").asString());
    }

    @Test
    void createPrintsTheLineToRun() {
        Result created = asAdmin("token", "create", "--role", "mgmt");

        assertTrue(created.out().contains("    fabric server join --token ey"), created.out());
    }

    @Test
    void statusComesInEachFormat() {
        String id = server.self().id().text();

        assertTrue(asAdmin("status").out().contains("leader"));
        JsonNode json = asAdmin("status", "-o", "json").json();
        assertEquals(id, json.path("leader").path("id").asString());
        assertTrue(asAdmin("status", "-o", "yaml").out().contains("manager:\n  id: " + id + "\n  name: m1\n"));
    }

    @Test
    void nodesAreListedAsATable() {
        List<String> lines = asAdmin("node", "list").out().lines().toList();

        assertTrue(lines.get(0).startsWith("ID "));
        assertTrue(lines.stream().anyMatch(line -> line.contains("   m1 ")));
        assertEquals(
                "m1",
                asAdmin("node", "show", "m1", "-o", "json").json().path("name").asString());
    }

    @Test
    void auditIsListed() {
        assertTrue(asAdmin("audit", "--after", "0").out().contains("bootstrap-cluster"));
    }

    @Test
    void auditChainIsVerifiedOnLineAndFromAnExport() throws Exception {
        Path file = root.resolve("audit.jsonl");

        Result online = asAdmin("audit", "--verify");
        assertEquals(0, online.exit(), online.err());
        assertTrue(online.out().contains("They are the whole chain"), online.out());
        assertEquals(0, asAdmin("audit", "export", file.toString()).exit());
        Result offline = run("audit", "--verify", "--file", file.toString(), "-o", "json");
        assertEquals(0, offline.exit(), offline.err());
        List<String> lines = Files.readAllLines(file);
        assertEquals(lines.size(), offline.json().path("last").asInt());

        List<String> altered = new ArrayList<>(lines);
        altered.set(1, altered.get(1).replace("accepted", "accept3d"));
        Files.write(file, altered);
        assertTrue(run("audit", "--verify", "--file", file.toString()).oneLine().contains("entry 2 was changed"));
        Files.write(file, List.of(lines.get(0), lines.get(2)));
        assertTrue(run("audit", "--verify", "--file", file.toString()).oneLine().contains("there is a gap"));
        Files.write(file, List.of("{"));
        assertTrue(run("audit", "--verify", "--file", file.toString()).oneLine().contains("line 1"));
        assertEquals(2, run("audit", "--file", file.toString()).exit());
    }

    @Test
    void auditIsFollowedWithoutGapOrRepeat() throws Exception {
        StringWriter out = new StringWriter();
        CommandLine line = FabricCommand.commandLine();
        line.setOut(new PrintWriter(out, true)).setErr(new PrintWriter(new StringWriter(), true));
        String context = cluster.data("m1").resolve("operator.json").toString();
        Thread follower = new Thread(
                () -> line.execute("audit", "--follow", "--after", "0", "-o", "json", "--context", context),
                "follower");
        follower.start();
        try {
            for (int i = 0; i < 3; i++) {
                int before = out.toString().split("create-token", -1).length;
                assertEquals(0, asAdmin("token", "create", "--role", "peer").exit());
                Awaitility.await()
                        .atMost(Duration.ofSeconds(60))
                        .until(() -> out.toString().split("create-token", -1).length > before);
            }
        } finally {
            follower.interrupt();
            follower.join(20_000);
        }
        List<Long> numbers = out.toString()
                .lines()
                .map(text -> Json.mapper().readTree(text).at("/entry/number").asLong())
                .toList();
        assertEquals(LongStream.rangeClosed(1, numbers.size()).boxed().toList(), numbers);
        assertFalse(follower.isAlive());
    }

    @Test
    void dataFolderIsCredentialEnough() {
        assertEquals(0, run("status", "--data", cluster.data("m1").toString()).exit());
    }

    @Test
    void refusalIsOneLineAndStatus1() {
        for (String arguments : List.of(
                "node show nobody",
                "node remove m1",
                "node quarantine m1 --reason test",
                "token show t-0123456789abc",
                "token create --role peer --address 203.0.113.1")) {
            Result result = asAdmin(arguments.split(" ", -1));

            assertEquals(1, result.exit(), arguments);
            assertFalse(result.oneLine().isEmpty());
        }
    }

    @Test
    void missingCredentialIsOneLine() {
        Result result = run("status", "--data", root.resolve("nothing").toString());

        assertEquals(1, result.exit());
        assertTrue(result.oneLine().contains("--context"));
    }

    @Test
    void unreachableManagersAreNamed() throws Exception {
        String file = Files.readString(cluster.data("m1").resolve("operator.json"));
        Path other = Files.writeString(
                root.resolve("other.json"), file.replace(":" + server.settings().port(), ":" + TestCluster.freePort()));

        Result result = run("status", "--context", other.toString());

        assertEquals(1, result.exit());
        assertTrue(result.oneLine().contains("no manager answers at 127.0.0.1:"), result.err());
    }

    @Test
    void managerThatIsSlowAtHandshakesIsGivenMoreTime() throws Exception {
        String file = Files.readString(cluster.data("m1").resolve("operator.json"));
        int port = server.settings().port();
        try (SlowFront front = new SlowFront(port, Duration.ofMillis(2_500))) {
            Path slow = Files.writeString(root.resolve("slow.json"), file.replace(":" + port, ":" + front.port()));

            Result result = run("status", "--context", slow.toString());

            assertEquals(0, result.exit(), result.err());
        }
    }

    @Test
    void soIsTheOneThatANodeHearsFrom() throws Exception {
        NodeStore manager = new NodeStore(cluster.data("m1").resolve("node"));
        try (SlowFront front = new SlowFront(server.settings().port(), Duration.ofMillis(2_500))) {
            ControlClient client = NodeClients.of(manager, List.of("127.0.0.1:" + front.port()));
            int connections = 0;
            for (int stream = 1; stream <= 2; stream++) {
                try (InputStream lines = client.open("/v1/watch")) {
                    assertTrue(lines.read() > 0);
                }
                // In a hurry first, and given up; from then on it has the time that it was seen to take.
                connections = front.connections();
                assertTrue(connections <= 1 + stream, connections + " connections for " + stream + " streams");
            }
            assertTrue(connections >= 2, "the first one was given up");
        }
    }

    @Test
    void damagedContextIsOneLine() throws Exception {
        Path damaged = Files.writeString(root.resolve("damaged.json"), "{");

        Result result = run("status", "--context", damaged.toString());

        assertEquals(1, result.exit());
        assertTrue(result.oneLine().contains("damaged"));
    }

    @Test
    void serverSaysInOneLineWhyItDoesNotStart() throws Exception {
        String data = root.resolve("new").toString();
        try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            for (String arguments : List.of(
                    "init --bind 127.0.0.1 --port " + taken.getLocalPort(),
                    "init --bind 127.0.0.1 --port " + TestCluster.freePort() + " --replication-port "
                            + TestCluster.freePort() + " --pool 8.8.8.0/24",
                    "join --token nonsense --bind 127.0.0.1 --port " + TestCluster.freePort() + " --replication-port "
                            + TestCluster.freePort(),
                    "run")) {
                String all = "server " + arguments + (arguments.equals("run") ? "" : " --advertise 127.0.0.1")
                        + " --no-tunnel --data " + data;
                Result result = run(all.split(" ", -1));

                assertEquals(1, result.exit(), arguments);
                assertFalse(result.oneLine().isEmpty());
                assertFalse(Files.exists(Path.of(data)), arguments);
            }
        }
    }

    @Test
    void stackTraceIsShownOnlyWhenAsked() {
        Result result = asAdmin("--verbose", "node", "show", "nobody");

        assertTrue(result.err().lines().count() > 1);
    }

    @Test
    void operatorsFileWorksUntilHeIsRevoked() throws Exception {
        String file = root.resolve("alice.json").toString();
        Result created = asAdmin("operator", "create", "alice", "--role", "viewer", "--out", file);
        assertEquals(0, created.exit(), created.err());
        assertFalse(created.out().contains("wgfop."), created.out());
        assertEquals("rw-------", PosixFilePermissions.toString(Files.getPosixFilePermissions(Path.of(file))));

        assertEquals(0, run("token", "list", "--context", file).exit());
        Result refused = run("token", "create", "--role", "peer", "--context", file);
        assertEquals(1, refused.exit());
        assertTrue(refused.oneLine().contains("may not"), refused.err());
        assertTrue(asAdmin("operator", "list").out().contains("alice"));

        assertEquals(0, asAdmin("operator", "revoke", "alice").exit());
        Result revoked = run("token", "list", "--context", file);
        assertEquals(1, revoked.exit());
        assertTrue(revoked.oneLine().contains("revoked"), revoked.err());
    }

    @Test
    void operatorsFileIsPrintedOnceAndNeverOverwrites() throws Exception {
        Result printed = asAdmin("operator", "create", "bob", "--role", "operator", "-o", "json");
        assertEquals(0, printed.exit(), printed.err());
        assertTrue(printed.json().path("file").path("credential").asString().startsWith("wgfop."));
        assertFalse(asAdmin("operator", "list", "-o", "json").out().contains("wgfop."));

        Path taken = Files.writeString(root.resolve("taken.json"), "mine");
        Result exists = asAdmin("operator", "create", "carol", "--role", "admin", "--out", taken.toString());
        assertEquals(1, exists.exit());
        assertTrue(exists.oneLine().contains("exists"), exists.err());
        assertEquals("mine", Files.readString(taken));
        assertFalse(asAdmin("operator", "list").out().contains("carol"));
    }

    @Test
    void lastAdminIsToldWhatToDo() {
        Result refused = asAdmin("operator", "revoke", "admin");
        assertEquals(1, refused.exit());
        assertTrue(refused.oneLine().contains("last admin"), refused.err());
    }
}
