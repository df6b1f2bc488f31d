package io.wgfabric.core.state;

import io.wgfabric.api.Rejection;
import io.wgfabric.api.Rejection.Reason;
import org.jspecify.annotations.Nullable;

/**
 * What a rule decided, and what the audit chain says of it.
 *
 * @param rejection null if the command was accepted
 */
record Verdict(String subject, String detail, @Nullable Rejection rejection) {

    static Verdict accepted(Object subject, String detail) {
        return new Verdict(subject.toString(), detail, null);
    }

    static Verdict refused(Object subject, Reason reason, String message) {
        return new Verdict(subject.toString(), "", new Rejection(reason, message));
    }
}
