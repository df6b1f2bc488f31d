package io.wgfabric.core.log;

import org.jspecify.annotations.Nullable;

/** A log could not do what was asked. The message is one line for an operator. */
public final class LogException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    /** What is known of the command. */
    public enum Outcome {
        /** It was not and will not be applied; a repeat is safe. */
        NOT_APPLIED,
        /** It may be applied later, or was; ask again under the same request id. */
        UNKNOWN
    }

    private final Outcome outcome;

    public LogException(Outcome outcome, String message, @Nullable Throwable cause) {
        super(message, cause);
        this.outcome = outcome;
    }

    public LogException(Outcome outcome, String message) {
        this(outcome, message, null);
    }

    public Outcome outcome() {
        return outcome;
    }
}
