package io.wgfabric.javalin.server;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.wgfabric.agent.ControlClient;
import io.wgfabric.agent.ControlException;
import io.wgfabric.api.Role;
import io.wgfabric.api.SigningKey;
import io.wgfabric.core.crypto.CryptoException;
import io.wgfabric.core.netmap.Netmap;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Signing keys are rotated at running managers: tokens and peers of before go on. */
class SigningKeyTest {
    private static final Duration PATIENCE = Duration.ofMinutes(2);

    @TempDir
    @SuppressWarnings("NullAway.Init")
    private Path root;

    private static void rotate(ControlClient admin, SigningKey key) {
        var unused = admin.call("POST", "/v1/signing-keys/" + key.text() + "/rotate", null, String.class);
    }

    private static void retire(ControlClient admin, SigningKey key) {
        var unused =
                admin.call("POST", "/v1/signing-keys/" + key.text() + "/retire", Map.of("generation", 1), String.class);
    }

    private static void awaitUsed(List<FabricServer> servers, SigningKey key, int generation) {
        await().atMost(PATIENCE)
                .until(() -> servers.stream()
                        .allMatch(server -> server.fabric().view().signing(key).used() == generation));
    }

    @Test
    void tokensOfBeforeAdmitUntilTheirKeyIsRetired() throws Exception {
        try (TestCluster cluster = new TestCluster(root)) {
            FabricServer first = cluster.init("m1");
            FabricServer second = cluster.join("m2", TestCluster.token(first, Role.MGMT, 1));
            ControlClient admin = Access.operator(DataFolder.operatorFile(root.resolve("m1")));
            String before = TestCluster.token(first, Role.PEER, 0);
            rotate(admin, SigningKey.TOKEN);
            TestPeer.join(root.resolve("known"), before);
            awaitUsed(List.of(first, second), SigningKey.TOKEN, 2);

            String after = TestCluster.token(second, Role.PEER, 0);
            TestPeer.join(root.resolve("old"), before);
            TestPeer.join(root.resolve("new"), after);

            retire(admin, SigningKey.TOKEN);
            ControlException refused =
                    assertThrows(ControlException.class, () -> TestPeer.join(root.resolve("late"), before));
            // Whichever manager is asked: the one that still believes the key knows that the token has ended with it.
            assertTrue(List.of("token-malformed", "token-revoked").contains(refused.slug()), refused.slug());
            TestPeer.join(root.resolve("last"), after);
        }
    }

    @Test
    void peersFollowTheKeyOfConfigurationsThoughTheyWereAway() throws Exception {
        try (TestCluster cluster = new TestCluster(root)) {
            FabricServer first = cluster.init("m1");
            TestPeer there = TestPeer.join(root.resolve("there"), TestCluster.token(first, Role.PEER, 1));
            TestPeer away = TestPeer.join(root.resolve("away"), TestCluster.token(first, Role.PEER, 1));
            String signedBefore = there.offered();
            Netmap known = there.admit(signedBefore);
            ControlClient admin = Access.operator(DataFolder.operatorFile(root.resolve("m1")));

            rotate(admin, SigningKey.CONFIG);
            awaitUsed(List.of(first), SigningKey.CONFIG, 2);
            there.admit(there.offered());
            retire(admin, SigningKey.CONFIG);

            assertEquals(2, there.admit(there.offered()).signersFrom());
            assertThrows(CryptoException.class, () -> there.admit(signedBefore));
            assertEquals(2, away.admit(away.offered()).signersFrom());
            assertEquals(known.members(), away.admit(away.offered()).members());
        }
    }

    @Test
    void restartedManagerSignsWithTheNewKeys() throws Exception {
        try (TestCluster cluster = new TestCluster(root)) {
            FabricServer first = cluster.init("m1");
            ControlClient admin = Access.operator(DataFolder.operatorFile(root.resolve("m1")));
            rotate(admin, SigningKey.TOKEN);
            rotate(admin, SigningKey.CONFIG);
            awaitUsed(List.of(first), SigningKey.TOKEN, 2);
            awaitUsed(List.of(first), SigningKey.CONFIG, 2);
            first.close();

            FabricServer again = cluster.run("m1");
            TestPeer peer = TestPeer.join(root.resolve("p1"), TestCluster.token(again, Role.PEER, 1));
            assertEquals(2, peer.admit(peer.offered()).members().size());
        }
    }
}
