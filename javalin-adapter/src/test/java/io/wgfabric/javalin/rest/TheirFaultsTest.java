package io.wgfabric.javalin.rest;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.wgfabric.api.Actor;
import io.wgfabric.api.Address;
import io.wgfabric.api.AuditEntry;
import io.wgfabric.api.Bytes;
import io.wgfabric.api.ClusterId;
import io.wgfabric.api.Command;
import io.wgfabric.api.FabricView;
import io.wgfabric.api.Node;
import io.wgfabric.api.NodeId;
import io.wgfabric.api.NodeKeys;
import io.wgfabric.api.Outcome;
import io.wgfabric.api.Plane;
import io.wgfabric.api.Prefix;
import io.wgfabric.api.PublicKey;
import io.wgfabric.api.Rejection;
import io.wgfabric.api.RequestId;
import io.wgfabric.api.Role;
import io.wgfabric.api.Token;
import io.wgfabric.api.TokenId;
import io.wgfabric.core.TokenDesk;
import io.wgfabric.core.codec.Json;
import io.wgfabric.core.crypto.CertificateAuthority;
import io.wgfabric.core.crypto.Keys;
import io.wgfabric.core.crypto.NodeIdentity;
import io.wgfabric.core.crypto.OperatorCredential;
import io.wgfabric.core.crypto.PassphraseLock;
import io.wgfabric.core.crypto.Sealer;
import io.wgfabric.core.crypto.Tls;
import io.wgfabric.core.netmap.Netmap;
import io.wgfabric.core.netmap.NetmapVerifier;
import io.wgfabric.core.wire.Heartbeat;
import io.wgfabric.core.wire.JoinAnswer;
import io.wgfabric.core.wire.JoinRequest;
import io.wgfabric.javalin.server.FabricServer;
import io.wgfabric.javalin.server.TestCluster;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.Key;
import java.security.KeyPair;
import java.security.PrivateKey;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Stream;
import org.jose4j.jwa.AlgorithmConstraints;
import org.jose4j.jws.AlgorithmIdentifiers;
import org.jose4j.jws.JsonWebSignature;
import org.jose4j.keys.HmacKey;
import org.jose4j.lang.JoseException;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.node.ObjectNode;

/**
 * What went wrong in other systems of this kind, each as a test against a running manager. Where else a fault is tested:
 *
 * <table>
 * <caption>Faults that other tests guard against</caption>
 * <tr><td>a one-off key used twice, through several managers and across a leader's death</td>
 *     <td>{@code SingleUseTokenTest}</td></tr>
 * <tr><td>secrets in logs, metrics, audit, answers, snapshots, files (CVE-2023-47390)</td>
 *     <td>{@code CanaryTest}, {@code SecretsOnDiskTest}</td></tr>
 * <tr><td>secrets compared in other than constant time (TS-2025-003)</td><td>{@code ConstantTimeTest}</td></tr>
 * <tr><td>a role that may too much (CVE-2022-36110)</td><td>{@code RightsTest}</td></tr>
 * <tr><td>unauthenticated requests without a limit (k3s)</td><td>the tests of the limits per source</td></tr>
 * <tr><td>a block list that agents ignore (nebula-mesh)</td><td>here as far as configurations go; at the WireGuard
 *     interfaces of the other peers in the lab, {@code simulation}</td></tr>
 * <tr><td>encryption silently off (CVE-2023-28841)</td><td>the tunnels of {@code fabric-agent}: there is no backend that
 *     sends in clear, and without a backend the agent does not start</td></tr>
 * <tr><td>DNS rebinding on a local API (CVE-2022-41924)</td><td>the agent has no local API; its test comes with
 *     one</td></tr>
 * <tr><td>STUN answers that amplify (netbird)</td><td>comes with the STUN server</td></tr>
 * </table>
 */
class TheirFaultsTest {
    private final LoneManager manager = LoneManager.start();

    @AfterEach
    void stop() {
        manager.close();
    }

    private FabricView view() {
        return manager.core.fabric().view();
    }

    private static JoinRequest request(String token) {
        return LoneManager.request(token, Role.PEER, null, Keys.generateP256());
    }

    private static JoinRequest withKeys(JoinRequest request, NodeKeys keys) {
        return new JoinRequest(
                request.request(),
                request.token(),
                request.role(),
                request.name(),
                keys,
                request.endpoints(),
                request.services(),
                request.certificateRequest());
    }

    private Reply join(JoinRequest request) throws Exception {
        return manager.nobody().ask("POST", "/v1/join", request);
    }

    private void assertRefused(String slug, Reply reply) {
        assertEquals(slug, reply.slug(), reply.body());
        assertTrue(reply.status() >= 400 && reply.status() < 500, reply.body());
    }

    private TokenDesk.Issued token(int uses, @Nullable Address address, String... tags) {
        return manager.core
                .tokens()
                .issue(
                        Actor.system("test"),
                        new RequestId("t-" + System.nanoTime()),
                        new TokenDesk.Wish(
                                Role.PEER, Duration.ofHours(1), uses, new TreeSet<>(List.of(tags)), address, false))
                .toCompletableFuture()
                .join();
    }

    private Token now(TokenDesk.Issued token) {
        return view().token(token.token().id()).orElseThrow();
    }

    // TS-2025-007: checked in one transaction, consumed in another.
    @Test
    void oneOffTokenAdmitsOneNodeHoweverManyAskAtOnce() throws Exception {
        TokenDesk.Issued token = token(1, null);
        int racers = 40;
        ExecutorService clients = Executors.newFixedThreadPool(8);
        List<Future<Reply>> replies = new ArrayList<>();
        for (int i = 0; i < racers; i++) {
            replies.add(clients.submit(() -> join(request(token.text()))));
        }
        int admitted = 0;
        for (Future<Reply> reply : replies) {
            admitted += reply.get().status() == 200 ? 1 : 0;
        }
        clients.shutdownNow();

        assertEquals(1, admitted);
        assertEquals(1, now(token).nodes().size());
        List<AuditEntry> joins = view().audit().stream()
                .filter(entry -> entry.action().equals("join-node"))
                .filter(entry -> entry.actor().id().equals(token.token().id().text()))
                .toList();
        assertEquals(racers, joins.size());
        assertEquals(
                1, joins.stream().filter(e -> e.outcome().equals("accepted")).count());
        assertEquals(
                racers - 1,
                joins.stream().filter(e -> e.outcome().equals("token-used-up")).count());
    }

    // Netmaker: uses left counted as valid although expired.
    @Test
    void expiredTokenWithUsesLeftIsRefused() throws Exception {
        TokenDesk.Issued token = token(100, null);
        assertEquals(200, join(request(token.text())).status());
        manager.clock.advance(Duration.ofHours(2));

        assertRefused("token-expired", join(request(token.text())));
        assertEquals(1, now(token).used());
    }

    // headscale #158: deleting the node revived its key.
    @Test
    void removingTheNodeDoesNotReviveItsToken() throws Exception {
        TokenDesk.Issued token = token(1, null);
        JoinRequest first = request(token.text());
        Reply admitted = join(first);
        NodeId node = Json.mapper()
                .readValue(admitted.body(), JoinAnswer.class)
                .node()
                .id();
        assertEquals(204, manager.operator().ask("DELETE", "/v1/nodes/" + node).status());

        assertRefused("token-used-up", join(request(token.text())));
        assertRefused("node-unknown", join(first));
        assertEquals(1, now(token).used());
        assertTrue(view().node(node).isEmpty());
    }

    // headscale #3370: the key was consumed and its tags were ignored.
    @Test
    void useThatIsTakenHasItsFullEffectAndRefusedJoinTakesNone() throws Exception {
        Address address = Address.parse("10.0.3.3");
        TokenDesk.Issued token = token(1, address, "core", "eu");
        manager.join("taken");
        Reply refused = join(LoneManager.request(token.text(), Role.PEER, "taken", Keys.generateP256()));
        assertRefused("name-taken", refused);
        assertEquals(0, now(token).used());

        JoinAnswer answer = Json.mapper().readValue(join(request(token.text())).body(), JoinAnswer.class);

        Node node = view().node(answer.node().id()).orElseThrow();
        assertEquals(new TreeSet<>(List.of("core", "eu")), node.tags());
        assertEquals(List.of(address), node.addresses());
        assertEquals(token.token().id(), node.token());
        assertEquals(new TreeSet<>(List.of(node.id())), now(token).nodes());
    }

    // CVE-2026-38651: the signature of a JWT was not checked.
    @Test
    void tokenThatThisClusterDidNotSignIsRefused() throws Exception {
        TokenDesk.Issued genuine = token(0, null);
        String claims = decoded(genuine.text().split("\\.", -1)[1]);
        KeyPair stranger = Keys.generateEd25519();
        byte[] published = view().publicKey("token-key").orElseThrow().toArray();
        String other =
                claims.replace(genuine.token().id().text(), TokenId.of(77).text());
        Map<String, String> forged = new LinkedHashMap<>();
        forged.put("another key", signed(claims, "EdDSA", stranger.getPrivate(), "wgfabric-join+jwt"));
        forged.put(
                "no algorithm",
                encoded("{\"alg\":\"none\",\"typ\":\"wgfabric-join+jwt\"}") + "." + encoded(claims) + ".");
        forged.put(
                "HMAC with the public key as its secret",
                signed(claims, "HS256", new HmacKey(published), "wgfabric-join+jwt"));
        forged.put("ECDSA", signed(claims, "ES256", Keys.generateP256().getPrivate(), "wgfabric-join+jwt"));
        String[] parts = genuine.text().split("\\.", -1);
        forged.put("other claims under this signature", parts[0] + "." + encoded(other) + "." + parts[2]);
        forged.put("no signature", parts[0] + "." + parts[1] + ".");
        forged.put("two parts", parts[0] + "." + parts[1]);
        forged.put(
                "a key of its own in the header",
                encoded(
                                "{\"alg\":\"EdDSA\",\"typ\":\"wgfabric-join+jwt\",\"jwk\":{\"kty\":\"OKP\",\"crv\":\"Ed25519\",\"x\":\""
                                        + Base64.getUrlEncoder()
                                                .withoutPadding()
                                                .encodeToString(raw(stranger)) + "\"}}")
                        + "." + encoded(claims) + "." + parts[2]);

        FabricView before = view();
        for (Map.Entry<String, String> token : forged.entrySet()) {
            Reply reply = join(request(token.getValue()));
            assertEquals("token-malformed", reply.slug(), token.getKey());
            assertEquals(403, reply.status(), token.getKey());
        }
        assertEquals(before.nodes(), view().nodes());
        assertEquals(200, join(request(genuine.text())).status());
    }

    // The same, signed by the right key: what was signed for another purpose admits nobody.
    @Test
    void tokenForAnotherAudienceClusterOrPurposeIsRefused() throws Exception {
        PrivateKey key = tokenKey();
        TokenDesk.Issued genuine = token(0, null);
        String claims = decoded(genuine.text().split("\\.", -1)[1]);
        assertEquals(
                200,
                join(request(signed(claims, "EdDSA", key, "wgfabric-join+jwt"))).status(),
                "what follows differs in one claim alone");
        String cluster = manager.core.keyring().cluster().text();
        Map<String, String> wrong = new LinkedHashMap<>();
        wrong.put("audience", claims.replace("\"aud\":\"wgfabric-join\"", "\"aud\":\"wgfabric-api\""));
        wrong.put("no audience", claims.replace("\"aud\":\"wgfabric-join\",", ""));
        wrong.put("no expiry", claims.replaceFirst("\"exp\":[0-9]+,", ""));
        wrong.put("no id", claims.replaceFirst("\"jti\":\"[^\"]*\",", ""));
        wrong.forEach((name, changed) -> assertNotEquals(claims, changed, name));
        for (Map.Entry<String, String> token : wrong.entrySet()) {
            Reply reply = join(request(signed(token.getValue(), "EdDSA", key, "wgfabric-join+jwt")));
            assertEquals("token-malformed", reply.slug(), token.getKey());
        }
        assertRefused("token-malformed", join(request(signed(claims, "EdDSA", key, "JWT"))));
        assertRefused("token-malformed", join(request(signed(claims, "EdDSA", key, null))));
        String foreign = claims.replace(cluster, ClusterId.of(424_242).text());
        assertRefused("token-wrong-cluster", join(request(signed(foreign, "EdDSA", key, "wgfabric-join+jwt"))));
        String unknown =
                claims.replace(genuine.token().id().text(), TokenId.of(77).text());
        assertRefused("token-unknown", join(request(signed(unknown, "EdDSA", key, "wgfabric-join+jwt"))));
    }

    /** Only who has the sealing key can have it: a manager gets that when it joins. */
    private PrivateKey tokenKey() throws Exception {
        Bytes sealingKey = manager.join("m2", Role.MGMT).answer().sealingKey();
        if (sealingKey == null) {
            throw new AssertionError("a manager gets the sealing key");
        }
        byte[] opened = new Sealer(sealingKey.toArray())
                .open("token-key", view().sealedSecret("token-key").orElseThrow());
        return Keys.decodePrivate("Ed25519", opened);
    }

    private static byte[] raw(KeyPair pair) {
        byte[] spki = pair.getPublic().getEncoded();
        return Arrays.copyOfRange(spki, spki.length - 32, spki.length);
    }

    private static String signed(String claims, String algorithm, Key key, @Nullable String type) throws JoseException {
        JsonWebSignature jws = new JsonWebSignature();
        jws.setAlgorithmConstraints(AlgorithmConstraints.NO_CONSTRAINTS);
        jws.setAlgorithmHeaderValue(algorithm);
        if (type != null) {
            jws.setHeader("typ", type);
        }
        jws.setPayload(claims);
        jws.setKey(key);
        jws.setDoKeyValidation(!algorithm.equals(AlgorithmIdentifiers.HMAC_SHA256));
        return jws.getCompactSerialization();
    }

    private static String encoded(String text) {
        return Base64.getUrlEncoder().withoutPadding().encodeToString(text.getBytes(StandardCharsets.UTF_8));
    }

    private static String decoded(String part) {
        return new String(Base64.getUrlDecoder().decode(part), StandardCharsets.UTF_8);
    }

    // CVE-2026-29194: any host's token acted on any host.
    @ParameterizedTest(name = "{0} {1}")
    @CsvSource(delimiter = '|', textBlock = """
            GET    |            |
            DELETE |            |
            POST   | /keys      | {"plane":"SPARE","key":"KEY"}
            PUT    | /reach     | {"endpoints":{"addresses":["192.0.2.66"],"mainPort":1,"sparePort":2}}
            POST   | /rotate    |
            POST   | /quarantine| {"reason":"test"}
            POST   | /release   |
            """)
    void credentialOfOneNodeActsOnNoOther(String method, @Nullable String path, @Nullable String body)
            throws Exception {
        LoneManager.Joined mine = manager.join("mine");
        LoneManager.Joined other = manager.join("other");
        Client me = manager.as(mine);
        FabricView before = view();
        for (String named : List.of(other.id().text(), other.name())) {
            String at = "/v1/nodes/" + named + (path == null ? "" : path);
            Reply reply = body == null
                    ? me.ask(method, at)
                    : me.ask(
                            method, at, body.replace("KEY", LoneManager.newKey().toString()));
            assertEquals(403, reply.status(), at + ": " + reply.body());
        }
        assertEquals(before.nodes(), view().nodes());
    }

    /** Below the routes too: the machine itself knows who asks. */
    @Test
    void machineLetsNoNodeChangeAnother() throws Exception {
        LoneManager.Joined mine = manager.join("mine");
        LoneManager.Joined other = manager.join("other");
        Actor me = new Actor(Actor.Kind.PEER, mine.id().text(), "127.0.0.1");
        FabricView before = view();
        for (Command command : List.of(
                new Command.UpdateNode(other.id(), LoneManager.endpoints(), null),
                new Command.RemoveNode(other.id(), "mine now"),
                new Command.QuarantineNode(other.id(), "mine now"),
                new Command.ReleaseNode(other.id()),
                new Command.RotateNodeKey(other.id()),
                new Command.PublishKey(other.id(), Plane.MAIN, LoneManager.newKey()),
                new Command.RevokeToken(TokenId.of(1), true))) {
            Outcome outcome = manager.core
                    .fabric()
                    .submit(me, new RequestId("x-" + System.nanoTime()), command)
                    .toCompletableFuture()
                    .join();
            assertTrue(
                    outcome instanceof Outcome.Rejected rejected
                            && rejected.rejection().reason() == Rejection.Reason.NOT_ALLOWED,
                    command.toString());
        }
        assertEquals(before.nodes(), view().nodes());
    }

    // headscale 41d70fe8: the same WireGuard key under another identity.
    @Test
    void wireGuardKeyOfAnotherNodeIsRefused() throws Exception {
        LoneManager.Joined first = manager.join("first");
        NodeKeys theirs = first.answer().node().keys();
        TokenDesk.Issued token = token(0, null);
        for (NodeKeys taken : List.of(
                new NodeKeys(theirs.main(), LoneManager.newKey()),
                new NodeKeys(theirs.spare(), LoneManager.newKey()),
                new NodeKeys(LoneManager.newKey(), theirs.main()),
                new NodeKeys(theirs.spare(), theirs.main()))) {
            assertRefused("key-taken", join(withKeys(request(token.text()), taken)));
        }
        ObjectNode twice = (ObjectNode) Json.mapper().valueToTree(request(token.text()));
        String key = LoneManager.newKey().toString();
        twice.putObject("keys").put("main", key).put("spare", key);
        assertRefused("invalid", manager.nobody().ask("POST", "/v1/join", twice.toString()));

        LoneManager.Joined second = manager.join("second");
        manager.submit(new Command.RotateNodeKey(second.id()));
        Map<String, Object> publish = Map.of("plane", "SPARE", "key", theirs.main());
        assertRefused("key-taken", manager.as(second).ask("POST", "/v1/nodes/" + second.id() + "/keys", publish));
        assertEquals(0, now(token).used());
        assertAllKeysDiffer();
    }

    private void assertAllKeysDiffer() {
        Set<PublicKey> keys = new HashSet<>();
        for (Node node : view().nodes()) {
            for (Plane plane : Plane.values()) {
                assertTrue(keys.add(node.keys().on(plane)), node.name() + " shares a key");
            }
        }
    }

    // CVE-2022-23650, CVE-2023-32077, CVE-2025-10678: hard-coded keys, a default admin.
    @Test
    void twoInstallsDifferInEveryKey(@TempDir Path root) throws Exception {
        try (TestCluster one = new TestCluster(root.resolve("one"));
                TestCluster two = new TestCluster(root.resolve("two"))) {
            FabricServer first = one.init("m1");
            FabricServer second = two.init("m1");
            Map<String, String> ofFirst = secrets(one.data("m1"), first);
            Map<String, String> ofSecond = secrets(two.data("m1"), second);

            assertEquals(ofFirst.keySet(), ofSecond.keySet());
            assertTrue(
                    ofFirst.keySet()
                            .containsAll(List.of("sealing.key", "operator.json", "authority", "token-key", "id")),
                    ofFirst.keySet().toString());
            for (Map.Entry<String, String> secret : ofFirst.entrySet()) {
                assertNotEquals(secret.getValue(), ofSecond.get(secret.getKey()), secret.getKey());
            }
            Set<String> all = new HashSet<>(ofFirst.values());
            all.addAll(ofSecond.values());
            assertEquals(2 * ofFirst.size(), all.size(), "no two of them are the same");
        }
    }

    /** Each file that only its owner may read, each secret and each public key. */
    private static Map<String, String> secrets(Path data, FabricServer server) throws Exception {
        Map<String, String> secrets = new LinkedHashMap<>();
        try (Stream<Path> tree = Files.walk(data)) {
            for (Path file : tree.filter(Files::isRegularFile).sorted().toList()) {
                boolean mine = Files.getPosixFilePermissions(file).size() == 2;
                // Which is the same for every cluster that was not recovered.
                boolean epoch = file.endsWith("epoch.json");
                if (mine && !epoch && !file.startsWith(data.resolve("raft")) && Files.size(file) > 0) {
                    String name = data.relativize(file).toString();
                    secrets.put(name, Bytes.sha256(Files.readAllBytes(file)).hex());
                }
            }
        }
        FabricView view = server.fabric().view();
        secrets.put("id", view.cluster().orElseThrow().id().text());
        secrets.put("authority", view.cluster().orElseThrow().caCertificate().hex());
        view.sealedSecrets().forEach((name, ciphertext) -> secrets.put("sealed " + name, ciphertext.hex()));
        for (String name : List.of("token-key", "config-key")) {
            secrets.put(name, view.publicKey(name).orElseThrow().hex());
        }
        for (Plane plane : Plane.values()) {
            secrets.put("wireguard " + plane, server.self().keys().on(plane).toString());
        }
        return secrets;
    }

    @Test
    void freshInstallHasNoDefaultCredential() throws Exception {
        String id = manager.operator.id().text();
        String nothing = Base64.getUrlEncoder().withoutPadding().encodeToString(new byte[32]);
        for (String guess : List.of(
                "",
                "admin",
                "admin:admin",
                "secret",
                "wgfop.",
                "wgfop..",
                "wgfop." + id + ".",
                "wgfop." + id + "." + nothing)) {
            Client client = new Client(manager.port(), Tls.context(manager.trust()), guess);
            for (String path : List.of("/v1/nodes", "/v1/tokens", "/v1/audit", "/v1/backup", "/v1/status")) {
                assertEquals(401, client.ask("GET", path).status(), "'" + guess + "' at " + path);
            }
        }
        OperatorCredential another = OperatorCredential.generate();
        Client stranger = new Client(manager.port(), Tls.context(manager.trust()), another.reveal());
        assertEquals(401, stranger.ask("GET", "/v1/nodes").status());
    }

    // CVE-2022-36110, CVE-2023-32078: fields that were never asked for, and taken.
    @Test
    void unknownFieldsAreRefusedAndNothingIsAssigned() throws Exception {
        LoneManager.Joined peer = manager.join("peer");
        TokenDesk.Issued token = token(0, null);
        manager.submit(new Command.RotateNodeKey(peer.id()));
        String node = "/v1/nodes/" + peer.id();
        Map<String, Object> bodies = new LinkedHashMap<>();
        bodies.put("POST /v1/join", request(token.text()));
        bodies.put("POST /v1/tokens", Map.of("role", "peer"));
        bodies.put("POST /v1/heartbeat", new Heartbeat(1, view().revision(), view().revision(), "1", "test", 0));
        bodies.put("POST " + node + "/keys", Map.of("plane", "SPARE", "key", LoneManager.newKey()));
        bodies.put("PUT " + node + "/reach", Map.of("endpoints", LoneManager.endpoints()));
        bodies.put("POST " + node + "/quarantine", Map.of("reason", "test"));
        FabricView before = view();
        for (Map.Entry<String, Object> route : bodies.entrySet()) {
            String[] parts = route.getKey().split(" ", -1);
            boolean own = parts[1].endsWith("/keys") || parts[1].endsWith("/reach") || parts[1].endsWith("/heartbeat");
            Client client = own ? manager.as(peer) : manager.operator();
            for (String extra : List.of("admin", "access", "state", "addresses", "id", "node", "actor", "isAdmin")) {
                ObjectNode body = (ObjectNode) Json.mapper().valueToTree(route.getValue());
                body.put(extra, "ADMIN");
                Reply reply = client.ask(parts[0], parts[1], body.toString());
                assertEquals(400, reply.status(), route.getKey() + " with " + extra + ": " + reply.body());
                assertTrue(reply.body().contains("unknown field '" + extra + "'"), reply.body());
            }
        }
        assertEquals(before.nodes(), view().nodes());
        assertEquals(List.copyOf(before.tokens()), List.copyOf(view().tokens()));
    }

    // CVE-2024-41260: a static IV.
    @Test
    void noncesAreUnique() throws Exception {
        byte[] secret = new byte[32];
        Sealer sealer = new Sealer(Sealer.generateKey());
        Set<String> nonces = new HashSet<>();
        int count = 5_000;
        for (int i = 0; i < count; i++) {
            nonces.add(sealer.seal("same", secret).hex().substring(2, 2 + 24));
        }
        PassphraseLock lock = PassphraseLock.create("correct horse".getBytes(StandardCharsets.UTF_8));
        for (int i = 0; i < 200; i++) {
            nonces.add(Bytes.of(lock.lock(secret).nonce()).hex());
        }
        Set<String> inState = new HashSet<>();
        view().sealedSecrets().values().forEach(bytes -> inState.add(bytes.hex().substring(2, 26)));
        nonces.addAll(inState);
        assertEquals(view().sealedSecrets().size(), inState.size());
        assertEquals(count + 200 + inState.size(), nonces.size());
        assertNotEquals(
                manager.operator().ask("GET", "/v1/backup").body(),
                manager.operator().ask("GET", "/v1/backup").body());
    }

    // CVE-2025-62820: a node sends from addresses that are not its own.
    @Test
    void nodeIsGivenExactlyItsOwnAddressesAndNoTwoOverlap() throws Exception {
        List<LoneManager.Joined> peers = List.of(manager.join("one"), manager.join("two"), manager.join("three"));
        Netmap netmap = new NetmapVerifier(
                        manager.core.keyring().cluster(), manager.core.keyring().pin(), manager.clock)
                .verify(manager.as(peers.get(0)).ask("GET", "/v1/netmap").body());
        Set<Prefix> given = new HashSet<>();
        for (Netmap.Member member : netmap.members()) {
            assertEquals(1, member.addresses().size());
            for (Address address : member.addresses()) {
                assertEquals(32, address.toPrefix().length());
                assertTrue(given.add(address.toPrefix()), address + " is given twice");
                assertTrue(netmap.pools().stream().anyMatch(pool -> pool.contains(address)));
            }
        }
        // There is no field by which a node could ask for more.
        ObjectNode more =
                (ObjectNode) Json.mapper().valueToTree(request(token(1, null).text()));
        more.putArray("allowedIps").add("0.0.0.0/0");
        assertRefused("invalid", manager.nobody().ask("POST", "/v1/join", more.toString()));

        Address taken = peers.get(1).answer().node().addresses().get(0);
        Map<String, Object> wish = Map.of("role", "peer", "uses", 1, "address", taken.toString());
        Reply created = manager.operator().ask("POST", "/v1/tokens", wish);
        if (created.status() == 201) {
            Reply joined = join(request(created.json().path("token").asString("")));
            assertRefused("address-taken", joined);
        } else {
            assertRefused("address-taken", created);
        }
    }

    // headscale #1824: revocation by the certificate's fingerprint, so that a renewed one was good again.
    @Test
    void revocationHoldsForEveryCertificateOfTheNode() throws Exception {
        LoneManager.Joined peer = manager.join("peer");
        CertificateAuthority authority = manager.core.keyring().authority();
        KeyPair renewed = Keys.generateP256();
        NodeIdentity identity = new NodeIdentity(manager.core.keyring().cluster(), Role.PEER, peer.id());
        Client second = new Client(
                manager.port(),
                Tls.context(
                        renewed.getPrivate(),
                        authority.issueNode(renewed.getPublic(), identity, manager.clock.instant()),
                        authority.certificate(),
                        manager.trust()),
                null);
        assertEquals(200, second.ask("GET", "/v1/netmap").status());

        assertEquals(
                200,
                manager.operator()
                        .ask("POST", "/v1/nodes/" + peer.id() + "/quarantine", Map.of("reason", "lost"))
                        .status());
        assertRefused("node-quarantined", second.ask("GET", "/v1/netmap"));
        assertRefused("node-quarantined", manager.as(peer).ask("GET", "/v1/netmap"));
        assertEquals(
                204, manager.operator().ask("DELETE", "/v1/nodes/" + peer.id()).status());
        assertRefused("node-removed", second.ask("GET", "/v1/netmap"));
        assertRefused("node-removed", manager.as(peer).ask("GET", "/v1/netmap"));
    }

    // nebula-mesh: the server had a block list that no agent was told of.
    @Test
    void quarantinedNodeIsInNobodysConfiguration() throws Exception {
        LoneManager.Joined good = manager.join("good");
        LoneManager.Joined bad = manager.join("bad");
        NetmapVerifier verifier = new NetmapVerifier(
                manager.core.keyring().cluster(), manager.core.keyring().pin(), manager.clock);
        assertTrue(verifier.verify(manager.as(good).ask("GET", "/v1/netmap").body())
                .member(bad.id())
                .isPresent());

        manager.submit(new Command.QuarantineNode(bad.id(), "lost"));

        assertFalse(verifier.verify(manager.as(good).ask("GET", "/v1/netmap").body())
                .member(bad.id())
                .isPresent());
    }
}
