package io.wgfabric.api;

/** A cluster's id: {@code c-} and 13 characters of base32hex (RFC 4648 section 7), 64 random or derived bits. */
public record ClusterId(String text) implements Comparable<ClusterId> {

    public ClusterId {
        Ids.check("c-", text, "a cluster id");
    }

    /** @throws IllegalArgumentException if it has not the form of one */
    public static ClusterId parse(String text) {
        return new ClusterId(text);
    }

    /** Whether {@link #parse} takes it. */
    public static boolean isValid(String text) {
        return Ids.isValid("c-", text);
    }

    /** The id for 64 bits. */
    public static ClusterId of(long bits) {
        return new ClusterId(Ids.format("c-", bits));
    }

    @Override
    public int compareTo(ClusterId other) {
        return text.compareTo(other.text);
    }

    @Override
    public String toString() {
        return text;
    }
}
