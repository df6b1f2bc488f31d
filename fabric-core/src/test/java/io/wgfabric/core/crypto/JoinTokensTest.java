package io.wgfabric.core.crypto;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.wgfabric.api.Bytes;
import io.wgfabric.api.ClusterId;
import io.wgfabric.api.Prefix;
import io.wgfabric.api.Rejection.Reason;
import io.wgfabric.api.Role;
import io.wgfabric.api.TokenId;
import java.nio.charset.StandardCharsets;
import java.security.KeyPair;
import java.time.Instant;
import java.util.Base64;
import java.util.List;
import java.util.Random;
import org.jose4j.jwk.RsaJwkGenerator;
import org.jose4j.jws.AlgorithmIdentifiers;
import org.jose4j.jws.JsonWebSignature;
import org.jose4j.jwt.JwtClaims;
import org.jose4j.keys.HmacKey;
import org.jose4j.lang.JoseException;
import org.junit.jupiter.api.Test;

class JoinTokensTest {
    private static final Instant NOW = Instant.parse("2026-01-01T00:00:00Z");
    private static final ClusterId CLUSTER = ClusterId.of(7);

    private final KeyPair keys = Keys.generateEd25519();
    private final JoinTokens tokens = new JoinTokens(CLUSTER, keys.getPrivate(), keys.getPublic());
    private final JoinToken token = new JoinToken(
            CLUSTER,
            TokenId.of(3),
            Role.PEER,
            NOW,
            NOW.plusSeconds(60),
            Bytes.of(new byte[32]),
            List.of("192.0.2.1:7443", "[2001:db8::1]:7443"),
            List.of(Prefix.parse("10.80.0.0/16"), Prefix.parse("fd00:80::/64")));

    private static Reason refusal(JoinTokens.Checked checked) {
        return assertInstanceOf(JoinTokens.Checked.Refused.class, checked)
                .rejection()
                .reason();
    }

    @Test
    void aTokenSaysWhatWasSigned() {
        String text = tokens.sign(token);
        assertEquals(new JoinTokens.Checked.Genuine(token), tokens.verify(text));
        assertEquals(token, JoinToken.peek(text));
    }

    @Test
    void aTokenOfAnotherClusterIsRefused() {
        KeyPair other = Keys.generateEd25519();
        JoinTokens foreign = new JoinTokens(ClusterId.of(8), other.getPrivate(), other.getPublic());
        JoinToken theirs = new JoinToken(
                ClusterId.of(8), token.id(), token.role(), NOW, token.expires(), token.pin(), token.managers());
        assertEquals(Reason.TOKEN_WRONG_CLUSTER, refusal(tokens.verify(foreign.sign(theirs))));
    }

    @Test
    void aTokenSignedByAnotherKeyIsRefused() {
        KeyPair other = Keys.generateEd25519();
        String forged = new JoinTokens(CLUSTER, other.getPrivate(), other.getPublic()).sign(token);
        assertEquals(Reason.TOKEN_MALFORMED, refusal(tokens.verify(forged)));
    }

    @Test
    void anUnsignedTokenIsRefused() {
        String header = Base64.getUrlEncoder()
                .withoutPadding()
                .encodeToString("{\"alg\":\"none\",\"typ\":\"wgfabric-join+jwt\"}".getBytes(StandardCharsets.UTF_8));
        String payload = tokens.sign(token).split("\\.", -1)[1];
        assertEquals(Reason.TOKEN_MALFORMED, refusal(tokens.verify(header + "." + payload + ".")));
    }

    @Test
    void aTokenUnderAnotherAlgorithmIsRefused() throws JoseException {
        JsonWebSignature hmac = jws(AlgorithmIdentifiers.HMAC_SHA256);
        hmac.setKey(new HmacKey(keys.getPublic().getEncoded()));
        assertEquals(Reason.TOKEN_MALFORMED, refusal(tokens.verify(hmac.getCompactSerialization())));
        JsonWebSignature rsa = jws(AlgorithmIdentifiers.RSA_USING_SHA256);
        rsa.setKey(RsaJwkGenerator.generateJwk(2048).getPrivateKey());
        assertEquals(Reason.TOKEN_MALFORMED, refusal(tokens.verify(rsa.getCompactSerialization())));
    }

    private JsonWebSignature jws(String algorithm) {
        JsonWebSignature jws = new JsonWebSignature();
        jws.setHeader("typ", JoinToken.TYPE);
        jws.setAlgorithmHeaderValue(algorithm);
        jws.setPayload(token.claims().toJson());
        return jws;
    }

    @Test
    void aTokenForAnotherAudienceOrTypeIsRefused() throws JoseException {
        JsonWebSignature wrongType = jws(AlgorithmIdentifiers.EDDSA);
        wrongType.setHeader("typ", "JWT");
        wrongType.setKey(keys.getPrivate());
        assertEquals(Reason.TOKEN_MALFORMED, refusal(tokens.verify(wrongType.getCompactSerialization())));
        JsonWebSignature wrongAudience = jws(AlgorithmIdentifiers.EDDSA);
        wrongAudience.setPayload(token.claims().toJson().replace("wgfabric-join", "elsewhere"));
        wrongAudience.setKey(keys.getPrivate());
        assertEquals(Reason.TOKEN_MALFORMED, refusal(tokens.verify(wrongAudience.getCompactSerialization())));
    }

    @Test
    void noAlteredCharacterPasses() {
        String text = tokens.sign(token);
        Random random = new Random(42);
        for (int i = 0; i < 200; i++) {
            int at = i == 0 ? text.length() - 1 : random.nextInt(text.length());
            char other = "ABCxyz019-_.".charAt(random.nextInt(12));
            String altered = text.substring(0, at) + other + text.substring(at + 1);
            if (!altered.equals(text)) {
                assertInstanceOf(JoinTokens.Checked.Refused.class, tokens.verify(altered), "place " + at);
            }
        }
    }

    @Test
    void garbageIsNoToken() {
        assertThrows(CryptoException.class, () -> JoinToken.peek("hello"));
        assertThrows(CryptoException.class, () -> JoinToken.peek(""));
        assertThrows(CryptoException.class, () -> JoinToken.peek("a".repeat(JoinToken.MAX_LENGTH + 1)));
        assertEquals(Reason.TOKEN_MALFORMED, refusal(tokens.verify("a.b.c")));
    }

    private String signed(String header, String payload) throws JoseException {
        JsonWebSignature jws = new JsonWebSignature();
        jws.setHeader("typ", JoinToken.TYPE);
        jws.setAlgorithmHeaderValue(AlgorithmIdentifiers.EDDSA);
        if (!header.isEmpty()) {
            jws.getHeaders().setObjectHeaderValue(header, List.of("exp"));
        }
        jws.setPayload(payload);
        jws.setKey(keys.getPrivate());
        return jws.getCompactSerialization();
    }

    /** Signed by the cluster's own key, so that nothing but the claim can be why. */
    @Test
    void aTokenThatLacksAClaimIsRefused() throws JoseException {
        String whole = token.claims().toJson();
        for (String claim : List.of("iss", "aud", "jti", "nbf", "exp", "role", "pin", "mgr")) {
            JwtClaims claims = token.claims();
            claims.unsetClaim(claim);
            JoinTokens.Checked checked = tokens.verify(signed("", claims.toJson()));
            assertEquals(Reason.TOKEN_MALFORMED, refusal(checked), claim);
        }
        assertInstanceOf(JoinTokens.Checked.Genuine.class, tokens.verify(signed("", whole)));
    }

    @Test
    void aTokenWithAClaimTwiceOrOfAnotherKindIsRefused() throws JoseException {
        String whole = token.claims().toJson();
        for (String payload : List.of(
                whole.replaceFirst("\\{", "{\"role\":\"mgmt\","),
                whole.replace("\"peer\"", "[\"peer\"]"),
                whole.replace("\"peer\"", "\"king\""),
                whole.replaceFirst("\"pin\":\"..", "\"pin\":\""),
                whole + "x",
                "[" + whole + "]",
                "null")) {
            assertEquals(Reason.TOKEN_MALFORMED, refusal(tokens.verify(signed("", payload))), payload);
        }
    }

    @Test
    void aHeaderThatMustBeUnderstoodIsRefused() throws JoseException {
        assertEquals(
                Reason.TOKEN_MALFORMED,
                refusal(tokens.verify(signed("crit", token.claims().toJson()))));
    }

    @Test
    void aTokenInAnotherFormIsRefused() {
        String text = tokens.sign(token);
        for (String other : List.of(
                text + ".",
                "." + text,
                text + "." + text,
                text.substring(0, text.lastIndexOf('.')),
                " " + text,
                text + "\n",
                text + "=",
                "a".repeat(JoinToken.MAX_LENGTH + 1))) {
            assertEquals(Reason.TOKEN_MALFORMED, refusal(tokens.verify(other)), other);
        }
    }

    @Test
    void timeIsNotDecidedHere() {
        JoinToken old = new JoinToken(
                CLUSTER,
                token.id(),
                token.role(),
                Instant.EPOCH,
                Instant.EPOCH.plusSeconds(1),
                token.pin(),
                token.managers());
        assertInstanceOf(JoinTokens.Checked.Genuine.class, tokens.verify(tokens.sign(old)));
    }
}
