package io.wgfabric.api;

import java.math.BigInteger;

/** A range of addresses in CIDR form (RFC 4632 section 3.1), host bits zero. Immutable. */
public record Prefix(Address address, int length) implements Comparable<Prefix> {
    private static final String FORM = "a prefix is written as 10.0.0.0/16 or fd00::/64";

    public Prefix {
        if (length < 0 || length > address.bits()) {
            throw new IllegalArgumentException("a prefix of " + address + " cannot have " + length + " bits");
        }
        BigInteger size = BigInteger.ONE.shiftLeft(address.bits() - length);
        if (!address.value().mod(size).equals(BigInteger.ZERO)) {
            throw new IllegalArgumentException(address + "/" + length + " has host bits set");
        }
    }

    /** The prefix of this length that contains the address; host bits are cleared. */
    public static Prefix of(Address address, int length) {
        if (length < 0 || length > address.bits()) {
            throw new IllegalArgumentException("a prefix of " + address + " cannot have " + length + " bits");
        }
        int hostBits = address.bits() - length;
        BigInteger network = address.value().shiftRight(hostBits).shiftLeft(hostBits);
        return new Prefix(Address.of(network, address.bits() / 8), length);
    }

    /** @throws IllegalArgumentException if it is not {@code ADDRESS/LENGTH}, or has host bits set */
    public static Prefix parse(String text) {
        int slash = text.indexOf('/');
        if (slash < 0 || text.length() - slash > 4) {
            throw new IllegalArgumentException(FORM);
        }
        int length;
        try {
            length = Integer.parseInt(text.substring(slash + 1));
        } catch (NumberFormatException e) {
            throw new IllegalArgumentException(FORM, e);
        }
        return new Prefix(Address.parse(text.substring(0, slash)), length);
    }

    public boolean isV4() {
        return address.isV4();
    }

    public boolean contains(Address other) {
        return other.isV4() == isV4() && of(other, length).address.equals(address);
    }

    public boolean overlaps(Prefix other) {
        return contains(other.address) || other.contains(address);
    }

    /** How many addresses it holds. */
    public BigInteger size() {
        return BigInteger.ONE.shiftLeft(address.bits() - length);
    }

    /** The n-th address of it, from zero. */
    public Address at(BigInteger n) {
        if (n.signum() < 0 || n.compareTo(size()) >= 0) {
            throw new IllegalArgumentException(this + " has no address number " + n);
        }
        return Address.of(address.value().add(n), address.bits() / 8);
    }

    /** The n-th address of it, from zero. */
    public Address at(long n) {
        return at(BigInteger.valueOf(n));
    }

    /** Which one in this prefix the address is, from zero. */
    public BigInteger indexOf(Address inside) {
        if (!contains(inside)) {
            throw new IllegalArgumentException(inside + " is not in " + this);
        }
        return inside.value().subtract(address.value());
    }

    @Override
    public int compareTo(Prefix other) {
        int byAddress = address.compareTo(other.address);
        return byAddress != 0 ? byAddress : Integer.compare(length, other.length);
    }

    @Override
    public String toString() {
        return address + "/" + length;
    }
}
