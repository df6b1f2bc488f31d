package io.wgfabric.api;

/** An operator's id: {@code o-} and 13 characters of base32hex (RFC 4648 section 7), 64 random or derived bits. */
public record OperatorId(String text) implements Comparable<OperatorId> {

    public OperatorId {
        Ids.check("o-", text, "an operator id");
    }

    /** @throws IllegalArgumentException if it has not the form of one */
    public static OperatorId parse(String text) {
        return new OperatorId(text);
    }

    /** Whether {@link #parse} takes it. */
    public static boolean isValid(String text) {
        return Ids.isValid("o-", text);
    }

    /** The id for 64 bits. */
    public static OperatorId of(long bits) {
        return new OperatorId(Ids.format("o-", bits));
    }

    @Override
    public int compareTo(OperatorId other) {
        return text.compareTo(other.text);
    }

    @Override
    public String toString() {
        return text;
    }
}
