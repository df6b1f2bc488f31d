package io.wgfabric.javalin.rest;

import io.javalin.http.Context;
import io.wgfabric.api.RequestId;
import io.wgfabric.core.Admission;
import io.wgfabric.core.crypto.CertificateAuthority;
import io.wgfabric.core.crypto.CryptoException;
import io.wgfabric.core.wire.JoinAnswer;
import io.wgfabric.core.wire.JoinRequest;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/** How a node gets in. */
final class JoinRoute {
    private static final Logger LOGGER = System.getLogger(JoinRoute.class.getName());

    private final Core core;
    private final Answers answers;
    private final Doorkeeper door;
    private final FabricMetrics metrics;

    JoinRoute(Core core, Answers answers, Doorkeeper door, FabricMetrics metrics) {
        this.core = core;
        this.answers = answers;
        this.door = door;
        this.metrics = metrics;
    }

    void join(Context ctx) {
        JoinRequest request = Answers.body(ctx, JoinRequest.class);
        if (request.request() == null
                || request.token() == null
                || request.role() == null
                || request.keys() == null
                || request.endpoints() == null
                || request.certificateRequest() == null) {
            throw Answers.invalid("a join needs request, token, role, keys, endpoints and certificateRequest");
        }
        long began = System.nanoTime();
        ctx.header("Cache-Control", "no-store");
        Caller caller = Answers.caller(ctx);
        CompletionStage<JoinAnswer> joined = core.admission().join(request, caller.from());
        answers.later(
                ctx,
                joined.whenComplete((answer, failure) -> {
                    metrics.joined(failure, System.nanoTime() - began);
                    if (failure == null) {
                        LOGGER.log(
                                Level.INFO,
                                "node {0} ({1}) joined from {2}, request {3}",
                                request.name(),
                                answer.node().id(),
                                caller.from(),
                                recorded(request));
                        door.welcome(caller);
                        ConnectionGuard.known(ctx.req()::getAttribute);
                    } else if (LOGGER.isLoggable(Level.DEBUG)) {
                        // Anybody may be refused as often as he likes, so not louder.
                        LOGGER.log(
                                Level.DEBUG,
                                "a join from {0} failed: {1}, request {2}",
                                caller.from(),
                                Problem.unwrap(failure).getMessage(),
                                recorded(request));
                    }
                }),
                200,
                answer -> answer);
    }

    /** As the audit chain has it, and the joining node's own log; null if the request has no key that could be read. */
    private static @Nullable RequestId recorded(JoinRequest request) {
        try {
            return Admission.recorded(request.request(), CertificateAuthority.subjectOf(request.certificateRequest()));
        } catch (CryptoException e) {
            return null;
        }
    }
}
