package io.wgfabric.api;

/**
 * A join token's id; it is no secret: {@code t-} and 13 characters of base32hex (RFC 4648 section 7), 64 random or
 * derived bits.
 */
public record TokenId(String text) implements Comparable<TokenId> {

    public TokenId {
        Ids.check("t-", text, "a token id");
    }

    /** @throws IllegalArgumentException if it has not the form of one */
    public static TokenId parse(String text) {
        return new TokenId(text);
    }

    /** Whether {@link #parse} takes it. */
    public static boolean isValid(String text) {
        return Ids.isValid("t-", text);
    }

    /** The id for 64 bits. */
    public static TokenId of(long bits) {
        return new TokenId(Ids.format("t-", bits));
    }

    @Override
    public int compareTo(TokenId other) {
        return text.compareTo(other.text);
    }

    @Override
    public String toString() {
        return text;
    }
}
