package io.wgfabric.javalin.rest;

import io.wgfabric.core.codec.Json;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.concurrent.TimeoutException;
import org.eclipse.jetty.http.HttpField;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.server.handler.ErrorHandler;
import org.eclipse.jetty.util.Callback;

/** What Jetty answers by itself, as problems (RFC 9457) like everything else. Thread-safe. */
final class ProblemErrors extends ErrorHandler {
    private final FabricMetrics metrics;

    ProblemErrors(FabricMetrics metrics) {
        this.metrics = metrics;
    }

    @Override
    public boolean handle(Request request, Response response, Callback callback) {
        Object cause = request.getAttribute(ERROR_EXCEPTION);
        // A request that broke off is no failure of the server's, whatever was thrown by it.
        boolean broken = cause instanceof IOException || cause instanceof TimeoutException;
        Problem problem = Problem.ofHttp(broken && response.getStatus() >= 500 ? 400 : response.getStatus());
        write(problem, response, callback, metrics);
        return true;
    }

    /** Answers below Javalin. */
    static void write(Problem problem, Response response, Callback callback, FabricMetrics metrics) {
        metrics.refused(problem.slug());
        response.setStatus(problem.status());
        response.getHeaders().put(HttpHeader.CONTENT_TYPE, Problem.MEDIA_TYPE);
        problem.headers().forEach((name, value) -> response.getHeaders().put(new HttpField(name, value)));
        response.write(true, ByteBuffer.wrap(Json.mapper().writeValueAsBytes(problem)), callback);
    }
}
