package io.wgfabric.javalin.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.wgfabric.agent.ControlClient;
import io.wgfabric.agent.ControlException;
import io.wgfabric.agent.NodeClients;
import io.wgfabric.agent.NodeStore;
import io.wgfabric.api.Cluster;
import io.wgfabric.api.Role;
import io.wgfabric.core.backup.Backup;
import io.wgfabric.core.codec.Codec;
import io.wgfabric.core.crypto.Certificates;
import io.wgfabric.core.crypto.FabricTrust;
import io.wgfabric.core.crypto.Keys;
import io.wgfabric.core.crypto.Sealer;
import io.wgfabric.core.crypto.Tls;
import io.wgfabric.core.wire.JoinAnswer;
import io.wgfabric.core.wire.PresharedKeyAnswer;
import io.wgfabric.core.wire.PresharedKeyRequest;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Arrays;
import java.util.Base64;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.logging.Logger;
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
 * CVE-2023-47390, secrets in logs: every secret that managers, a peer and an operator have is searched for in all that
 * comes out of them. That the search would find it there is shown by a word that is no secret and is planted like one.
 */
@Timeout(300)
class CanaryTest {
    private static final Pattern WIREGUARD_KEY = Pattern.compile("[A-Za-z0-9+/]{43}=");

    /** Metrics have no words of callers, so there the search must find one of their own. */
    private static final String METRIC = "fabric_refusals_total{reason=\"token-malformed\"}";

    private static final String HEADERS_END = "\n\n";

    private final Canaries canaries = new Canaries();
    private final String control = "control-" + random(8);

    @TempDir
    @SuppressWarnings("NullAway.Init")
    private Path root;

    @SuppressWarnings("NullAway.Init")
    private TestCluster cluster;

    @SuppressWarnings("NullAway.Init")
    private CapturedLog log;

    @BeforeEach
    void listen() {
        cluster = new TestCluster(root);
        // After the cluster, whose class makes the libraries quiet.
        log = CapturedLog.start();
        canaries.plant("control", control);
        canaries.plant("control of metrics", METRIC);
    }

    @AfterEach
    void stop() {
        cluster.close();
        log.close();
    }

    private static String random(int bytes) {
        byte[] random = new byte[bytes];
        new SecureRandom().nextBytes(random);
        return HexFormat.of().formatHex(random);
    }

    @Test
    void noSecretComesOutAnywhere() throws Exception {
        String passphrase = random(16);
        canaries.plant("passphrase", passphrase);
        FabricServer first = cluster.init(
                "m1", TestCluster.environment().withPassphrase(needed -> passphrase.getBytes(StandardCharsets.UTF_8)));
        String managerToken = TestCluster.token(first, Role.MGMT, 1);
        FabricServer second = TestPeer.patiently(() -> cluster.join("m2", managerToken));
        String peerToken = TestCluster.token(first, Role.PEER, 1);
        TestPeer.patiently(() -> TestPeer.join(cluster.data(control), peerToken));
        byte[] sealingKey = SealingKeyFile.open(cluster.data("m2").resolve("sealing.key"), Passphrase.NONE)
                .sealingKey();
        plantToken("manager's token", managerToken);
        plantToken("peer's token", peerToken);
        presharedKeys(first);
        plantKeys(first, sealingKey);
        plantNode("manager 1", cluster.data("m1").resolve("node"));
        plantNode("manager 2", cluster.data("m2").resolve("node"));
        plantNode("peer", cluster.data(control));

        Map<String, byte[]> places = new LinkedHashMap<>();
        session(first, places);
        answers(first, sealingKey, places);
        for (FabricServer server : List.of(first, second)) {
            Path raft = cluster.data(server.settings().name()).resolve("raft");
            places.put("raft log, " + server.settings().name(), content(raft, false));
            server.fabric().log().snapshot().toCompletableFuture().join();
            places.put("snapshot, " + server.settings().name(), content(raft, true));
        }
        wrongPassphrase(places);
        cluster.close();
        Logger.getLogger("io.wgfabric.control").finest(control);
        places.put("log", log.text());

        Map<String, Set<String>> found = new TreeMap<>();
        places.forEach((place, content) -> found.put(place, canaries.in(content)));
        assertEquals(expected(places.keySet()), found);
        String logged = new String(log.text(), StandardCharsets.UTF_8);
        for (String logger : List.of("io.wgfabric.", "io.javalin.", "org.jgroups.", "org.eclipse.jetty.")) {
            assertTrue(logged.contains("\n" + logger), logger + " was listened to");
        }
        assertEachFileHasItsOwners();
    }

    /** In each place the control and nothing else; who creates a token is told it, once. */
    private static Map<String, Set<String>> expected(Set<String> places) {
        Map<String, Set<String>> expected = new TreeMap<>();
        for (String place : places) {
            expected.put(place, Set.of("control"));
        }
        expected.put("metrics", Set.of("control of metrics"));
        expected.put("new token", Set.of("new token"));
        expected.put("new session", Set.of("session"));
        for (String place : List.of(
                "used session",
                "session of others",
                "altered session",
                "ended session",
                "tokens",
                "backup",
                "wrong bearer",
                "wrong operator",
                "wrong token",
                "wrong passphrase")) {
            expected.put(place, Set.of());
        }
        return expected;
    }

    /** The claims are no secret; without the signature they admit nobody. */
    private void plantToken(String name, String token) {
        canaries.plant(name, token.substring(token.lastIndexOf('.') + 1));
        assertEquals(Set.of(name), canaries.in("x" + token + "y"));
    }

    private void plantKeys(FabricServer server, byte[] sealingKey) throws IOException {
        canaries.plant("sealing key", sealingKey);
        canaries.plantCredential(
                "operator",
                OperatorFile.read(DataFolder.operatorFile(cluster.data("m1"))).credential());
        Sealer sealer = new Sealer(sealingKey);
        server.fabric().view().sealedSecrets().forEach((name, ciphertext) -> {
            byte[] secret = sealer.open(name, ciphertext);
            canaries.plantSecret(name, secret);
            assertEquals(Set.of(name), canaries.in(secret), "can be found, in PKCS #8 too");
            assertEquals(Set.of(name), canaries.in(Base64.getEncoder().encodeToString(secret)));
        });
        assertTrue(
                canaries.names().containsAll(List.of("authority-key", "token-key", "config-key", "preshared-key-1")));
    }

    /** Switched on, and one of them told to the peer. */
    private void presharedKeys(FabricServer server) throws Exception {
        String admin =
                OperatorFile.read(DataFolder.operatorFile(cluster.data("m1"))).credential();
        ask(server, "PUT", "/v1/mesh/preshared-keys", admin, "{\"on\":true}");
        NodeStore peer = new NodeStore(cluster.data(control));
        PresharedKeyRequest.Pair pair = new PresharedKeyRequest.Pair(
                1,
                peer.publicKeys().main(),
                server.self().id(),
                server.self().keys().main());
        PresharedKeyAnswer answer = TestPeer.patiently(
                NodeClients.of(peer),
                "POST",
                "/v1/nodes/" + peer.identity().node() + "/preshared-keys",
                new PresharedKeyRequest(List.of(pair)),
                PresharedKeyAnswer.class);
        assertEquals(1, answer.keys().size());
        canaries.plant("pre-shared key", answer.keys().get(0).key().toArray());
        assertEquals(Set.of(), canaries.in(answer.toString()));
    }

    private void plantNode(String who, Path folder) throws IOException {
        canaries.plantPrivateKey(who + " tls", Files.readAllBytes(folder.resolve("tls.key")));
        Matcher keys = WIREGUARD_KEY.matcher(Files.readString(folder.resolve("wireguard.json")));
        int count = 0;
        while (keys.find()) {
            canaries.plant(who + " wireguard " + count++, Base64.getDecoder().decode(keys.group()));
        }
        assertEquals(2, count, "a private key for each plane");
    }

    /** Signs in at the web page, uses the cookie rightly and wrongly, and signs out: only the first answer has it. */
    private void session(FabricServer server, Map<String, byte[]> places) throws Exception {
        String admin =
                OperatorFile.read(DataFolder.operatorFile(cluster.data("m1"))).credential();
        byte[] opened = ask(server, "POST", "/v1/session", admin, null);
        Matcher cookie = Pattern.compile("(__Host-fabric=)([A-Za-z0-9_-]{43})")
                .matcher(new String(opened, StandardCharsets.UTF_8));
        assertTrue(cookie.find(), "a cookie was set");
        String secret = cookie.group(2);
        canaries.plant("session", Base64.getUrlDecoder().decode(secret));
        assertEquals(Set.of("session"), canaries.in("x" + secret + "y"));
        String[] shown = {"Cookie", cookie.group(1) + secret};
        String[] own = {shown[0], shown[1], "Fabric-Page", "1", "Sec-Fetch-Site", "same-origin"};
        places.put("new session", opened);
        places.put("used session", ask(server, "GET", "/v1/session", shown, null));
        places.put(
                "session's error", ask(server, "POST", "/v1/tokens", own, "{\"role\":\"peer\",\"" + control + "\":1}"));
        places.put("session of others", ask(server, "POST", "/v1/tokens", shown, "{\"role\":\"peer\"}"));
        String altered = (secret.startsWith("A") ? "B" : "A") + secret.substring(1);
        places.put(
                "altered session",
                ask(server, "GET", "/v1/nodes", new String[] {"Cookie", cookie.group(1) + altered}, null));
        ask(server, "DELETE", "/v1/session", own, null);
        places.put("ended session", ask(server, "GET", "/v1/nodes", shown, null));
    }

    /** Everything that a manager tells an admin, and what those hear who show something wrong. */
    private void answers(FabricServer server, byte[] sealingKey, Map<String, byte[]> places) throws Exception {
        String admin =
                OperatorFile.read(DataFolder.operatorFile(cluster.data("m1"))).credential();
        byte[] created = ask(server, "POST", "/v1/tokens", admin, "{\"role\":\"peer\"}");
        Matcher token = Pattern.compile("\"token\":\"([^\"]+)\"").matcher(new String(created, StandardCharsets.UTF_8));
        assertTrue(token.find());
        plantToken("new token", token.group(1));
        places.put("new token", created);
        places.put("error", ask(server, "POST", "/v1/tokens", admin, "{\"role\":\"peer\",\"" + control + "\":1}"));
        String wrong = random(16);
        canaries.plant("wrong credential", wrong);
        places.put("wrong bearer", ask(server, "GET", "/v1/nodes", wrong, null));
        places.put("wrong operator", ask(server, "GET", "/v1/nodes", "wgfop.o-0000000000007." + wrong, null));
        places.put("wrong token", refusal(server, token.group(1).replaceFirst("[^.]*$", wrong)));
        places.put("nodes", ask(server, "GET", "/v1/nodes", admin, null));
        places.put("tokens", ask(server, "GET", "/v1/tokens", admin, null));
        places.put("audit", ask(server, "GET", "/v1/audit?limit=1000", admin, null));
        places.put("metrics", ask(server, "GET", "/metrics", admin, null));
        byte[] backup = ask(server, "GET", "/v1/backup", admin, null);
        places.put("backup", backup);
        byte[] sealed = Arrays.copyOfRange(backup, headers(backup), backup.length);
        places.put("backup, opened", Codec.encode(Backup.parse(sealed).open(new Sealer(sealingKey))));
    }

    /** Headers and body. */
    private static byte[] ask(FabricServer server, String method, String path, String bearer, @Nullable String body)
            throws Exception {
        return ask(server, method, path, new String[] {"Authorization", "Bearer " + bearer}, body);
    }

    private static byte[] ask(FabricServer server, String method, String path, String[] headers, @Nullable String body)
            throws Exception {
        HttpRequest request = HttpRequest.newBuilder(
                        URI.create("https://127.0.0.1:" + server.settings().port() + path))
                .timeout(Duration.ofSeconds(60))
                .headers(headers)
                .method(method, body == null ? BodyPublishers.noBody() : BodyPublishers.ofString(body))
                .build();
        HttpResponse<byte[]> response = HttpClient.newBuilder()
                .sslContext(Tls.context(trust(server)))
                .build()
                .send(request, BodyHandlers.ofByteArray());
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        all.writeBytes((response.headers().map() + HEADERS_END).getBytes(StandardCharsets.UTF_8));
        all.writeBytes(response.body());
        return all.toByteArray();
    }

    private static int headers(byte[] answer) {
        return new String(answer, StandardCharsets.ISO_8859_1).indexOf(HEADERS_END) + HEADERS_END.length();
    }

    /** What a node tells its operator that was refused. */
    private static byte[] refusal(FabricServer server, String token) {
        ControlClient client = new ControlClient(
                Tls.context(trust(server)),
                List.of("127.0.0.1:" + server.settings().port()),
                null);
        ControlException refused = assertThrows(
                ControlException.class,
                () -> client.call("POST", "/v1/join", JoinRace.request(token, Keys.generateP256()), JoinAnswer.class));
        assertEquals("token-malformed", refused.slug());
        return trace(refused);
    }

    private static FabricTrust trust(FabricServer server) {
        Cluster cluster = server.fabric().view().cluster().orElseThrow();
        return new FabricTrust(
                Certificates.decode(cluster.caCertificate()),
                cluster.id(),
                identity -> identity.role() == Role.MGMT,
                InstantSource.system());
    }

    private static byte[] trace(Throwable thrown) {
        StringWriter trace = new StringWriter();
        thrown.printStackTrace(new PrintWriter(trace, true));
        return trace.toString().getBytes(StandardCharsets.UTF_8);
    }

    private void wrongPassphrase(Map<String, byte[]> places) {
        String wrong = random(16);
        canaries.plant("wrong passphrase", wrong);
        IOException refused = assertThrows(
                IOException.class,
                () -> SealingKeyFile.open(
                        cluster.data("m1").resolve("sealing.key"), needed -> wrong.getBytes(StandardCharsets.UTF_8)));
        places.put("wrong passphrase", trace(refused));
    }

    /** What is below a manager's folder of replication: its snapshots, or all else. */
    private static byte[] content(Path raft, boolean snapshots) throws IOException {
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        try (Stream<Path> files = Files.walk(raft)) {
            for (Path file : files.filter(Files::isRegularFile).toList()) {
                if (file.toString().endsWith(".snapshot") == snapshots) {
                    all.writeBytes(Files.readAllBytes(file));
                }
            }
        }
        return all.toByteArray();
    }

    /** Each secret is in the file of its owner, and in no other. */
    private void assertEachFileHasItsOwners() throws IOException {
        TreeSet<String> expected = new TreeSet<>(List.of(
                "m1/operator.json: operator",
                "m1/node/tls.key: manager 1 tls",
                "m2/node/tls.key: manager 2 tls",
                control + "/tls.key: peer tls",
                "m2/sealing.key: sealing key"));
        for (int plane = 0; plane < 2; plane++) {
            expected.add("m1/node/wireguard.json: manager 1 wireguard " + plane);
            expected.add("m2/node/wireguard.json: manager 2 wireguard " + plane);
            expected.add(control + "/wireguard.json: peer wireguard " + plane);
        }
        Set<String> found = canaries.below(root);
        found.removeIf(each -> each.endsWith(": control"));
        assertEquals(expected, found);
    }

    /** What anyone on the machine sees of another's process; what only its owner sees has the secrets. */
    @Test
    void listOfProcessesShowsNoSecret() throws Exception {
        String passphrase = random(16);
        canaries.plant("passphrase", passphrase);
        try (ManagerProcess first = new ManagerProcess(root, control);
                ManagerProcess second = new ManagerProcess(root, control + "2")) {
            first.init(Map.of("FABRIC_PASSPHRASE", passphrase));
            String token = TestPeer.patiently(
                            Access.folder(first.data()),
                            "POST",
                            "/v1/tokens",
                            Map.of("role", "mgmt", "uses", 1),
                            JsonNode.class)
                    .path("token")
                    .asString("");
            second.join(token, Map.of());
            plantToken("token", token);

            assertEquals(Set.of("passphrase"), canaries.in(first.environment()));
            assertEquals(Set.of("token"), canaries.in(second.environment()));
            for (ManagerProcess manager : List.of(first, second)) {
                assertEquals(Set.of("control"), canaries.in(manager.commandLine()), manager.commandLine());
                assertEquals(Set.of("control"), canaries.in(manager.printed()));
            }
        }
    }
}
