package io.wgfabric.agent.wireguard;

import java.security.MessageDigest;
import java.util.Arrays;
import java.util.Base64;

/**
 * A WireGuard pre-shared key of 32 bytes; zeros are none, as WireGuard itself has it. It has no readable text form and is
 * compared in constant time. Immutable.
 */
public final class PresharedKey {
    /** The length of a key, in bytes. */
    public static final int BYTES = 32;

    /** No pre-shared key. */
    public static final PresharedKey NONE = new PresharedKey(new byte[BYTES]);

    private final byte[] bytes;

    private PresharedKey(byte[] bytes) {
        this.bytes = bytes;
    }

    /**
     * The key with these bytes, which are copied.
     *
     * @throws IllegalArgumentException if it is not 32 bytes
     */
    public static PresharedKey of(byte[] bytes) {
        if (bytes.length != BYTES) {
            throw new IllegalArgumentException("a pre-shared key has 32 bytes, not " + bytes.length);
        }
        return new PresharedKey(bytes.clone());
    }

    public boolean isNone() {
        return equals(NONE);
    }

    /** A copy of the 32 bytes. The caller wipes it. */
    public byte[] secretBytes() {
        return bytes.clone();
    }

    /** The 64 lower-case hexadecimal digits of the userspace protocol, in ASCII. The caller wipes them. */
    byte[] secretHex() {
        byte[] hex = new byte[2 * BYTES];
        for (int i = 0; i < BYTES; i++) {
            hex[2 * i] = (byte) Character.forDigit((bytes[i] >> 4) & 0xf, 16);
            hex[2 * i + 1] = (byte) Character.forDigit(bytes[i] & 0xf, 16);
        }
        return hex;
    }

    /** Of these hexadecimal digits, in ASCII. */
    static PresharedKey ofHex(byte[] text, int start) {
        byte[] key = new byte[BYTES];
        for (int i = 0; i < BYTES; i++) {
            key[i] = (byte)
                    (Character.digit(text[start + 2 * i], 16) << 4 | Character.digit(text[start + 2 * i + 1], 16));
        }
        return new PresharedKey(key);
    }

    /** The 44 characters of Base64 that {@code wg} reads, in ASCII. The caller wipes them. */
    byte[] secretBase64() {
        return Base64.getEncoder().encode(bytes);
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof PresharedKey key && MessageDigest.isEqual(bytes, key.bytes);
    }

    @Override
    public int hashCode() {
        return Arrays.hashCode(bytes);
    }

    @Override
    public String toString() {
        return isNone() ? "none" : "PresharedKey(…)";
    }
}
