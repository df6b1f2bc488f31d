package io.wgfabric.scale.chaos;

import org.jspecify.annotations.Nullable;

/** What passes between the driver and its outpost: one JSON document a line. */
public final class Parcel {
    private Parcel() {}

    /**
     * A request to one manager.
     *
     * @param manager {@code HOST:PORT}
     * @param key the idempotency key
     * @param body JSON; null for none
     * @param operator whether the operator's credential goes along
     */
    record Ask(
            long id,
            String manager,
            String method,
            String path,
            String key,
            @Nullable String body,
            boolean operator,
            long timeoutMillis) {}

    /** How a request ended. */
    public enum End {
        /** With an answer. */
        ANSWERED,
        /** No connection was made, so nothing was done. */
        NOT_CONNECTED,
        /** Neither: it may have been done. */
        NO_ANSWER
    }

    /** @param status the HTTP status, 0 without an answer */
    public record Reply(long id, End end, int status, String body) {}
}
