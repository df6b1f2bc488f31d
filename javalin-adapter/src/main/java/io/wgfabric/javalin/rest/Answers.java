package io.wgfabric.javalin.rest;

import io.javalin.http.Context;
import io.wgfabric.api.FabricView;
import io.wgfabric.api.RequestId;
import io.wgfabric.core.ReplicatedFabric;
import io.wgfabric.core.codec.Json;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;

/** Reading requests and writing answers, the same way for all routes. */
final class Answers {
    /** How long a read waits for a majority to confirm it before it gives what is known here. */
    private static final long FRESH_MILLIS = 2_000;

    private static final int MAX_LIMIT = 1_000;
    private static final String CALLER = "fabric-caller";

    /** Set to {@code true} on every answer that no majority confirmed, whatever its body is. */
    private static final String STALE = "Fabric-Stale";

    /** What a read shows, and whether something newer may have been decided. */
    record Read(FabricView view, boolean stale) {
        @Nullable Boolean staleMark() {
            return stale ? Boolean.TRUE : null;
        }
    }

    private final ReplicatedFabric fabric;
    private final Executor workers;

    /** @param workers where answers are written: never on a thread of the log's, which must not block */
    Answers(ReplicatedFabric fabric, Executor workers) {
        this.fabric = fabric;
        this.workers = workers;
    }

    static void setCaller(Context ctx, Caller caller) {
        ctx.attribute(CALLER, caller);
    }

    static Caller caller(Context ctx) {
        Caller caller = ctx.attribute(CALLER);
        if (caller == null) {
            throw new IllegalStateException("a request came in beside the door");
        }
        return caller;
    }

    /** The caller's name for this request, so that asking again is harmless. */
    static RequestId requestId(Context ctx) {
        String key = ctx.header("Idempotency-Key");
        try {
            return new RequestId(key == null ? UUID.randomUUID().toString() : key);
        } catch (IllegalArgumentException e) {
            throw invalid("Idempotency-Key: " + e.getMessage());
        }
    }

    static <T> T body(Context ctx, Class<T> type) {
        byte[] bytes = ctx.bodyAsBytes();
        if (bytes.length == 0) {
            throw invalid("this request needs a JSON body");
        }
        T value;
        try {
            value = Json.mapper().readValue(bytes, type);
        } catch (JacksonException e) {
            throw invalid(BadJson.describe(e));
        }
        if (value == null) {
            throw invalid("this request needs a JSON body, and null is none");
        }
        return value;
    }

    /** An optional body: what stands in for none is given. */
    static <T> T body(Context ctx, Class<T> type, T none) {
        return ctx.bodyAsBytes().length == 0 ? none : body(ctx, type);
    }

    static ProblemException invalid(String detail) {
        return new ProblemException(400, "invalid", detail);
    }

    static void json(Context ctx, int status, Object value) {
        whole(ctx.status(status), "application/json", Json.mapper().writeValueAsBytes(value));
    }

    /**
     * Answers with bytes that leave only once the request is done with: what does not fit into the response's buffer is
     * written at once, on a thread that waits for as long as the client reads nothing.
     *
     * @throws ProblemException if clients leave too much unread already
     */
    static void whole(Context ctx, String type, byte[] bytes) {
        if (!ConnectionGuard.hold(ctx.req()::getAttribute, bytes.length)) {
            throw new ProblemException(
                    503, Problem.OVERLOADED, "too many answers wait to be read; read them, then ask");
        }
        ctx.res().setBufferSize(bytes.length + 1);
        ctx.contentType(type).result(bytes);
    }

    /** Answers when the stage completes, without holding a thread until then. */
    <T> void later(Context ctx, CompletionStage<T> stage, int status, Function<? super T, ?> body) {
        ctx.future(() -> moved(stage).thenAccept(value -> json(ctx, status, body.apply(value))));
    }

    /**
     * Answers with bytes when the stage completes. They may be too many to be buffered, and take their time: this is for
     * callers who may hold a thread.
     *
     * @param done runs in any case once there is an answer
     */
    <T> void laterBytes(Context ctx, CompletionStage<T> stage, Function<T, byte[]> body, Runnable done) {
        ConnectionGuard.unlimit(ctx.req()::getAttribute);
        ctx.future(() -> moved(stage)
                .thenAccept(value -> ctx.contentType("application/octet-stream").result(body.apply(value)))
                .whenComplete((answered, failure) -> done.run()));
    }

    /** Answers what was read, and says where it may be out of date. */
    void laterRead(Context ctx, CompletionStage<Read> stage, Function<Read, ?> body) {
        later(ctx, stage, 200, read -> {
            markStale(ctx, read.stale());
            return body.apply(read);
        });
    }

    static void markStale(Context ctx, boolean stale) {
        if (stale) {
            ctx.header(STALE, "true");
        }
    }

    /** Whether what is known here may be out of date for want of a leader. */
    boolean isLeaderless() {
        return fabric.log().status().leader() == null;
    }

    /** Answers 204 when the stage completes. */
    void laterEmpty(Context ctx, CompletionStage<?> stage) {
        ctx.future(() -> moved(stage).thenAccept(value -> ctx.status(204)));
    }

    private <T> CompletableFuture<T> moved(CompletionStage<T> stage) {
        CompletableFuture<T> here = new CompletableFuture<>();
        stage.whenCompleteAsync(
                (value, failure) -> {
                    if (failure == null) {
                        here.complete(value);
                    } else {
                        here.completeExceptionally(failure);
                    }
                },
                workers);
        return here;
    }

    /** The newest state, confirmed by a majority; what is known here if none confirms it in time. */
    CompletionStage<Read> newest() {
        return fabric.freshView()
                .toCompletableFuture()
                .copy()
                .orTimeout(FRESH_MILLIS, TimeUnit.MILLISECONDS)
                .handle((view, failure) -> failure == null ? new Read(view, false) : new Read(fabric.view(), true));
    }

    /** What a peer asks for is answered from what is known here, so that it hears something without a leader too. */
    CompletionStage<Read> newestFor(Context ctx) {
        boolean peer =
                caller(ctx) instanceof Caller.Member member && !member.node().isManager();
        return peer ? CompletableFuture.completedFuture(new Read(fabric.view(), isLeaderless())) : newest();
    }

    /** A list in parts: {@code ?limit=} and {@code ?after=}. */
    static <S, T> Page<T> page(Context ctx, Read read, Stream<S> all, Function<S, String> key, Function<S, T> row) {
        return page(ctx, MAX_LIMIT, read, all, key, row);
    }

    /** The same of items that are large: so many of them at most, also if nothing is said. */
    static <S, T> Page<T> page(
            Context ctx, int most, Read read, Stream<S> all, Function<S, String> key, Function<S, T> row) {
        int limit = number(ctx, "limit", most, 1, most);
        String after = ctx.queryParam("after");
        List<S> found = all.filter(item -> after == null || key.apply(item).compareTo(after) > 0)
                .limit(limit + 1L)
                .toList();
        List<T> items = new ArrayList<>();
        for (S item : found.subList(0, Math.min(limit, found.size()))) {
            items.add(row.apply(item));
        }
        String next = found.size() > limit ? key.apply(found.get(limit - 1)) : null;
        return new Page<>(items, next, read.view().revision(), read.staleMark());
    }

    static int number(Context ctx, String name, int otherwise, int min, int max) {
        return (int) number(ctx, name, (long) otherwise, min, max);
    }

    static long number(Context ctx, String name, long otherwise, long min, long max) {
        String text = ctx.queryParam(name);
        if (text == null) {
            return otherwise;
        }
        try {
            long value = Long.parseLong(text);
            if (value >= min && value <= max) {
                return value;
            }
        } catch (NumberFormatException e) {
            throw invalid("?" + name + "= takes a number");
        }
        throw invalid("?" + name + "= takes a number from " + min + " to " + max);
    }

    static boolean flag(Context ctx, String name) {
        String text = ctx.queryParam(name);
        if (text == null || text.equals("false")) {
            return false;
        }
        if (text.equals("true") || text.isEmpty()) {
            return true;
        }
        throw invalid("?" + name + "= takes true or false");
    }
}
