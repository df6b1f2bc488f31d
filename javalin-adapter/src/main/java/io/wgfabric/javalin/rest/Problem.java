package io.wgfabric.javalin.rest;

import io.wgfabric.api.Edition;
import io.wgfabric.api.RejectedException;
import io.wgfabric.api.Rejection;
import io.wgfabric.api.Revision;
import io.wgfabric.core.log.LogException;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/**
 * What went wrong, as RFC 9457 has it.
 *
 * @param type {@code urn:wgfabric:problem:SLUG}; stable, clients decide by it
 * @param detail one line for people: what is wrong and what to do
 * @param epoch of the state that a node's exclusion was read from; null for all other problems
 * @param revision of that state, so that a node which knows newer ignores it
 */
public record Problem(
        String type,
        String title,
        int status,
        String detail,
        @Nullable Long epoch,
        @Nullable Revision revision) {
    /** The media type of problems. */
    public static final String MEDIA_TYPE = "application/problem+json";

    static final String PREFIX = "urn:wgfabric:problem:";

    static final String NODE_REMOVED = "node-removed";
    static final String NODE_PENDING = "node-pending";
    static final String NODE_QUARANTINED = "node-quarantined";
    static final String CERTIFICATE_EXPIRED = "certificate-expired";
    static final String UNAUTHENTICATED = "unauthenticated";
    static final String UNAVAILABLE = "unavailable";
    static final String NO_MAJORITY = "no-majority";
    static final String OUTCOME_UNKNOWN = "outcome-unknown";
    static final String QUORUM_AT_RISK = "quorum-at-risk";
    static final String OVERLOADED = "overloaded";
    static final String RATE_LIMITED = "rate-limited";
    static final String INTERNAL = "internal";

    /** What a server refuses before a handler sees it, by status. */
    private static final SortedMap<Integer, String> HTTP = new TreeMap<>(Map.of(
            400, "invalid",
            404, "not-found",
            405, "method-not-allowed",
            408, "too-slow",
            413, "too-large",
            414, "uri-too-long",
            431, "headers-too-large",
            503, UNAVAILABLE));

    /** The last parts of all types that there are. */
    static SortedSet<String> slugs() {
        TreeSet<String> slugs = new TreeSet<>(HTTP.values());
        for (Rejection.Reason reason : Rejection.Reason.values()) {
            slugs.add(reason.slug());
        }
        slugs.addAll(List.of(
                NODE_REMOVED,
                NODE_QUARANTINED,
                UNAUTHENTICATED,
                NO_MAJORITY,
                OUTCOME_UNKNOWN,
                QUORUM_AT_RISK,
                OVERLOADED,
                RATE_LIMITED,
                SameOrigin.FROM_OTHERS,
                INTERNAL));
        return slugs;
    }

    /** What the server itself refuses; what it has no word for counts as a wrong request, or as its own failure. */
    static Problem ofHttp(int status) {
        int known = HTTP.containsKey(status) ? status : status < 500 ? 400 : 500;
        String detail = switch (known) {
            case 404 -> "there is no such path";
            case 405 -> "this path does not take this method";
            case 408 -> "the request took too long to arrive";
            case 413 -> "a request has at most " + RestServer.MAX_BODY + " bytes";
            case 414 -> "the path is too long";
            case 431 -> "the headers of a request have at most " + RestServer.MAX_HEADERS + " bytes";
            case 500 -> "this manager failed to answer; its log says why";
            case 503 -> "this manager cannot answer now; ask again, or ask another";
            default -> "the request is malformed, or broke off";
        };
        return of(known, HTTP.getOrDefault(known, INTERNAL), detail);
    }

    static Problem of(int status, String slug, String detail) {
        return new Problem(PREFIX + slug, slug.replace('-', ' '), status, detail, null, null);
    }

    /** What this state says, which other managers may know better. */
    static Problem asOf(Edition edition, int status, String slug, String detail) {
        return new Problem(PREFIX + slug, slug.replace('-', ' '), status, detail, edition.epoch(), edition.revision());
    }

    static Problem of(Rejection rejection) {
        return of(status(rejection.reason().category()), rejection.reason().slug(), rejection.message());
    }

    /** Of anything that a handler threw. */
    static Problem of(Throwable thrown) {
        Throwable cause = unwrap(thrown);
        if (cause instanceof ProblemException refused) {
            return refused.problem();
        }
        if (cause instanceof RejectedException rejected) {
            return of(rejected.rejection());
        }
        if (cause instanceof LogException failed) {
            return of(failed);
        }
        if (cause instanceof TimeoutException) {
            return of(503, OUTCOME_UNKNOWN, "the managers did not answer in time; ask again under the same request id");
        }
        return of(500, INTERNAL, "this manager failed to answer; its log says why");
    }

    private static Problem of(LogException failed) {
        if (failed.isWithoutMajority()) {
            return of(503, NO_MAJORITY, failed.getMessage() + "; if they are lost for good: fabric server recover");
        }
        String message = failed.getMessage() == null ? "" : ": " + failed.getMessage();
        return switch (failed.outcome()) {
            case NOT_APPLIED ->
                of(503, UNAVAILABLE, "the managers cannot decide now" + message + "; nothing was changed, ask again");
            case UNKNOWN ->
                of(
                        503,
                        OUTCOME_UNKNOWN,
                        "it is not known whether this took effect" + message
                                + "; ask again under the same Idempotency-Key");
        };
    }

    static Throwable unwrap(Throwable thrown) {
        Throwable cause = thrown;
        while ((cause instanceof CompletionException || cause instanceof ExecutionException)
                && cause.getCause() != null) {
            cause = cause.getCause();
        }
        return cause;
    }

    private static int status(Rejection.Category category) {
        return switch (category) {
            case INVALID -> 400;
            case DENIED -> 403;
            case NOT_FOUND -> 404;
            case CONFLICT, EXHAUSTED -> 409;
            case UNAVAILABLE -> 503;
        };
    }

    String slug() {
        return type.substring(PREFIX.length());
    }

    /** What goes along with it in headers. */
    Map<String, String> headers() {
        return switch (status) {
            case 401 -> Map.of("WWW-Authenticate", "Bearer");
            case 429, 503 -> Map.of("Retry-After", RestServer.RETRY_AFTER);
            default -> Map.of();
        };
    }
}
