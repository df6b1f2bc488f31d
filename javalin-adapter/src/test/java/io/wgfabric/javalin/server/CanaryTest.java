package io.wgfabric.javalin.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.wgfabric.agent.NodeStore;
import io.wgfabric.api.Role;
import io.wgfabric.core.crypto.Certificates;
import io.wgfabric.core.crypto.FabricTrust;
import io.wgfabric.core.crypto.Keys;
import io.wgfabric.core.crypto.Sealer;
import io.wgfabric.core.crypto.Tls;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.interfaces.ECPrivateKey;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Arrays;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.UUID;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/**
 * CVE-2023-47390, secrets in logs: every secret that managers, a peer and an operator have, given where it belongs and
 * where it does not, is searched for in all that comes out. That each can be found is shown where it may be.
 */
@Timeout(300)
class CanaryTest {
    private static final Pattern KEY = Pattern.compile("[A-Za-z0-9+/]{43}=");

    private final Canaries canaries = new Canaries();

    @TempDir
    @SuppressWarnings("NullAway.Init")
    private Path root;

    @SuppressWarnings("NullAway.Init")
    private CapturedLog log;

    @SuppressWarnings("NullAway.Init")
    private TestCluster cluster;

    @BeforeEach
    void listen() {
        log = CapturedLog.start();
        cluster = new TestCluster(root);
    }

    @AfterEach
    void stop() {
        cluster.close();
        log.close();
    }

    private static String random(String what) {
        return what + "-" + UUID.randomUUID();
    }

    @Test
    void noSecretComesOutAnywhere() throws Exception {
        String passphrase = random("passphrase");
        canaries.plant("passphrase", passphrase);
        FabricServer first = cluster.init(
                "m1", TestCluster.environment().withPassphrase(needed -> passphrase.getBytes(StandardCharsets.UTF_8)));
        String managerToken = TestCluster.token(first, Role.MGMT, 1);
        FabricServer second = TestPeer.patiently(() -> cluster.join("m2", managerToken));
        String peerToken = TestCluster.token(first, Role.PEER, 1);
        TestPeer.patiently(() -> TestPeer.join(cluster.data("peer"), peerToken));
        plantTokens(managerToken, peerToken);
        plantOperator();
        plantKeys(first);
        plantOfNode("manager 1", cluster.data("m1").resolve("node"));
        plantOfNode("manager 2", cluster.data("m2").resolve("node"));
        plantOfNode("peer", cluster.data("peer"));
        Map<String, byte[]> out = new LinkedHashMap<>();
        answers(first, out);
        misplaced(first, out);
        first.fabric().log().snapshot().toCompletableFuture().join();
        second.fabric().log().snapshot().toCompletableFuture().join();
        wrongPassphrase(out);
        cluster.close();
        out.put("log", log.text());

        for (Map.Entry<String, byte[]> each : out.entrySet()) {
            assertTrue(each.getValue().length > 0, each.getKey() + " is empty");
            TreeSet<String> found = canaries.in(each.getValue());
            // Who creates a token is told it, once.
            found.removeIf(name -> each.getKey().equals("POST /v1/tokens") && name.equals("created token"));
            assertEquals(new TreeSet<>(), found, each.getKey());
        }
        String logged = new String(log.text(), StandardCharsets.UTF_8);
        for (String logger : List.of("io.wgfabric.", "org.jgroups.", "org.eclipse.jetty.")) {
            assertTrue(logged.contains("\n" + logger), logger + " was listened to");
        }
        assertFiles();
    }

    private void plantTokens(String... tokens) {
        for (int i = 0; i < tokens.length; i++) {
            // The claims are no secret; without the signature they admit nobody.
            canaries.plant("token " + i, tokens[i].substring(tokens[i].lastIndexOf('.') + 1));
            assertEquals(new TreeSet<>(List.of("token " + i)), canaries.in("x" + tokens[i] + "y"));
        }
    }

    private void plantOperator() throws IOException {
        String credential =
                OperatorFile.read(DataFolder.operatorFile(cluster.data("m1"))).credential();
        canaries.plant(
                "operator", Base64.getUrlDecoder().decode(credential.substring(credential.lastIndexOf('.') + 1)));
    }

    private void plantKeys(FabricServer server) throws IOException {
        byte[] sealingKey = SealingKeyFile.open(cluster.data("m2").resolve("sealing.key"), Passphrase.NONE)
                .sealingKey();
        canaries.plant("sealing key", sealingKey);
        Sealer sealer = new Sealer(sealingKey);
        server.fabric()
                .view()
                .sealedSecrets()
                .forEach((name, ciphertext) -> plantPrivate(name, sealer.open(name, ciphertext)));
        assertTrue(canaries.names().containsAll(List.of("authority-key", "token-key", "config-key")));
    }

    /** The number itself, which every form of the key has in it. */
    private void plantPrivate(String name, byte[] pkcs8) {
        byte[] number = Arrays.copyOfRange(pkcs8, pkcs8.length - 32, pkcs8.length);
        if (pkcs8.length > 64 || name.equals("authority-key")) {
            number = ((ECPrivateKey) Keys.decodePrivate("EC", pkcs8)).getS().toByteArray();
            number = number.length > 32 ? Arrays.copyOfRange(number, number.length - 32, number.length) : number;
        }
        canaries.plant(name, number);
        assertEquals(new TreeSet<>(List.of(name)), canaries.in(pkcs8), "can be found in PKCS #8");
        assertEquals(
                new TreeSet<>(List.of(name)),
                canaries.in(Base64.getMimeEncoder(10_000, new byte[] {'\n'}).encodeToString(pkcs8)));
    }

    private void plantOfNode(String who, Path folder) throws IOException {
        NodeStore node = new NodeStore(folder);
        canaries.plant(who + " tls", scalar(Files.readAllBytes(folder.resolve("tls.key"))));
        Matcher keys = KEY.matcher(Files.readString(folder.resolve("wireguard.json")));
        int count = 0;
        while (keys.find()) {
            canaries.plant(who + " wireguard " + count++, Base64.getDecoder().decode(keys.group()));
        }
        assertTrue(count >= 2, "a node has a private key for each plane");
        assertTrue(node.hasJoined());
    }

    private static byte[] scalar(byte[] pkcs8) {
        byte[] number = ((ECPrivateKey) Keys.decodePrivate("EC", pkcs8)).getS().toByteArray();
        return number.length > 32 ? Arrays.copyOfRange(number, number.length - 32, number.length) : number;
    }

    /** Everything that a manager tells an admin, and what anyone hears. */
    private void answers(FabricServer server, Map<String, byte[]> out) throws Exception {
        String bearer =
                OperatorFile.read(DataFolder.operatorFile(cluster.data("m1"))).credential();
        for (String path : List.of(
                "/v1/status",
                "/v1/nodes",
                "/v1/tokens",
                "/v1/audit?limit=1000",
                "/v1/backup",
                "/metrics",
                "/healthz")) {
            out.put("GET " + path, ask(server, "GET", path, bearer, null));
        }
        byte[] created = ask(server, "POST", "/v1/tokens", bearer, "{\"role\":\"peer\"}");
        out.put("POST /v1/tokens", created);
        Matcher token = Pattern.compile("\"token\":\"([^\"]+)\"").matcher(new String(created, StandardCharsets.UTF_8));
        assertTrue(token.find());
        canaries.plant("created token", token.group(1).substring(token.group(1).lastIndexOf('.') + 1));
        assertEquals(new TreeSet<>(List.of("created token")), canaries.in(created), "where it may be");
        out.put("GET /v1/tokens, later", ask(server, "GET", "/v1/tokens", bearer, null));
    }

    /** Secrets where they do not belong: what is refused is not repeated. */
    private void misplaced(FabricServer server, Map<String, byte[]> out) throws Exception {
        String bearer =
                OperatorFile.read(DataFolder.operatorFile(cluster.data("m1"))).credential();
        String wrong = random("misplaced");
        canaries.plant("misplaced", wrong);
        out.put("wrong bearer", ask(server, "GET", "/v1/nodes", wrong, null));
        out.put("wrong operator", ask(server, "GET", "/v1/nodes", "wgfop.o-0000000000007." + wrong, null));
        String[] bodies = {
            "\"" + wrong + "\"",
            wrong,
            "{\"token\":\"" + wrong + "\"}",
            "{\"role\":\"" + wrong + "\"}",
            "{\"role\":\"peer\",\"address\":\"" + wrong + "\"}",
            "{\"role\":\"peer\",\"ttlSeconds\":\"" + wrong + "\"}",
            "{\"keys\":{\"main\":\"" + wrong + "\"}}",
            "{\"certificateRequest\":\"" + wrong + "\"}",
            "{\"request\":\"" + wrong + " \"}"
        };
        for (String body : bodies) {
            for (String path : List.of("/v1/join", "/v1/tokens")) {
                byte[] answer = ask(server, "POST", path, bearer, body);
                out.put("POST " + path + " " + body.replace(wrong, "…"), answer);
            }
        }
    }

    private void wrongPassphrase(Map<String, byte[]> out) throws IOException {
        String wrong = random("wrong passphrase");
        canaries.plant("wrong passphrase", wrong);
        IOException refused = assertThrows(
                IOException.class,
                () -> SealingKeyFile.open(
                        cluster.data("m1").resolve("sealing.key"), needed -> wrong.getBytes(StandardCharsets.UTF_8)));
        StringWriter trace = new StringWriter();
        refused.printStackTrace(new PrintWriter(trace, true));
        out.put("wrong passphrase", trace.toString().getBytes(StandardCharsets.UTF_8));
    }

    /** Logs, snapshots and all else on disk: each secret in the file of its owner, and in no other. */
    private void assertFiles() throws IOException {
        TreeSet<String> expected = new TreeSet<>(List.of(
                "m1/operator.json: operator",
                "m1/node/tls.key: manager 1 tls",
                "m2/node/tls.key: manager 2 tls",
                "peer/tls.key: peer tls",
                "m2/sealing.key: sealing key"));
        for (String name : canaries.names()) {
            if (name.contains(" wireguard ")) {
                String folder = name.startsWith("peer") ? "peer" : "m" + name.charAt(8) + "/node";
                expected.add(folder + "/wireguard.json: " + name);
            }
        }
        assertEquals(expected, canaries.below(root));
        for (String name : List.of("m1", "m2")) {
            try (Stream<Path> raft = Files.walk(cluster.data(name).resolve("raft"))) {
                List<String> files = raft.filter(Files::isRegularFile)
                        .map(file -> String.valueOf(file.getFileName()))
                        .toList();
                assertTrue(files.size() > 2, "log and snapshot of " + name + " were searched: " + files);
            }
        }
    }

    private static byte[] ask(FabricServer server, String method, String path, String bearer, @Nullable String body)
            throws Exception {
        HttpRequest request = HttpRequest.newBuilder(
                        URI.create("https://127.0.0.1:" + server.settings().port() + path))
                .timeout(Duration.ofSeconds(60))
                .header("Authorization", "Bearer " + bearer)
                .method(method, body == null ? BodyPublishers.noBody() : BodyPublishers.ofString(body))
                .build();
        var view = server.fabric().view().cluster().orElseThrow();
        FabricTrust trust = new FabricTrust(
                Certificates.decode(view.caCertificate()), view.id(), identity -> true, InstantSource.system());
        var response = HttpClient.newBuilder()
                .sslContext(Tls.context(trust))
                .build()
                .send(request, BodyHandlers.ofByteArray());
        StringBuilder headers = new StringBuilder(response.statusCode() + "\n");
        response.headers()
                .map()
                .forEach((name, values) -> headers.append(name).append(values).append('\n'));
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        all.writeBytes(headers.toString().getBytes(StandardCharsets.UTF_8));
        all.writeBytes(response.body());
        return all.toByteArray();
    }

    /** What anyone on the machine sees of another's process; what only its owner sees has the secrets. */
    @Test
    void listOfProcessesShowsNoSecret() throws Exception {
        String passphrase = random("passphrase");
        try (ManagerProcess first = new ManagerProcess(root, "p1");
                ManagerProcess second = new ManagerProcess(root, "p2")) {
            first.init(Map.of("FABRIC_PASSPHRASE", passphrase));
            JsonNode created = TestPeer.patiently(
                    Access.folder(first.data()),
                    "POST",
                    "/v1/tokens",
                    Map.of("role", "mgmt", "uses", 1),
                    JsonNode.class);
            String token = created.path("token").asString("");
            second.join(token, Map.of());
            canaries.plant("passphrase", passphrase);
            canaries.plant("token", token.substring(token.lastIndexOf('.') + 1));

            assertEquals(new TreeSet<>(List.of("passphrase")), canaries.in(first.environment()), "where it may be");
            assertEquals(new TreeSet<>(List.of("token")), canaries.in(second.environment()), "where it may be");
            for (ManagerProcess manager : List.of(first, second)) {
                assertTrue(manager.commandLine().contains("server"), manager.commandLine());
                assertEquals(new TreeSet<>(), canaries.in(manager.commandLine()));
                assertEquals(new TreeSet<>(), canaries.in(manager.printed()));
            }
        }
    }
}
