package io.wgfabric.javalin.rest;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.wgfabric.api.Actor;
import io.wgfabric.api.Address;
import io.wgfabric.api.FabricView;
import io.wgfabric.api.Node;
import io.wgfabric.api.NodeId;
import io.wgfabric.api.RequestId;
import io.wgfabric.api.Role;
import io.wgfabric.api.Token;
import io.wgfabric.api.TokenId;
import io.wgfabric.core.TokenDesk;
import io.wgfabric.core.codec.Json;
import io.wgfabric.core.crypto.Keys;
import io.wgfabric.core.crypto.Sealer;
import io.wgfabric.core.wire.JoinAnswer;
import io.wgfabric.core.wire.JoinRequest;
import java.nio.charset.StandardCharsets;
import java.security.Key;
import java.security.PrivateKey;
import java.time.Duration;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeSet;
import java.util.UUID;
import org.jose4j.jwa.AlgorithmConstraints;
import org.jose4j.jws.JsonWebSignature;
import org.jose4j.keys.HmacKey;
import org.jose4j.lang.JoseException;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What went wrong with tokens in other systems, at a running manager; docs/SECURITY.md has the whole table. */
class TokenFaultsTest {
    private static final String TYPE = "wgfabric-join+jwt";

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

    private Reply join(JoinRequest request) throws Exception {
        return manager.nobody().ask("POST", "/v1/join", request);
    }

    private Reply join(String token) throws Exception {
        return join(request(token));
    }

    private Token now(TokenDesk.Issued token) {
        return view().token(token.token().id()).orElseThrow();
    }

    // Netmaker: uses left counted as valid although expired.
    @Test
    void expiredTokenWithUsesLeftIsRefused() throws Exception {
        TokenDesk.Issued token = manager.token(Role.PEER, 100);
        assertEquals(200, join(token.text()).status());
        manager.clock.advance(Duration.ofHours(2));

        assertEquals("token-expired", join(token.text()).slug());
        assertEquals(1, now(token).used());
    }

    // headscale #158: deleting the node revived its key.
    @Test
    void removingTheNodeDoesNotReviveItsToken() throws Exception {
        TokenDesk.Issued token = manager.token(Role.PEER, 1);
        JoinRequest first = request(token.text());
        NodeId node = Json.mapper()
                .readValue(join(first).body(), JoinAnswer.class)
                .node()
                .id();
        assertEquals(204, manager.operator().ask("DELETE", "/v1/nodes/" + node).status());

        assertEquals("token-used-up", join(token.text()).slug());
        assertEquals("node-unknown", join(first).slug(), "the join that it came by, once more");
        assertEquals(1, now(token).used());
        assertTrue(view().node(node).isEmpty());
    }

    // headscale #3370: the key was consumed and its tags were ignored.
    @Test
    void useThatIsTakenHasItsFullEffectAndRefusedJoinTakesNone() throws Exception {
        Address address = Address.parse("10.0.3.3");
        TreeSet<String> tags = new TreeSet<>(List.of("core", "eu"));
        TokenDesk.Issued token = manager.core
                .tokens()
                .issue(
                        Actor.system("test"),
                        new RequestId(UUID.randomUUID().toString()),
                        new TokenDesk.Wish(Role.PEER, Duration.ofHours(1), 1, tags, address, false))
                .toCompletableFuture()
                .join();
        manager.join("taken");
        Reply refused = join(LoneManager.request(token.text(), Role.PEER, "taken", Keys.generateP256()));
        assertEquals("name-taken", refused.slug());
        assertEquals(0, now(token).used());

        JoinAnswer answer = Json.mapper().readValue(join(token.text()).body(), JoinAnswer.class);

        Node node = view().node(answer.node().id()).orElseThrow();
        assertEquals(tags, node.tags());
        assertEquals(List.of(address), node.addresses());
        assertEquals(token.token().id(), node.token());
        assertEquals(new TreeSet<>(List.of(node.id())), now(token).nodes());
    }

    // CVE-2026-38651: the signature of a JWT was not checked.
    @Test
    void tokenThatThisClusterDidNotSignIsRefused() throws Exception {
        String genuine = manager.token(Role.PEER, 0).text();
        String[] parts = genuine.split("\\.", -1);
        String claims = new String(Base64.getUrlDecoder().decode(parts[1]), StandardCharsets.UTF_8);
        String others = claims.replaceFirst("\"jti\":\"[^\"]*\"", "\"jti\":\"" + TokenId.of(77) + "\"");
        byte[] published = view().publicKey("token-key").orElseThrow().toArray();
        Map<String, String> forged = new LinkedHashMap<>();
        forged.put("another key", signed(claims, "EdDSA", Keys.generateEd25519().getPrivate(), TYPE));
        forged.put("no algorithm", encoded("{\"alg\":\"none\",\"typ\":\"" + TYPE + "\"}") + "." + parts[1] + ".");
        forged.put("HMAC with the public key as its secret", signed(claims, "HS256", new HmacKey(published), TYPE));
        forged.put(
                "another algorithm", signed(claims, "ES256", Keys.generateP256().getPrivate(), TYPE));
        forged.put("other claims under this signature", parts[0] + "." + encoded(others) + "." + parts[2]);
        forged.put("no signature", parts[0] + "." + parts[1] + ".");
        forged.put("two parts", parts[0] + "." + parts[1]);

        for (Map.Entry<String, String> token : forged.entrySet()) {
            assertEquals("token-malformed", join(token.getValue()).slug(), token.getKey());
        }
        assertEquals(1, view().nodes().size(), "the manager alone");
        assertEquals(200, join(genuine).status());
    }

    /** The same, signed by the right key: what was signed for another purpose admits nobody. */
    @Test
    void tokenForAnotherAudienceClusterOrPurposeIsRefused() throws Exception {
        PrivateKey key = tokenKey();
        String genuine = manager.token(Role.PEER, 0).text().split("\\.", -1)[1];
        String claims = new String(Base64.getUrlDecoder().decode(genuine), StandardCharsets.UTF_8);
        assertEquals(200, join(signed(claims, "EdDSA", key, TYPE)).status(), "what follows differs in one claim alone");

        assertRefused("token-malformed", claims, "\"aud\":\"wgfabric-join\"", "\"aud\":\"wgfabric-api\"", key);
        assertRefused("token-malformed", claims, "\"aud\":\"wgfabric-join\",", "", key);
        assertRefused("token-malformed", claims, "\"exp\":[0-9]+,", "", key);
        assertRefused("token-malformed", claims, "\"jti\":\"[^\"]*\",", "", key);
        assertRefused("token-unknown", claims, "\"jti\":\"[^\"]*\"", "\"jti\":\"" + TokenId.of(77) + "\"", key);
        assertRefused("token-wrong-cluster", claims, "\"iss\":\"[^\"]*\"", "\"iss\":\"c-0000000000007\"", key);
        assertEquals(
                "token-malformed", join(signed(claims, "EdDSA", key, "JWT")).slug());
        assertEquals("token-malformed", join(signed(claims, "EdDSA", key, null)).slug());
    }

    private void assertRefused(String slug, String claims, String part, String by, PrivateKey key) throws Exception {
        String changed = claims.replaceFirst(part, by);
        assertNotEquals(claims, changed, part);
        assertEquals(slug, join(signed(changed, "EdDSA", key, TYPE)).slug(), changed);
    }

    /** Only who has the sealing key can have it: a manager gets that when it joins. */
    private PrivateKey tokenKey() throws Exception {
        byte[] sealingKey = Objects.requireNonNull(
                        manager.join("m2", Role.MGMT).answer().sealingKey())
                .toArray();
        byte[] opened = new Sealer(sealingKey)
                .open("token-key", view().sealedSecret("token-key").orElseThrow());
        return Keys.decodePrivate("Ed25519", opened);
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
        jws.setDoKeyValidation(false);
        return jws.getCompactSerialization();
    }

    private static String encoded(String text) {
        return Base64.getUrlEncoder().withoutPadding().encodeToString(text.getBytes(StandardCharsets.UTF_8));
    }
}
