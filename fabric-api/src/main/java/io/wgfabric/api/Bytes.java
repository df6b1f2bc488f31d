package io.wgfabric.api;

import java.util.Arrays;
import java.util.HexFormat;

/** An immutable string of bytes with value equality: a hash, a certificate, a ciphertext. Never a secret in clear. */
public final class Bytes {
    private final byte[] array;

    private Bytes(byte[] array) {
        this.array = array;
    }

    /** Copies the bytes. */
    public static Bytes of(byte[] array) {
        return new Bytes(array.clone());
    }

    public static Bytes parseHex(String hex) {
        return new Bytes(HexFormat.of().parseHex(hex));
    }

    public int length() {
        return array.length;
    }

    /** A copy. */
    public byte[] toArray() {
        return array.clone();
    }

    public String hex() {
        return HexFormat.of().formatHex(array);
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof Bytes bytes && Arrays.equals(array, bytes.array);
    }

    @Override
    public int hashCode() {
        return Arrays.hashCode(array);
    }

    /** Hexadecimal, cut after 32 bytes. */
    @Override
    public String toString() {
        return array.length <= 32 ? hex() : HexFormat.of().formatHex(array, 0, 32) + "…";
    }
}
