package io.wgfabric.javalin.rest;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.wgfabric.api.Bytes;
import io.wgfabric.api.FabricView;
import io.wgfabric.api.Plane;
import io.wgfabric.core.crypto.OperatorCredential;
import io.wgfabric.core.crypto.PassphraseLock;
import io.wgfabric.core.crypto.Sealer;
import io.wgfabric.core.crypto.Tls;
import io.wgfabric.javalin.server.FabricServer;
import io.wgfabric.javalin.server.TestCluster;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Base64;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** No secret comes with the software, and none is made twice; docs/SECURITY.md has the whole table of such faults. */
class FreshInstallTest {
    private static final int NONCE_HEX = 24;

    // CVE-2022-23650, CVE-2023-32077, CVE-2025-10678: hard-coded keys, a default admin.
    @Test
    void twoInstallsDifferInEveryKey(@TempDir Path root) throws Exception {
        Map<String, String> first = secrets(root.resolve("one"));
        Map<String, String> second = secrets(root.resolve("two"));

        assertEquals(first.keySet(), second.keySet());
        Set<String> known = Set.of("sealing.key", "operator.json", "node/tls.key", "node/wireguard.json", "id");
        assertTrue(first.keySet().containsAll(known), first.keySet().toString());
        Set<String> all = new HashSet<>(first.values());
        all.addAll(second.values());
        assertEquals(2 * first.size(), all.size(), "no two of them are the same");
    }

    /** Of an install: each file that only its owner may read, each sealed secret and each public key. */
    private static Map<String, String> secrets(Path root) throws Exception {
        Map<String, String> secrets = new LinkedHashMap<>();
        Path data;
        try (TestCluster cluster = new TestCluster(root)) {
            FabricServer server = cluster.init("m1");
            data = cluster.data("m1");
            FabricView view = server.fabric().view();
            secrets.put("id", view.cluster().orElseThrow().id().text());
            secrets.put(
                    "authority", view.cluster().orElseThrow().caCertificate().hex());
            view.sealedSecrets().forEach((name, ciphertext) -> secrets.put("sealed " + name, ciphertext.hex()));
            for (String name : List.of("token-key", "config-key")) {
                secrets.put(name, view.publicKey(name).orElseThrow().hex());
            }
            for (Plane plane : Plane.values()) {
                secrets.put("wireguard " + plane, server.self().keys().on(plane).toString());
            }
        }
        try (Stream<Path> tree = Files.walk(data)) {
            for (Path file : tree.filter(Files::isRegularFile).sorted().toList()) {
                boolean mine = Files.getPosixFilePermissions(file).size() == 2;
                // No secrets: which recovery it was, and where the managers are, which is written now and then.
                boolean known = file.endsWith("epoch.json") || file.endsWith("managers.json");
                if (mine && !known && !file.startsWith(data.resolve("raft")) && Files.size(file) > 0) {
                    String name = data.relativize(file).toString();
                    secrets.put(name, Bytes.sha256(Files.readAllBytes(file)).hex());
                }
            }
        }
        return secrets;
    }

    @Test
    void freshInstallHasNoDefaultCredential() throws Exception {
        try (LoneManager manager = LoneManager.start()) {
            String id = manager.operator.id().text();
            String nothing = Base64.getUrlEncoder().withoutPadding().encodeToString(new byte[32]);
            for (String guess : List.of(
                    "",
                    "admin",
                    "admin:admin",
                    "wgfop.",
                    "wgfop..",
                    "wgfop." + id + ".",
                    "wgfop." + id + "." + nothing,
                    OperatorCredential.generate().reveal())) {
                Client client = new Client(manager.port(), Tls.context(manager.trust()), guess);
                for (String path : List.of("/v1/nodes", "/v1/tokens", "/v1/audit", "/v1/backup", "/v1/status")) {
                    assertEquals(401, client.ask("GET", path).status(), "'" + guess + "' at " + path);
                }
            }
        }
    }

    // CVE-2024-41260: a static IV.
    @Test
    void noNonceIsUsedTwice() throws Exception {
        byte[] secret = new byte[32];
        Sealer sealer = new Sealer(Sealer.generateKey());
        PassphraseLock lock = PassphraseLock.create("correct horse".getBytes(StandardCharsets.UTF_8));
        Set<String> nonces = new HashSet<>();
        int count = 0;
        for (; count < 2_000; count++) {
            nonces.add(nonce(sealer.seal("same", secret)));
        }
        for (int i = 0; i < 200; i++, count++) {
            nonces.add(Bytes.of(lock.lock(secret).nonce()).hex());
        }
        try (LoneManager manager = LoneManager.start()) {
            for (Bytes sealed : manager.core.fabric().view().sealedSecrets().values()) {
                nonces.add(nonce(sealed));
                count++;
            }
            String backup = manager.operator().ask("GET", "/v1/backup").body();
            assertNotEquals(backup, manager.operator().ask("GET", "/v1/backup").body(), "the same state, sealed again");
        }
        assertEquals(count, nonces.size());
    }

    /** After the byte that says in which form it is sealed. */
    private static String nonce(Bytes sealed) {
        return sealed.hex().substring(2, 2 + NONCE_HEX);
    }
}
