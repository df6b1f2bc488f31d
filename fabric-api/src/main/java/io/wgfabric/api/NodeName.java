package io.wgfabric.api;

import java.util.regex.Pattern;

/** A node's name, unique in its cluster: a DNS label in lower case (RFC 1123 section 2.1), at most 63 characters. */
public record NodeName(String text) implements Comparable<NodeName> {
    private static final Pattern FORM = Pattern.compile("[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?");

    public NodeName {
        if (!FORM.matcher(text).matches()) {
            throw new IllegalArgumentException(
                    "a name is 1 to 63 characters of a-z 0-9 and -, and begins and ends with a letter or digit");
        }
    }

    public static NodeName parse(String text) {
        return new NodeName(text);
    }

    @Override
    public int compareTo(NodeName other) {
        return text.compareTo(other.text);
    }

    @Override
    public String toString() {
        return text;
    }
}
