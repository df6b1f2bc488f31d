package io.wgfabric.api;

import java.util.Arrays;
import java.util.Base64;

/**
 * A WireGuard public key: a Curve25519 point of 32 bytes (RFC 7748 section 5), written in Base64 with 44 characters as
 * {@code wg} writes it. Immutable.
 */
public final class PublicKey implements Comparable<PublicKey> {
    /** The length of a key, in bytes. */
    public static final int BYTES = 32;

    private static final int TEXT_LENGTH = 44;

    private final byte[] bytes;

    private PublicKey(byte[] bytes) {
        this.bytes = bytes;
    }

    /** @throws IllegalArgumentException if it is not 32 bytes, or all of them are zero */
    public static PublicKey of(byte[] bytes) {
        if (bytes.length != BYTES) {
            throw new IllegalArgumentException("a public key has 32 bytes, not " + bytes.length);
        }
        if (Arrays.equals(bytes, new byte[BYTES])) {
            throw new IllegalArgumentException("a public key of zeros is no key");
        }
        return new PublicKey(bytes.clone());
    }

    /** @throws IllegalArgumentException if it is not the Base64 form of 32 bytes */
    public static PublicKey parse(String text) {
        if (text.length() != TEXT_LENGTH) {
            throw new IllegalArgumentException("a public key is written in 44 characters of Base64");
        }
        byte[] decoded = Base64.getDecoder().decode(text);
        PublicKey key = of(decoded);
        if (!key.toString().equals(text)) {
            throw new IllegalArgumentException("a public key in Base64 must be canonical");
        }
        return key;
    }

    /** A copy of the 32 bytes. */
    public byte[] bytes() {
        return bytes.clone();
    }

    @Override
    public int compareTo(PublicKey other) {
        return Arrays.compareUnsigned(bytes, other.bytes);
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof PublicKey key && Arrays.equals(bytes, key.bytes);
    }

    @Override
    public int hashCode() {
        return Arrays.hashCode(bytes);
    }

    @Override
    public String toString() {
        return Base64.getEncoder().encodeToString(bytes);
    }
}
