package io.wgfabric.agent.wireguard;

import io.wgfabric.api.PublicKey;
import java.security.MessageDigest;
import java.security.SecureRandom;
import java.util.Arrays;
import java.util.Base64;
import org.bouncycastle.math.ec.rfc7748.X25519;

/**
 * A WireGuard private key: a Curve25519 scalar of 32 bytes (RFC 7748 section 5), always clamped. It has no readable text
 * form and is compared in constant time. The bytes can be wiped; a wiped key only keeps its public key.
 */
public final class PrivateKey {
    /** The length of a key, in bytes. */
    public static final int BYTES = 32;

    private final byte[] bytes;
    private final PublicKey publicKey;
    private volatile boolean wiped;

    private PrivateKey(byte[] clamped) {
        this.bytes = clamped;
        byte[] point = new byte[BYTES];
        X25519.generatePublicKey(clamped, 0, point, 0);
        this.publicKey = PublicKey.of(point);
    }

    /** A new key from this source of randomness. */
    public static PrivateKey generate(SecureRandom random) {
        byte[] bytes = new byte[BYTES];
        random.nextBytes(bytes);
        return new PrivateKey(clamp(bytes));
    }

    /**
     * The key with these bytes, which are copied and clamped (RFC 7748 section 5).
     *
     * @throws IllegalArgumentException if it is not 32 bytes
     */
    public static PrivateKey of(byte[] bytes) {
        if (bytes.length != BYTES) {
            throw new IllegalArgumentException("a private key has 32 bytes, not " + bytes.length);
        }
        return new PrivateKey(clamp(bytes.clone()));
    }

    private static byte[] clamp(byte[] bytes) {
        bytes[0] &= (byte) 0xf8;
        bytes[BYTES - 1] = (byte) ((bytes[BYTES - 1] & 0x7f) | 0x40);
        return bytes;
    }

    public PublicKey publicKey() {
        return publicKey;
    }

    /**
     * A copy of the 32 bytes, for storing them sealed or in a file that only the owner reads. The caller wipes it.
     *
     * @throws IllegalStateException if the key was wiped
     */
    public byte[] secretBytes() {
        byte[] copy = bytes.clone();
        if (wiped) {
            throw new IllegalStateException("this private key was wiped");
        }
        return copy;
    }

    /** The 64 lower-case hexadecimal digits of the userspace protocol, in ASCII. The caller wipes them. */
    byte[] secretHex() {
        byte[] raw = secretBytes();
        byte[] hex = new byte[2 * BYTES];
        for (int i = 0; i < BYTES; i++) {
            hex[2 * i] = (byte) Character.forDigit((raw[i] >> 4) & 0xf, 16);
            hex[2 * i + 1] = (byte) Character.forDigit(raw[i] & 0xf, 16);
        }
        Arrays.fill(raw, (byte) 0);
        return hex;
    }

    /** The 44 characters of Base64 that {@code wg} reads, in ASCII. The caller wipes them. */
    byte[] secretBase64() {
        byte[] raw = secretBytes();
        byte[] text = Base64.getEncoder().encode(raw);
        Arrays.fill(raw, (byte) 0);
        return text;
    }

    /** Overwrites the bytes; the key cannot be used any more. Repeating it does nothing. */
    public void wipe() {
        wiped = true;
        Arrays.fill(bytes, (byte) 0);
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof PrivateKey key
                && MessageDigest.isEqual(bytes, key.bytes)
                && publicKey.equals(key.publicKey);
    }

    /** From the public key, so that it says nothing about the secret. */
    @Override
    public int hashCode() {
        return publicKey.hashCode();
    }

    @Override
    public String toString() {
        return "PrivateKey(…)";
    }
}
