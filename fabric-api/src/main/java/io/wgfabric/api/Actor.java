package io.wgfabric.api;

import java.util.Objects;

/**
 * Who asks, for authorization and audit.
 *
 * @param kind what it is
 * @param id its id within that kind; for a join, the token's id
 * @param from the network address it asked from, or empty for the process itself
 */
public record Actor(Kind kind, String id, String from) {
    /** The longest id or address. */
    public static final int MAX_LENGTH = 64;

    public Actor {
        Objects.requireNonNull(kind);
        if (id.isEmpty() || id.length() > MAX_LENGTH || from.length() > MAX_LENGTH) {
            throw new IllegalArgumentException("an actor has an id and an address of at most 64 characters each");
        }
    }

    public enum Kind {
        /** The fabric itself: what the leader does unasked. */
        SYSTEM,
        OPERATOR,
        /** A management node, or who has its key. */
        MANAGER,
        PEER,
        /** Whoever holds a join token. */
        TOKEN,
        /** An application that embeds the library. */
        APPLICATION
    }

    public static Actor system(String id) {
        return new Actor(Kind.SYSTEM, id, "");
    }

    public static Actor application(String id) {
        return new Actor(Kind.APPLICATION, id, "");
    }
}
