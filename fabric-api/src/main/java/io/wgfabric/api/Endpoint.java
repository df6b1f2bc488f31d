package io.wgfabric.api;

/** A UDP or TCP endpoint outside the overlay: an address literal and a port. Immutable. */
public record Endpoint(Address address, int port) implements Comparable<Endpoint> {
    private static final String FORM = "an endpoint is written as ADDRESS:PORT, that of IPv6 as [ADDRESS]:PORT";

    public Endpoint {
        if (port < 1 || port > 65_535) {
            throw new IllegalArgumentException("a port lies between 1 and 65535, not " + port);
        }
    }

    /** @throws IllegalArgumentException if it is neither {@code 192.0.2.1:51820} nor {@code [2001:db8::1]:51820} */
    public static Endpoint parse(String text) {
        int colon = text.lastIndexOf(':');
        if (colon < 1) {
            throw new IllegalArgumentException(FORM);
        }
        String host = text.substring(0, colon);
        if (host.startsWith("[") && host.endsWith("]")) {
            host = host.substring(1, host.length() - 1);
        } else if (host.indexOf(':') >= 0) {
            throw new IllegalArgumentException(FORM);
        }
        try {
            return new Endpoint(Address.parse(host), Integer.parseInt(text.substring(colon + 1)));
        } catch (NumberFormatException e) {
            throw new IllegalArgumentException(FORM, e);
        }
    }

    @Override
    public int compareTo(Endpoint other) {
        int byAddress = address.compareTo(other.address);
        return byAddress != 0 ? byAddress : Integer.compare(port, other.port);
    }

    @Override
    public String toString() {
        return (address.isV4() ? address.toString() : "[" + address + "]") + ":" + port;
    }
}
