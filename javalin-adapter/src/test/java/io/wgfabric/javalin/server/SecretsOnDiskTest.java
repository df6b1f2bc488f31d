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
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.interfaces.ECPrivateKey;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** No secret of the cluster is in clear in any file of a manager but its key file, before and after a rotation. */
@Timeout(120)
class SecretsOnDiskTest {
    @TempDir
    @SuppressWarnings("NullAway.Init")
    private Path root;

    /** The secrets of the cluster as raw bytes, by name. */
    private final Map<String, byte[]> secrets = new TreeMap<>();

    @Test
    void secretsAreInClearInTheKeyFileAlone() throws Exception {
        try (TestCluster cluster = new TestCluster(root)) {
            FabricServer first = cluster.init("m1");
            FabricServer second = cluster.join("m2", TestCluster.token(first, Role.MGMT, 1));
            collect(cluster, first, "first ");
            snapshot(first, second);
            assertEquals(List.of("m1/sealing.key: first sealing key", "m2/sealing.key: first sealing key"), found());

            Access.folder(cluster.data("m1")).call("POST", "/v1/sealing-key/rotate", null, Void.class);
            for (String name : List.of("m1", "m2")) {
                await().until(() -> SealingDesk.opens(first.fabric().view(), key(cluster, name)));
            }
            collect(cluster, first, "second ");
            List<String> expected = List.of("m1/sealing.key: second sealing key", "m2/sealing.key: second sealing key");
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
        secrets.put(when + "sealing key", sealingKey);
        Sealer sealer = new Sealer(sealingKey);
        server.fabric().view().sealedSecrets().forEach((name, ciphertext) -> {
            byte[] opened = sealer.open(name, ciphertext);
            secrets.put(name, opened);
            secrets.put(name + " scalar", scalar(name, opened));
        });
        assertTrue(secrets.keySet().containsAll(List.of("authority-key", "token-key", "config-key")));
        OperatorFile operator = OperatorFile.read(DataFolder.operatorFile(cluster.data("m1")));
        String credential = operator.credential();
        secrets.put("operator", Base64.getUrlDecoder().decode(credential.substring(credential.lastIndexOf('.') + 1)));
    }

    /** The private number itself, without the form around it. */
    private static byte[] scalar(String name, byte[] pkcs8) {
        if (!name.equals("authority-key")) {
            return Arrays.copyOfRange(pkcs8, pkcs8.length - 32, pkcs8.length);
        }
        BigInteger number = ((ECPrivateKey) Keys.decodePrivate("EC", pkcs8)).getS();
        byte[] bytes = number.toByteArray();
        return bytes.length > 32 ? Arrays.copyOfRange(bytes, bytes.length - 32, bytes.length) : bytes;
    }

    /** Which files have which secrets. The operator's own file is his, and has his credential. */
    private List<String> found() throws IOException {
        TreeSet<String> found = new TreeSet<>();
        int files = 0;
        try (Stream<Path> tree = Files.walk(root)) {
            for (Path file : tree.filter(Files::isRegularFile).toList()) {
                String name = root.relativize(file).toString();
                byte[] content = Files.readAllBytes(file);
                files++;
                forms().forEach((secret, forms) -> {
                    boolean own = name.endsWith("operator.json") && secret.equals("operator");
                    if (!own && forms.stream().anyMatch(form -> contains(content, form))) {
                        found.add(name + ": " + secret);
                    }
                });
            }
        }
        assertTrue(files > 15, "all files of two managers are looked at, not " + files);
        return List.copyOf(found);
    }

    private Map<String, List<byte[]>> forms() {
        Map<String, List<byte[]>> forms = new LinkedHashMap<>();
        secrets.forEach((name, secret) -> forms.put(name, forms(secret)));
        return forms;
    }

    /** Raw, in hexadecimal, and in Base64 at each of the three places in a longer text. */
    private static List<byte[]> forms(byte[] secret) {
        List<byte[]> forms = new ArrayList<>();
        forms.add(secret);
        String hex = HexFormat.of().formatHex(secret);
        forms.add(ascii(hex));
        forms.add(ascii(hex.toUpperCase(Locale.ROOT)));
        for (Base64.Encoder encoder : List.of(Base64.getEncoder(), Base64.getUrlEncoder())) {
            for (int shift = 0; shift < 3; shift++) {
                byte[] shifted = new byte[shift + secret.length];
                System.arraycopy(secret, 0, shifted, shift, secret.length);
                String text = encoder.encodeToString(shifted);
                // The ends depend on what is before and after.
                forms.add(ascii(text.substring(shift == 0 ? 0 : 4, text.length() - 4)));
            }
        }
        return forms;
    }

    private static byte[] ascii(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }

    private static boolean contains(byte[] content, byte[] wanted) {
        String all = new String(content, StandardCharsets.ISO_8859_1);
        return all.contains(new String(wanted, StandardCharsets.ISO_8859_1));
    }

    /** So that a hunt that finds nothing means something. */
    @Test
    void huntFindsEveryForm() {
        byte[] secret = Keys.generateEd25519().getPrivate().getEncoded();
        for (byte[] hidden : List.of(
                secret,
                Json.mapper().writeValueAsBytes(Map.of("key", secret)),
                Json.mapper().writeValueAsBytes(Map.of("text", HexFormat.of().formatHex(secret))),
                ascii(Base64.getEncoder().encodeToString(concat(new byte[] {1}, secret))),
                ascii(Base64.getUrlEncoder().encodeToString(concat(new byte[] {1, 2}, secret))))) {
            assertTrue(forms(secret).stream().anyMatch(form -> contains(hidden, form)));
        }
    }

    private static byte[] concat(byte[] first, byte[] second) {
        byte[] both = Arrays.copyOf(first, first.length + second.length);
        System.arraycopy(second, 0, both, first.length, second.length);
        return both;
    }
}
