package io.wgfabric.api;

/**
 * A node's id, never used again once its node is removed: {@code n-} and 13 characters of base32hex (RFC 4648 section 7),
 * 64 random or derived bits.
 */
public record NodeId(String text) implements Comparable<NodeId> {

    public NodeId {
        Ids.check("n-", text, "a node id");
    }

    /** @throws IllegalArgumentException if it has not the form of one */
    public static NodeId parse(String text) {
        return new NodeId(text);
    }

    /** Whether {@link #parse} takes it. */
    public static boolean isValid(String text) {
        return Ids.isValid("n-", text);
    }

    /** The id for 64 bits. */
    public static NodeId of(long bits) {
        return new NodeId(Ids.format("n-", bits));
    }

    @Override
    public int compareTo(NodeId other) {
        return text.compareTo(other.text);
    }

    @Override
    public String toString() {
        return text;
    }
}
