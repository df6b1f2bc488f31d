package io.wgfabric.javalin.rest;

import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.concurrent.atomic.AtomicReference;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.http.HttpMethod;
import org.eclipse.jetty.io.EndPoint.SslSessionData;
import org.eclipse.jetty.server.Handler;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.util.Callback;
import org.jspecify.annotations.Nullable;

/**
 * {@code GET /v1/watch}: a stream of JSON lines. It stands in front of Javalin, whose own streams write on the
 * publisher's thread and block it when a client stalls; so it asks {@link Doorkeeper} itself.
 */
final class WatchHandler extends Handler.Wrapper {
    private final Doorkeeper door;
    private final WatchHub hub;
    private final FabricMetrics metrics;

    WatchHandler(Doorkeeper door, WatchHub hub, FabricMetrics metrics) {
        this.door = door;
        this.hub = hub;
        this.metrics = metrics;
    }

    @Override
    public boolean handle(Request request, Response response, Callback callback) throws Exception {
        boolean watch =
                Routes.WATCH.equals(Request.getPathInContext(request)) && HttpMethod.GET.is(request.getMethod());
        if (!watch) {
            return super.handle(request, response, callback);
        }
        try {
            X509Certificate[] chain = certificates(request);
            Caller caller = door.identify(
                    chain, request.getHeaders().get(HttpHeader.AUTHORIZATION), Request.getRemoteAddr(request));
            door.check(Routes.WATCH_ADMITS, caller, null, "GET " + Routes.WATCH);
            String unfit = hub.unfit();
            if (unfit != null) {
                throw new ProblemException(503, Problem.UNAVAILABLE, unfit);
            }
            if (!(caller instanceof Caller.Member member) || !hub.reserve()) {
                throw new ProblemException(503, Problem.OVERLOADED, "this manager serves no more streams; ask another");
            }
            Instant expires =
                    chain == null ? Instant.MIN : chain[0].getNotAfter().toInstant();
            int authority = chain == null ? 0 : hub.authorityOf(chain[0]);
            stream(member, expires, authority, request, response, callback);
        } catch (ProblemException e) {
            ProblemErrors.write(e.problem(), response, callback, metrics);
        }
        return true;
    }

    private static X509Certificate @Nullable [] certificates(Request request) {
        return request.getAttribute(SslSessionData.ATTRIBUTE) instanceof SslSessionData session
                ? session.peerCertificates()
                : null;
    }

    private void stream(
            Caller.Member member,
            Instant expires,
            int authority,
            Request request,
            Response response,
            Callback callback) {
        response.setStatus(200);
        response.getHeaders().put(HttpHeader.CONTENT_TYPE, "application/x-ndjson");
        response.getHeaders().put(HttpHeader.CACHE_CONTROL, "no-store");
        AtomicReference<@Nullable Watcher> self = new AtomicReference<>();
        Watcher watcher = new Watcher(member.node().id(), expires, authority, response, callback, hub.writers(), () -> {
            Watcher ended = self.get();
            if (ended != null) {
                hub.remove(ended);
            }
        });
        self.set(watcher);
        ConnectionGuard.known(request::getAttribute);
        ConnectionGuard.unlimit(request::getAttribute);
        request.addFailureListener(watcher::end);
        hub.add(watcher);
    }
}
