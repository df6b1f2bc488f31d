package io.wgfabric.core.crypto;

import io.wgfabric.api.ClusterId;
import io.wgfabric.api.Rejection;
import io.wgfabric.api.Rejection.Reason;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.util.List;
import org.jose4j.jwa.AlgorithmConstraints;
import org.jose4j.jwa.AlgorithmConstraints.ConstraintType;
import org.jose4j.jws.AlgorithmIdentifiers;
import org.jose4j.jws.JsonWebSignature;
import org.jose4j.jwt.MalformedClaimException;
import org.jose4j.jwt.consumer.InvalidJwtException;
import org.jose4j.jwt.consumer.JwtConsumer;
import org.jose4j.jwt.consumer.JwtConsumerBuilder;
import org.jose4j.lang.JoseException;

/**
 * Signs and verifies join tokens: EdDSA (RFC 8037 section 3.1) and nothing else, type, audience and issuer fixed. Time,
 * uses and revocation are not decided here but by the machine, from the replicated state. Thread-safe.
 */
public final class JoinTokens {
    private final ClusterId cluster;
    private final PrivateKey signingKey;
    private final List<JwtConsumer> consumers;

    public JoinTokens(ClusterId cluster, PrivateKey signingKey, PublicKey verifyingKey) {
        this(cluster, signingKey, List.of(verifyingKey));
    }

    /** @param verifyingKeys whose tokens are believed, those most used first */
    public JoinTokens(ClusterId cluster, PrivateKey signingKey, List<PublicKey> verifyingKeys) {
        this.cluster = cluster;
        this.signingKey = signingKey;
        consumers = verifyingKeys.stream().map(key -> consumer(cluster, key)).toList();
    }

    private static JwtConsumer consumer(ClusterId cluster, PublicKey verifyingKey) {
        return new JwtConsumerBuilder()
                .setExpectedType(true, JoinToken.TYPE)
                .setExpectedAudience(JoinToken.AUDIENCE)
                .setExpectedIssuer(cluster.text())
                .setVerificationKey(verifyingKey)
                .setJwsAlgorithmConstraints(new AlgorithmConstraints(ConstraintType.PERMIT, AlgorithmIdentifiers.EDDSA))
                .setRequireJwtId()
                .setRequireExpirationTime()
                .setRequireNotBefore()
                // The machine decides about time, with one clock for all managers.
                .setAllowedClockSkewInSeconds(Integer.MAX_VALUE)
                .build();
    }

    public String sign(JoinToken token) {
        JsonWebSignature jws = new JsonWebSignature();
        jws.setHeader("typ", JoinToken.TYPE);
        jws.setAlgorithmHeaderValue(AlgorithmIdentifiers.EDDSA);
        jws.setPayload(token.claims().toJson());
        jws.setKey(signingKey);
        try {
            return jws.getCompactSerialization();
        } catch (JoseException e) {
            throw new CryptoException("the token cannot be signed", e);
        }
    }

    /** What became of a token's check: the token, or why it is none of ours. */
    public sealed interface Checked {
        record Genuine(JoinToken token) implements Checked {}

        record Refused(Rejection rejection) implements Checked {}
    }

    public Checked verify(String text) {
        JoinToken peeked;
        try {
            peeked = JoinToken.peek(text);
        } catch (CryptoException e) {
            return refused(Reason.TOKEN_MALFORMED, String.valueOf(e.getMessage()));
        }
        if (!peeked.cluster().equals(cluster)) {
            return refused(
                    Reason.TOKEN_WRONG_CLUSTER,
                    "this token is for cluster " + peeked.cluster() + ", and this is " + cluster
                            + "; ask this cluster's operator for one");
        }
        for (JwtConsumer consumer : consumers) {
            try {
                return new Checked.Genuine(JoinToken.of(consumer.processToClaims(text)));
            } catch (InvalidJwtException | MalformedClaimException | IllegalArgumentException e) {
                // There are two keys at most; what neither believes is refused below.
            }
        }
        return refused(
                Reason.TOKEN_MALFORMED,
                "this token was not signed by this cluster, or was altered, or its key was retired; ask for a new one");
    }

    private static Checked refused(Reason reason, String message) {
        return new Checked.Refused(new Rejection(reason, message));
    }
}
