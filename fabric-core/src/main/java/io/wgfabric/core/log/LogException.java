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
    private final boolean withoutMajority;

    private LogException(Outcome outcome, String message, @Nullable Throwable cause, boolean withoutMajority) {
        super(message, cause);
        this.outcome = outcome;
        this.withoutMajority = withoutMajority;
    }

    public LogException(Outcome outcome, String message, @Nullable Throwable cause) {
        this(outcome, message, cause, false);
    }

    public LogException(Outcome outcome, String message) {
        this(outcome, message, null);
    }

    /** Refused at once, since no leader has been known for longer than an election takes: nothing was applied. */
    public static LogException noMajority(String message) {
        return new LogException(Outcome.NOT_APPLIED, message, null, true);
    }

    public Outcome outcome() {
        return outcome;
    }

    /** Whether it was refused for want of a majority, so that to repeat it soon is no use. */
    public boolean isWithoutMajority() {
        return withoutMajority;
    }
}
