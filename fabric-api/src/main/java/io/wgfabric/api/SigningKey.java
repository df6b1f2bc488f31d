package io.wgfabric.api;

import java.util.Locale;

/** What the cluster signs with a key that can be rotated by itself. */
public enum SigningKey {
    /** Join tokens. */
    TOKEN,
    /** The configurations of nodes. */
    CONFIG,
    /** Certificates: the key of the cluster's authority. */
    AUTHORITY;

    /** @throws IllegalArgumentException if it is none of them */
    public static SigningKey parse(String text) {
        for (SigningKey key : values()) {
            if (key.text().equals(text)) {
                return key;
            }
        }
        throw new IllegalArgumentException("a signing key is 'token', 'config' or 'authority'");
    }

    public String text() {
        return name().toLowerCase(Locale.ROOT);
    }
}
