package io.wgfabric.api;

import java.util.Locale;
import java.util.Objects;

/**
 * Who operates the fabric with a credential of his own.
 *
 * @param secretHash SHA-256 of the credential's secret part; the secret itself is kept nowhere
 */
public record Operator(OperatorId id, String name, Access access, Bytes secretHash) {

    public Operator {
        Objects.requireNonNull(id);
        Objects.requireNonNull(access);
        if (secretHash.length() != 32 || name.isEmpty() || name.length() > Limits.TAG_LENGTH) {
            throw new IllegalArgumentException("an operator has a name and a hash of 32 bytes");
        }
    }

    /** What an operator may do; each includes those before it. */
    public enum Access {
        VIEWER,
        OPERATOR,
        ADMIN;

        public static Access parse(String text) {
            for (Access access : values()) {
                if (access.text().equals(text)) {
                    return access;
                }
            }
            throw new IllegalArgumentException("an operator is 'viewer', 'operator' or 'admin'");
        }

        public String text() {
            return name().toLowerCase(Locale.ROOT);
        }
    }
}
