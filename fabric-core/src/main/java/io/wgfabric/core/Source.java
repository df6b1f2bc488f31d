package io.wgfabric.core;

/** Where a request comes from, as limits and counts take it. */
public final class Source {
    private Source() {}

    /**
     * An IPv4 address as it is; of an IPv6 address its /64, which is what one host gets (RFC 4291 section 2.5.4), so that
     * nobody has more than one source.
     *
     * @param address as a server takes it from a connection; what is no address is one source like any other
     */
    public static String of(String address) {
        String bare =
                address.startsWith("[") && address.endsWith("]") ? address.substring(1, address.length() - 1) : address;
        int zone = bare.indexOf('%');
        String text = zone < 0 ? bare : bare.substring(0, zone);
        if (text.indexOf(':') < 0 || text.indexOf('.') >= 0) {
            return text;
        }
        String[] halves = text.split("::", 2);
        String[] head = halves[0].isEmpty() ? new String[0] : halves[0].split(":", -1);
        String[] tail = halves.length < 2 || halves[1].isEmpty() ? new String[0] : halves[1].split(":", -1);
        StringBuilder network = new StringBuilder();
        for (int group = 0; group < 4; group++) {
            int inTail = group - (8 - tail.length);
            String part = group < head.length ? head[group] : inTail >= 0 && halves.length == 2 ? tail[inTail] : "0";
            network.append(part.replaceFirst("^0+(?=.)", "")).append(':');
        }
        return network + ":/64";
    }
}
