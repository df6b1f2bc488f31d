package io.wgfabric.javalin.server;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.wgfabric.api.Role;
import io.wgfabric.core.SealingDesk;
import io.wgfabric.core.codec.Json;
import io.wgfabric.core.crypto.Keys;
import io.wgfabric.core.crypto.Sealer;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/** No secret of the cluster is in clear in any file of a manager but its key file, before and after a rotation. */
@Timeout(120)
class SecretsOnDiskTest {
    @TempDir
    @SuppressWarnings("NullAway.Init")
    private Path root;

    private final Canaries secrets = new Canaries();

    @Test
    void secretsAreInClearInTheKeyFileAlone() throws Exception {
        try (TestCluster cluster = new TestCluster(root)) {
            FabricServer first = cluster.init("m1");
            FabricServer second = cluster.join("m2", TestCluster.token(first, Role.MGMT, 1));
            Access.folder(cluster.data("m1"))
                    .call("PUT", "/v1/mesh/preshared-keys", Map.of("on", true), JsonNode.class);
            collect(cluster, first, "first ");
            snapshot(first, second);
            assertEquals(Set.of("m1/sealing.key: first sealing key", "m2/sealing.key: first sealing key"), found());

            Access.folder(cluster.data("m1")).call("POST", "/v1/sealing-key/rotate", null, Void.class);
            for (String name : List.of("m1", "m2")) {
                await().until(() -> SealingDesk.opens(first.fabric().view(), key(cluster, name)));
            }
            collect(cluster, first, "second ");
            Set<String> expected = Set.of("m1/sealing.key: second sealing key", "m2/sealing.key: second sealing key");
            assertEquals(expected, found());
            snapshot(first, second);
            assertEquals(expected, found());
        }
    }

    private static void snapshot(FabricServer... servers) throws IOException {
        for (FabricServer server : servers) {
            server.fabric().log().snapshot().toCompletableFuture().join();
        }
    }

    private static byte[] key(TestCluster cluster, String name) throws IOException {
        return SealingKeyFile.open(cluster.data(name).resolve("sealing.key"), Passphrase.NONE)
                .sealingKey();
    }

    private void collect(TestCluster cluster, FabricServer server, String when) throws IOException {
        byte[] sealingKey = key(cluster, "m1");
        secrets.plant(when + "sealing key", sealingKey);
        Sealer sealer = new Sealer(sealingKey);
        server.fabric()
                .view()
                .sealedSecrets()
                .forEach((name, ciphertext) -> secrets.plantSecret(name, sealer.open(name, ciphertext)));
        assertTrue(secrets.names().containsAll(List.of("authority-key", "token-key", "config-key", "preshared-key-1")));
        OperatorFile operator = OperatorFile.read(DataFolder.operatorFile(cluster.data("m1")));
        secrets.plantCredential("operator", operator.credential());
    }

    /** Which files have which secrets. The operator's own file is his, and has his credential. */
    private Set<String> found() throws IOException {
        Set<String> found = secrets.below(root);
        assertTrue(found.remove("m1/operator.json: operator"), found.toString());
        return found;
    }

    /** So that a search that finds nothing means something. */
    @Test
    void searchFindsEveryForm() {
        byte[] secret = Keys.generateEd25519().getPrivate().getEncoded();
        secrets.plantPrivateKey("secret", secret);
        for (byte[] hidden : List.of(
                secret,
                Json.mapper().writeValueAsBytes(Map.of("key", secret)),
                Json.mapper().writeValueAsBytes(Map.of("text", HexFormat.of().formatHex(secret))),
                ascii(Base64.getEncoder().encodeToString(concat(new byte[] {1}, secret))),
                ascii(Base64.getUrlEncoder().encodeToString(concat(new byte[] {1, 2}, secret))))) {
            assertEquals(Set.of("secret"), secrets.in(hidden));
        }
    }

    private static byte[] ascii(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }

    private static byte[] concat(byte[] first, byte[] second) {
        byte[] both = Arrays.copyOf(first, first.length + second.length);
        System.arraycopy(second, 0, both, first.length, second.length);
        return both;
    }
}
