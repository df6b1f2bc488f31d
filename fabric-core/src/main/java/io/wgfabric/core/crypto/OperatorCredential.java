package io.wgfabric.core.crypto;

import io.wgfabric.api.Bytes;
import io.wgfabric.api.Operator;
import io.wgfabric.api.OperatorId;
import java.security.MessageDigest;
import java.security.SecureRandom;
import java.util.Base64;
import java.util.Optional;

/**
 * What an operator proves himself with: {@code wgfop.ID.SECRET}, the secret 32 random bytes. The state keeps its hash
 * alone; since the secret is random and long, a plain hash cannot be searched.
 */
public final class OperatorCredential {
    private static final String PREFIX = "wgfop.";
    private static final int SECRET_BYTES = 32;
    private static final int MAX_LENGTH = 128;

    private final OperatorId id;
    private final byte[] secret;

    private OperatorCredential(OperatorId id, byte[] secret) {
        this.id = id;
        this.secret = secret;
    }

    public static OperatorCredential generate() {
        SecureRandom random = new SecureRandom();
        byte[] secret = new byte[SECRET_BYTES];
        random.nextBytes(secret);
        return new OperatorCredential(OperatorId.of(random.nextLong()), secret);
    }

    /** Empty if it has not the form of one. */
    public static Optional<OperatorCredential> parse(String text) {
        String[] parts = text.startsWith(PREFIX) && text.length() <= MAX_LENGTH
                ? text.substring(PREFIX.length()).split("\\.", -1)
                : new String[0];
        if (parts.length != 2 || !OperatorId.isValid(parts[0])) {
            return Optional.empty();
        }
        try {
            byte[] secret = Base64.getUrlDecoder().decode(parts[1]);
            return secret.length == SECRET_BYTES
                    ? Optional.of(new OperatorCredential(new OperatorId(parts[0]), secret))
                    : Optional.empty();
        } catch (IllegalArgumentException e) {
            return Optional.empty();
        }
    }

    public OperatorId id() {
        return id;
    }

    public Bytes hash() {
        return Bytes.sha256(secret);
    }

    /** Whether it is this operator's; the secrets are compared in constant time. */
    public boolean proves(Operator operator) {
        return id.equals(operator.id())
                && MessageDigest.isEqual(hash().toArray(), operator.secretHash().toArray());
    }

    /** The text to hand out, once. */
    public String reveal() {
        return PREFIX + id + "." + Base64.getUrlEncoder().withoutPadding().encodeToString(secret);
    }

    @Override
    public String toString() {
        return "OperatorCredential[" + id + "]";
    }
}
