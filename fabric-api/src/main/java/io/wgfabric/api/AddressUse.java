package io.wgfabric.api;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * What an overlay address is used for.
 *
 * @param node who has it
 * @param reservedFor the name whose node alone may have it
 * @param token whose fixed address it is, while that may still admit its node
 * @param usableFrom when others may have it, as far as that is known: the end of its rest, or of the token
 */
public record AddressUse(
        Address address,
        State state,
        @Nullable NodeId node,
        @Nullable NodeName reservedFor,
        @Nullable TokenId token,
        @Nullable Instant usableFrom) {

    public enum State {
        /** A node has it, reserved or not. */
        LEASED,
        /** Kept for the node of a name. */
        RESERVED,
        /** Kept for the node that joins with a token. */
        HELD,
        /** Its last node has gone a short while ago. */
        RESTING,
        /** Anybody may get it. */
        FREE
    }
}
