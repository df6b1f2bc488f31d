package io.wgfabric.javalin.rest;

import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.http.HttpMethod;
import org.eclipse.jetty.io.Content;
import org.eclipse.jetty.io.content.ByteBufferContentSource;
import org.eclipse.jetty.server.Handler;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.util.Callback;
import org.eclipse.jetty.util.Promise;
import org.eclipse.jetty.util.thread.Invocable.InvocationType;

/**
 * Lets a request in once its body is there: a client that sends it slowly holds no thread, and one that goes on for too
 * long is refused, however little it pauses.
 */
final class WholeBody extends Handler.Wrapper {
    private final Duration limit;
    private final SourceCount gathering;
    private final FabricMetrics metrics;

    WholeBody(Handler next, ConnectionLimits limits, FabricMetrics metrics) {
        super(next);
        limit = limits.body();
        gathering = new SourceCount(limits.bodies(), limits.bodiesOfSource());
        this.metrics = metrics;
    }

    @Override
    public boolean handle(Request request, Response response, Callback callback) throws Exception {
        if (HttpMethod.GET.is(request.getMethod())
                || HttpMethod.HEAD.is(request.getMethod())
                || request.getLength() == 0) {
            return super.handle(request, response, callback);
        }
        if (request.getLength() > RestServer.MAX_BODY) {
            refuse(413, response, callback);
            return true;
        }
        String from = Request.getRemoteAddr(request);
        if (!gathering.take(from, 1)) {
            refuse(503, response, callback);
            return true;
        }
        CompletableFuture<byte[]> body = new CompletableFuture<>();
        // A copy: what asByteBufferAsync gives is back in the pool by then, and another request's bytes come into it.
        Content.Source.asByteArrayAsync(
                request, RestServer.MAX_BODY, Promise.Invocable.from(InvocationType.NON_BLOCKING, (bytes, failure) -> {
                    if (failure == null) {
                        body.complete(bytes);
                    } else {
                        body.completeExceptionally(failure);
                    }
                }));
        var unused = body.orTimeout(limit.toMillis(), TimeUnit.MILLISECONDS).whenComplete((bytes, failure) -> {
            gathering.release(from, 1);
            if (failure == null) {
                pass(request, ByteBuffer.wrap(bytes), response, callback);
            } else {
                refuse(status(failure), response, callback);
            }
        });
        return true;
    }

    /** The body came in on a thread that must not block. */
    private void pass(Request request, ByteBuffer body, Response response, Callback callback) {
        Request whole = new Loaded(request, body);
        try {
            getServer().getThreadPool().execute(() -> {
                try {
                    if (!super.handle(whole, response, callback)) {
                        Response.writeError(whole, response, callback, 404);
                    }
                } catch (Throwable e) {
                    // Also an Error: nobody else would answer, and the connection would wait.
                    Response.writeError(whole, response, callback, e);
                }
            });
        } catch (RejectedExecutionException e) {
            refuse(503, response, callback);
        }
    }

    private static int status(Throwable failure) {
        Throwable cause =
                failure instanceof CompletionException && failure.getCause() != null ? failure.getCause() : failure;
        if (cause instanceof TimeoutException) {
            return 408;
        }
        return cause instanceof IllegalStateException ? 413 : 400;
    }

    private void refuse(int status, Response response, Callback callback) {
        response.getHeaders().put(HttpHeader.CONNECTION, "close");
        ProblemErrors.write(Problem.ofHttp(status), response, callback, metrics);
    }

    /** The same request with its body in memory. */
    private static final class Loaded extends Request.Wrapper {
        private final ByteBufferContentSource body;

        Loaded(Request request, ByteBuffer body) {
            super(request);
            this.body = new ByteBufferContentSource(body);
        }

        @Override
        public long getLength() {
            return body.getLength();
        }

        @Override
        public Content.Chunk read() {
            return body.read();
        }

        @Override
        public void demand(Runnable demandCallback) {
            body.demand(demandCallback);
        }

        @Override
        public void fail(Throwable failure) {
            body.fail(failure);
            super.fail(failure);
        }
    }
}
