package io.wgfabric.core.crypto;

import io.wgfabric.api.Bytes;
import io.wgfabric.api.ClusterId;
import io.wgfabric.api.Limits;
import io.wgfabric.api.Prefix;
import io.wgfabric.api.Role;
import io.wgfabric.api.TokenId;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.Base64;
import java.util.List;
import java.util.Objects;
import org.jose4j.jwt.JwtClaims;
import org.jose4j.jwt.MalformedClaimException;
import org.jose4j.jwt.NumericDate;
import org.jose4j.jwt.consumer.InvalidJwtException;
import org.jose4j.jwt.consumer.JwtConsumer;
import org.jose4j.jwt.consumer.JwtConsumerBuilder;
import org.jspecify.annotations.Nullable;

/**
 * What a join token says, a JWT (RFC 7519): which cluster, how to know it ({@link Pin}), where its managers are, and
 * which token of the replicated state it stands for. How often it may still be used is not in it: the state knows.
 *
 * @param managers {@code HOST:PORT} of REST interfaces; empty where an application admits its nodes itself
 * @param pools the cluster's when the token was made, so that a host sees before it joins whether it can; may be empty
 */
public record JoinToken(
        ClusterId cluster,
        TokenId id,
        Role role,
        Instant notBefore,
        Instant expires,
        Bytes pin,
        List<String> managers,
        List<Prefix> pools) {
    static final String TYPE = "wgfabric-join+jwt";
    static final String AUDIENCE = "wgfabric-join";
    static final String ROLE = "role";
    static final String PIN = "pin";
    static final String MANAGERS = "mgr";
    static final String POOLS = "net";

    /** The longest token that is read, in characters. */
    public static final int MAX_LENGTH = 4096;

    /** The most managers that a token names. */
    public static final int MAX_MANAGERS = 9;

    public JoinToken {
        managers = List.copyOf(managers);
        pools = List.copyOf(pools);
    }

    /** A token that says nothing of pools. */
    public JoinToken(
            ClusterId cluster,
            TokenId id,
            Role role,
            Instant notBefore,
            Instant expires,
            Bytes pin,
            List<String> managers) {
        this(cluster, id, role, notBefore, expires, pin, managers, List.of());
    }

    /**
     * Reads a token without its signature, as a joining node must: it has no key of the cluster yet. What it says is
     * only good for finding a server that proves the pin; that server verifies the token.
     *
     * @throws CryptoException if it is not a join token; the message says so to the user
     */
    public static JoinToken peek(String text) {
        if (text.length() > MAX_LENGTH || !isCompact(text)) {
            throw malformed(null);
        }
        JwtConsumer consumer = new JwtConsumerBuilder()
                .setSkipAllValidators()
                .setDisableRequireSignature()
                .setSkipSignatureVerification()
                .build();
        try {
            return of(consumer.processToClaims(text));
        } catch (InvalidJwtException | MalformedClaimException | IllegalArgumentException e) {
            throw malformed(e);
        }
    }

    /**
     * Whether it is three parts in the one way to write each (RFC 7515 section 2: no padding, no line ends, no unused
     * bits): the library reads others too, so that a token could be written in many ways.
     */
    private static boolean isCompact(String text) {
        String[] parts = text.split("\\.", -1);
        if (parts.length != 3) {
            return false;
        }
        try {
            for (String part : parts) {
                byte[] bytes = Base64.getUrlDecoder().decode(part);
                if (!Base64.getUrlEncoder()
                        .withoutPadding()
                        .encodeToString(bytes)
                        .equals(part)) {
                    return false;
                }
            }
            return true;
        } catch (IllegalArgumentException e) {
            return false;
        }
    }

    static CryptoException malformed(@Nullable Exception cause) {
        String message = "this is not a join token; paste the whole token that 'fabric token create' printed";
        return cause == null ? new CryptoException(message) : new CryptoException(message, cause);
    }

    static JoinToken of(JwtClaims claims) throws MalformedClaimException {
        List<String> managers = claims.getStringListClaimValue(MANAGERS);
        String pin = claims.getStringClaimValue(PIN);
        NumericDate notBefore = claims.getNotBefore();
        NumericDate expires = claims.getExpirationTime();
        List<String> pools = claims.hasClaim(POOLS) ? claims.getStringListClaimValue(POOLS) : List.<String>of();
        if (claims.getIssuer() == null
                || claims.getJwtId() == null
                || claims.getStringClaimValue(ROLE) == null
                || pin == null
                || !claims.hasClaim(MANAGERS)
                || managers.size() > MAX_MANAGERS
                || pools.size() > Limits.POOLS
                || managers.stream().anyMatch(Objects::isNull)
                || notBefore == null
                || expires == null) {
            throw new IllegalArgumentException("a claim is missing");
        }
        Bytes pinned = Bytes.parseHex(pin);
        if (pinned.length() != 32) {
            throw new IllegalArgumentException("a pin has 32 bytes");
        }
        return new JoinToken(
                new ClusterId(claims.getIssuer()),
                new TokenId(claims.getJwtId()),
                Role.parse(claims.getStringClaimValue(ROLE)),
                instant(notBefore),
                instant(expires),
                pinned,
                managers,
                pools.stream().map(Prefix::parse).toList());
    }

    private static Instant instant(NumericDate date) {
        try {
            return Instant.ofEpochSecond(date.getValue());
        } catch (DateTimeException e) {
            throw new IllegalArgumentException("no such time", e);
        }
    }

    JwtClaims claims() {
        JwtClaims claims = new JwtClaims();
        claims.setIssuer(cluster.text());
        claims.setAudience(AUDIENCE);
        claims.setJwtId(id.text());
        claims.setNotBefore(NumericDate.fromSeconds(notBefore.getEpochSecond()));
        claims.setExpirationTime(NumericDate.fromSeconds(expires.getEpochSecond()));
        claims.setStringClaim(ROLE, role.text());
        claims.setStringClaim(PIN, pin.hex());
        claims.setStringListClaim(MANAGERS, managers);
        if (!pools.isEmpty()) {
            claims.setStringListClaim(
                    POOLS, pools.stream().map(Prefix::toString).toList());
        }
        return claims;
    }
}
