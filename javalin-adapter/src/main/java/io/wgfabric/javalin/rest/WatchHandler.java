package io.wgfabric.javalin.rest;

import io.wgfabric.api.Edition;
import io.wgfabric.api.Revision;
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
import org.eclipse.jetty.util.Fields;
import org.jspecify.annotations.Nullable;

/**
 * {@code GET /v1/watch}: a stream of JSON lines. It stands in front of Javalin, whose own streams write on the
 * publisher's thread and block it when a client stalls; so it asks {@link Doorkeeper} itself.
 */
final class WatchHandler extends Handler.Wrapper {
    /** SHA-256 in Base64url. */
    private static final int MAX_SIGNER = 43;

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
                    chain, request.getHeaders().get(HttpHeader.AUTHORIZATION), null, Request.getRemoteAddr(request));
            door.check(Routes.WATCH_ADMITS, caller, null, "GET " + Routes.WATCH);
            Announcement.Told told = told(request);
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
            stream(member, told, expires, authority, request, response, callback);
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

    /** What the node says that it has; nothing if it does not say. */
    private static Announcement.Told told(Request request) {
        Fields query = Request.extractQueryParameters(request);
        String epoch = query.getValue("epoch");
        String revision = query.getValue("revision");
        String signer = query.getValue("signer");
        if (epoch == null && revision == null && signer == null) {
            return Announcement.Told.NOTHING;
        }
        try {
            if (epoch != null && revision != null && (signer == null || signer.length() <= MAX_SIGNER)) {
                Edition seen = new Edition(Long.parseLong(epoch), new Revision(Long.parseLong(revision)));
                return new Announcement.Told(seen, signer);
            }
        } catch (IllegalArgumentException e) {
            throw Answers.invalid("?epoch= and ?revision= are numbers, not negative");
        }
        throw Answers.invalid("?epoch= and ?revision= belong together, and ?signer= to them: a thumbprint");
    }

    private void stream(
            Caller.Member member,
            Announcement.Told told,
            Instant expires,
            int authority,
            Request request,
            Response response,
            Callback callback) {
        response.setStatus(200);
        response.getHeaders().put(HttpHeader.CONTENT_TYPE, "application/x-ndjson");
        response.getHeaders().put(HttpHeader.CACHE_CONTROL, "no-store");
        AtomicReference<@Nullable Watcher> self = new AtomicReference<>();
        Watcher watcher =
                new Watcher(member.node().id(), told, expires, authority, response, callback, hub.writers(), () -> {
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
