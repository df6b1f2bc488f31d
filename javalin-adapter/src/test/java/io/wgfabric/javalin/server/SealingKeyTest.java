package io.wgfabric.javalin.server;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.wgfabric.agent.ControlClient;
import io.wgfabric.agent.ControlException;
import io.wgfabric.api.Bytes;
import io.wgfabric.api.FabricView;
import io.wgfabric.api.ManagerServices;
import io.wgfabric.api.Role;
import io.wgfabric.core.SealingDesk;
import io.wgfabric.core.crypto.Sealer;
import io.wgfabric.javalin.cli.FabricCommand;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

/** Where the sealing key lies, how it is locked, and how it changes while managers run, are away, or are killed. */
@Timeout(180)
class SealingKeyTest {
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

    private static Environment with(@Nullable String passphrase) {
        return TestCluster.environment()
                .withPassphrase(needed -> passphrase == null ? null : passphrase.getBytes(StandardCharsets.UTF_8));
    }

    private Path keyFile(String name) {
        return cluster.data(name).resolve("sealing.key");
    }

    private byte[] keyOf(String name) throws IOException {
        return SealingKeyFile.open(keyFile(name), Passphrase.NONE).sealingKey();
    }

    private void rotate() throws IOException {
        Access.folder(cluster.data("m1")).call("POST", "/v1/sealing-key/rotate", null, Void.class);
    }

    private static FabricView view(FabricServer server) {
        return server.fabric().view();
    }

    private static void awaitKeys(FabricServer server, int managers) {
        await().until(() -> view(server).nodes().stream()
                        .filter(node -> {
                            ManagerServices services = node.services();
                            return services != null && services.key() != null;
                        })
                        .count()
                == managers);
    }

    /** Whether the key in a manager's file opens all secrets as they are sealed now. */
    private boolean isCurrent(String name, FabricServer server) throws IOException {
        return SealingDesk.opens(view(server), keyOf(name));
    }

    @Test
    void repeatOfARotationGetsItsFirstAnswerAndMakesNoOtherKey() throws Exception {
        FabricServer first = cluster.init("m1");
        awaitKeys(first, 1);
        ControlClient client = Access.folder(cluster.data("m1"));
        String path = "/v1/sealing-key/rotate";
        String answer = client.call("POST", path, null, String.class, "once");
        await().until(() -> isCurrent("m1", first));

        assertEquals(answer, client.call("POST", path, null, String.class, "once"));
        assertEquals(2, view(first).sealing().generation());
        client.call("POST", "/v1/tokens", Map.of("role", "peer"), String.class, "another");
        ControlException reused =
                assertThrows(ControlException.class, () -> client.call("POST", path, null, String.class, "another"));
        assertEquals("request-id-reused", reused.slug());
        client.call("POST", path, null, String.class, "twice");
        assertEquals(3, view(first).sealing().generation());
    }

    @Test
    void rotationReachesWhoRunsWhoWasAwayAndWhoJoinsLaterButNotWhoWasRemoved() throws Exception {
        FabricServer first = cluster.init("m1");
        String token = TestCluster.token(first, Role.MGMT, 4);
        cluster.join("m2", token);
        FabricServer away = cluster.join("m3", token);
        FabricServer removed = cluster.join("m4", token);
        awaitKeys(first, 4);
        Access.folder(cluster.data("m1")).call("DELETE", "/v1/nodes/m4", null, Void.class);
        assertTrue(removed.awaitStop());
        byte[] before = keyOf("m1");
        assertArrayEquals(before, keyOf("m4"));
        await().until(() -> first.fabric().log().status().voters().size() == 3);
        away.close();

        rotate();

        assertEquals(2, view(first).sealing().generation());
        assertEquals(3, view(first).sealing().wrapped().size());
        assertFalse(SealingDesk.opens(view(first), before));
        await().until(() -> isCurrent("m1", first) && isCurrent("m2", first));
        // The one that was removed has its old file, and a copy of the state opens with nothing of it.
        SealingKeyFile old = SealingKeyFile.open(keyFile("m4"), Passphrase.NONE);
        assertFalse(SealingDesk.opens(view(first), old.sealingKey()));
        assertFalse(view(first).sealing().wrapped().values().stream().anyMatch(wrapped -> opens(old, wrapped)));

        FabricServer back = cluster.run("m3");
        await().until(() -> isCurrent("m3", back));
        FabricServer later = cluster.join("m5", token);
        assertTrue(isCurrent("m5", later));
        awaitKeys(first, 4);
        rotate();
        await().until(() -> isCurrent("m5", later) && isCurrent("m3", back) && isCurrent("m1", first));
        assertEquals(3, view(later).sealing().generation());
    }

    private static boolean opens(SealingKeyFile file, Bytes wrapped) {
        try {
            file.managerKey().unwrap("any", wrapped);
            return true;
        } catch (io.wgfabric.core.crypto.CryptoException e) {
            return false;
        }
    }

    @Test
    void managerKilledAtAnyStepOfARotationStartsWithTheNewKey() throws Exception {
        FabricServer server = cluster.init("m1");
        byte[] before = Files.readAllBytes(keyFile("m1"));
        rotate();
        await().until(() -> isCurrent("m1", server));
        // So that what was wrapped comes from a snapshot too.
        server.fabric().log().snapshot().toCompletableFuture().join();
        server.close();
        byte[] after = Files.readAllBytes(keyFile("m1"));
        Path beside = keyFile("m1").resolveSibling("sealing.key.new");

        // Killed before the new file was begun, while it was half written, when it was whole, and after the rename.
        List<byte @Nullable []> halves = new ArrayList<>();
        halves.add(null);
        halves.add(new byte[0]);
        halves.add(java.util.Arrays.copyOf(after, after.length / 2));
        halves.add(after);
        for (byte[] half : halves) {
            Files.write(keyFile("m1"), before);
            if (half != null) {
                Files.write(beside, half);
            }
            try (FabricServer again = cluster.run("m1")) {
                assertTrue(isCurrent("m1", again));
                assertFalse(TestCluster.token(again, Role.PEER, 1).isEmpty());
            }
            assertFalse(Files.exists(beside));
        }
        Files.write(keyFile("m1"), after);
        try (FabricServer again = cluster.run("m1")) {
            assertTrue(isCurrent("m1", again));
        }
    }

    @Test
    void keyMayLieElsewhere() throws Exception {
        Path elsewhere = Files.createDirectory(root.resolve("usb")).resolve("the.key");
        Settings settings = TestCluster.settings("m1").withSealingKey(elsewhere);
        FabricServer.init(cluster.data("m1"), settings, TestCluster.pools(), TestCluster.environment())
                .close();
        assertFalse(Files.exists(keyFile("m1")));
        assertEquals("rw-------", PosixFilePermissions.toString(Files.getPosixFilePermissions(elsewhere)));

        cluster.run("m1").close();
        Path moved = Files.move(elsewhere, root.resolve("moved.key"));
        IOException missing = assertThrows(IOException.class, () -> cluster.run("m1"));
        assertTrue(String.valueOf(missing.getMessage()).contains("--sealing-key"), missing.getMessage());
        FabricServer.run(cluster.data("m1"), settings.withSealingKey(moved), TestCluster.environment())
                .close();
        cluster.run("m1");
    }

    @Test
    void keyOfAnotherIsNotOverwritten() throws Exception {
        Path taken = Files.writeString(root.resolve("taken"), "something");
        Settings settings = TestCluster.settings("m1").withSealingKey(taken);

        IOException refused = assertThrows(
                IOException.class,
                () -> FabricServer.init(cluster.data("m1"), settings, TestCluster.pools(), TestCluster.environment()));

        assertTrue(String.valueOf(refused.getMessage()).contains("exists already"), refused.getMessage());
        assertEquals("something", Files.readString(taken));
        assertFalse(Files.exists(cluster.data("m1")));
    }

    @Test
    void keyThatOthersCanReadIsRefused() throws Exception {
        cluster.init("m1").close();
        for (String mode : List.of("rw-r-----", "rw----r--", "rw--w----")) {
            Files.setPosixFilePermissions(keyFile("m1"), PosixFilePermissions.fromString(mode));

            IOException refused = assertThrows(IOException.class, () -> cluster.run("m1"));

            assertTrue(String.valueOf(refused.getMessage()).contains("chmod 600"), refused.getMessage());
        }
        Files.setPosixFilePermissions(keyFile("m1"), PosixFilePermissions.fromString("r--------"));
        cluster.run("m1");
    }

    @Test
    void refusedJoinLeavesNoKeyBehind() throws Exception {
        FabricServer first = cluster.init("m1");
        String token = TestCluster.token(first, Role.MGMT, 1);
        Path elsewhere = root.resolve("m2.key");

        assertThrows(
                ControlException.class,
                () -> FabricServer.join(
                        cluster.data("m2"),
                        TestCluster.settings("m2").withSealingKey(elsewhere),
                        token.substring(0, token.length() - 6) + "AAAAAA",
                        TestCluster.environment()));

        assertFalse(Files.exists(elsewhere));
        assertFalse(Files.exists(cluster.data("m2")));
    }

    @Test
    void lockedKeyNeedsItsPassphraseAndStaysLockedThroughARotation() throws Exception {
        FabricServer first = cluster.init("m1", with("correct horse"));
        FabricServer second = cluster.join("m2", TestCluster.token(first, Role.MGMT, 1), with("battery staple"));
        awaitKeys(first, 2);
        rotate();
        byte[] opened = new byte[0];
        for (String name : List.of("m1", "m2")) {
            Passphrase passphrase =
                    with(name.equals("m1") ? "correct horse" : "battery staple").passphrase();
            await().until(() -> SealingDesk.opens(
                    view(first), SealingKeyFile.open(keyFile(name), passphrase).sealingKey()));
            opened = SealingKeyFile.open(keyFile(name), passphrase).sealingKey();
        }
        assertEquals(Sealer.KEY_BYTES, opened.length);
        second.close();
        byte[] before = Files.readAllBytes(keyFile("m2"));

        IOException missing = assertThrows(IOException.class, () -> cluster.run("m2"));
        assertTrue(String.valueOf(missing.getMessage()).contains("FABRIC_PASSPHRASE"), missing.getMessage());
        IOException wrong = assertThrows(IOException.class, () -> cluster.run("m2", with("battery stable")));
        assertTrue(String.valueOf(wrong.getMessage()).contains("the passphrase is wrong"), wrong.getMessage());
        assertArrayEquals(before, Files.readAllBytes(keyFile("m2")));
        cluster.run("m2", with("battery staple"));
    }

    @Test
    void tooShortPassphraseLeavesNothingBehind() {
        IOException refused = assertThrows(IOException.class, () -> cluster.init("m1", with("short")));

        assertTrue(String.valueOf(refused.getMessage()).contains("8 to 1024"), refused.getMessage());
        assertFalse(Files.exists(cluster.data("m1")));
    }

    private record Result(int status, String out, String err) {}

    private static Result fabric(String... arguments) {
        StringWriter out = new StringWriter();
        StringWriter err = new StringWriter();
        CommandLine line = FabricCommand.commandLine();
        line.setOut(new PrintWriter(out, true)).setErr(new PrintWriter(err, true));
        int status = line.execute(arguments);
        return new Result(status, out.toString(), err.toString());
    }

    @Test
    void passphraseIsSetChangedAndRemovedWhileTheManagerIsDown() throws Exception {
        FabricServer server = cluster.init("m1");
        String data = cluster.data("m1").toString();
        String one =
                Files.writeString(root.resolve("one"), "first passphrase\n").toString();
        String two = Files.writeString(root.resolve("two"), "second passphrase").toString();

        Result running = fabric("server", "passphrase", "--data", data, "--new-passphrase-file", one);
        assertEquals(1, running.status());
        assertTrue(running.err().contains("stop it first"), running.err());
        server.close();
        byte[] key = keyOf("m1");

        assertEquals(
                0,
                fabric("server", "passphrase", "--data", data, "--new-passphrase-file", one)
                        .status());
        byte[] locked = Files.readAllBytes(keyFile("m1"));
        Result wrong =
                fabric("server", "passphrase", "--data", data, "--passphrase-file", two, "--new-passphrase-file", two);
        assertEquals(1, wrong.status());
        assertEquals(1, wrong.err().lines().count(), wrong.err());
        assertTrue(wrong.err().contains("the passphrase is wrong"), wrong.err());
        assertArrayEquals(locked, Files.readAllBytes(keyFile("m1")));
        assertEquals(
                0,
                fabric("server", "passphrase", "--data", data, "--passphrase-file", one, "--new-passphrase-file", two)
                        .status());
        assertNotEquals(
                0,
                fabric("server", "passphrase", "--data", data, "--passphrase-file", one, "--remove")
                        .status());
        assertEquals(
                0,
                fabric("server", "passphrase", "--data", data, "--passphrase-file", two, "--remove")
                        .status());
        assertArrayEquals(key, keyOf("m1"));
        assertEquals(2, fabric("server", "passphrase", "--data", data).status());
    }

    @Test
    void rotationIsAskedForOnTheCommandLineByAnAdmin() throws Exception {
        FabricServer server = cluster.init("m1");
        String data = cluster.data("m1").toString();

        Result done = fabric("server", "rotate-sealing-key", "--data", data);
        assertEquals(0, done.status(), done.err());
        assertTrue(done.out().contains("generation 2"), done.out());
        String status = fabric("status", "--data", data).out();
        assertTrue(status.contains("Sealing key   generation 2"), status);
        assertTrue(status.contains("Level         2\n"), status);

        cluster.join("m2", TestCluster.token(server, Role.MGMT, 1));
        // The second manager has no operator's file, so it asks as itself.
        Result refused = fabric(
                "server", "rotate-sealing-key", "--data", cluster.data("m2").toString());
        assertEquals(1, refused.status());
        assertTrue(refused.err().contains("may not"), refused.err());
    }
}
