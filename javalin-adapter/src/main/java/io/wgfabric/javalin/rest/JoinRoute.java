package io.wgfabric.javalin.rest;

import io.javalin.http.Context;
import io.wgfabric.core.wire.JoinAnswer;
import io.wgfabric.core.wire.JoinRequest;
import java.util.concurrent.CompletionStage;

/** How a node gets in. */
final class JoinRoute {
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
                        door.welcome(caller);
                        ConnectionGuard.known(ctx.req()::getAttribute);
                    }
                }),
                200,
                answer -> answer);
    }
}
