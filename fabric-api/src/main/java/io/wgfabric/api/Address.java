package io.wgfabric.api;

import java.math.BigInteger;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.Arrays;
import java.util.regex.Pattern;

/**
 * An IPv4 or IPv6 address, always written as a literal and never resolved by name. Immutable; ordered by family, then
 * by value.
 */
public final class Address implements Comparable<Address> {
    private static final Pattern V4 = Pattern.compile("[0-9]{1,3}(\\.[0-9]{1,3}){3}");
    private static final Pattern V6 = Pattern.compile("[0-9A-Fa-f:.]{2,45}");

    /** What a refusal says: not what was written, which may be a secret in the wrong field. */
    private static final String FORM = "an address is written as 10.0.0.1 or fd00::1";

    private final byte[] bytes;

    private Address(byte[] bytes) {
        this.bytes = bytes;
    }

    /** @param bytes 4 or 16 bytes in network order */
    public static Address of(byte[] bytes) {
        if (bytes.length != 4 && bytes.length != 16) {
            throw new IllegalArgumentException("an address has 4 or 16 bytes, not " + bytes.length);
        }
        return new Address(bytes.clone());
    }

    public static Address of(InetAddress address) {
        return new Address(address.getAddress());
    }

    /** @throws IllegalArgumentException if it is not the literal of an address */
    public static Address parse(String text) {
        boolean literal = V4.matcher(text).matches()
                || (text.indexOf(':') >= 0 && V6.matcher(text).matches());
        if (!literal) {
            throw new IllegalArgumentException(FORM);
        }
        try {
            return of(InetAddress.getByName(text));
        } catch (UnknownHostException e) {
            throw new IllegalArgumentException(FORM, e);
        }
    }

    static Address of(BigInteger value, int length) {
        byte[] raw = value.toByteArray();
        byte[] out = new byte[length];
        int count = Math.min(raw.length, length);
        System.arraycopy(raw, raw.length - count, out, length - count, count);
        return new Address(out);
    }

    public boolean isV4() {
        return bytes.length == 4;
    }

    /** 32 or 128. */
    public int bits() {
        return bytes.length * 8;
    }

    public byte[] bytes() {
        return bytes.clone();
    }

    BigInteger value() {
        return new BigInteger(1, bytes);
    }

    public InetAddress toInetAddress() {
        try {
            return InetAddress.getByAddress(bytes);
        } catch (UnknownHostException e) {
            throw new IllegalStateException(e);
        }
    }

    /** The address after it; after the last of a family comes the first. */
    public Address next() {
        return step(1, (byte) 0);
    }

    /** The address before it; before the first of a family comes the last. */
    public Address previous() {
        return step(-1, (byte) -1);
    }

    /** @param carries what a byte becomes when the one before it changes too */
    private Address step(int by, byte carries) {
        byte[] stepped = bytes.clone();
        for (int i = stepped.length - 1; i >= 0; i--) {
            stepped[i] = (byte) (stepped[i] + by);
            if (stepped[i] != carries) {
                break;
            }
        }
        return new Address(stepped);
    }

    /** The prefix that holds this address alone: a /32 or a /128. */
    public Prefix toPrefix() {
        return Prefix.of(this, bits());
    }

    @Override
    public int compareTo(Address other) {
        int byFamily = Integer.compare(bytes.length, other.bytes.length);
        return byFamily != 0 ? byFamily : Arrays.compareUnsigned(bytes, other.bytes);
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof Address address && Arrays.equals(bytes, address.bytes);
    }

    @Override
    public int hashCode() {
        return Arrays.hashCode(bytes);
    }

    /** RFC 5952 form for IPv6, dotted form for IPv4. */
    @Override
    public String toString() {
        if (isV4()) {
            return (bytes[0] & 0xff) + "." + (bytes[1] & 0xff) + "." + (bytes[2] & 0xff) + "." + (bytes[3] & 0xff);
        }
        return compressed();
    }

    /** RFC 5952 section 4: lower case, no leading zeros, the first longest run of two or more zero groups as "::". */
    private String compressed() {
        int[] groups = new int[8];
        for (int i = 0; i < 8; i++) {
            groups[i] = (bytes[2 * i] & 0xff) << 8 | (bytes[2 * i + 1] & 0xff);
        }
        int bestStart = -1;
        int bestLength = 1;
        for (int i = 0; i < 8; i++) {
            int j = i;
            while (j < 8 && groups[j] == 0) {
                j++;
            }
            if (j - i > bestLength) {
                bestStart = i;
                bestLength = j - i;
            }
            i = Math.max(i, j - 1);
        }
        StringBuilder out = new StringBuilder(39);
        for (int i = 0; i < 8; i++) {
            if (i == bestStart) {
                out.append("::");
                i += bestLength - 1;
                continue;
            }
            if (out.length() > 0 && out.charAt(out.length() - 1) != ':') {
                out.append(':');
            }
            out.append(Integer.toHexString(groups[i]));
        }
        return out.toString();
    }
}
