package io.wgfabric.jgroups.scenario;

import org.jspecify.annotations.Nullable;

/** What a client asked of one member, and what came of it. */
final class Request {
    private final String command;
    private boolean acknowledged;
    private @Nullable String refusal;

    Request(String command) {
        this.command = command;
    }

    String command() {
        return command;
    }

    boolean isAcknowledged() {
        return acknowledged;
    }

    /** Whether it is certain by now what came of it. */
    boolean isDone() {
        return acknowledged || refusal != null;
    }

    void acknowledge() {
        acknowledged = true;
    }

    void refuse(String reason) {
        refusal = reason;
    }

    @Override
    public String toString() {
        return command + (acknowledged ? " acknowledged" : refusal == null ? " pending" : " refused: " + refusal);
    }
}
