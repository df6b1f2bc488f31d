package io.wgfabric.javalin.rest;

import io.javalin.http.Context;
import io.wgfabric.api.Operator;
import io.wgfabric.api.OperatorId;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/** Signing in at the web page, and out of it. */
final class SessionRoutes {
    private static final String ATTRIBUTES = "; Path=/; Secure; HttpOnly; SameSite=Strict";

    /**
     * Who asks.
     *
     * @param ends when the session ends if it is not used again; absent for who shows a credential
     */
    record Session(
            OperatorId operator,
            String name,
            String access,
            @Nullable Instant ends) {}

    private final Core core;
    private final Sessions sessions;

    SessionRoutes(Core core, Sessions sessions) {
        this.core = core;
        this.sessions = sessions;
    }

    void open(Context ctx) {
        Operator operator = operator(ctx);
        if (ctx.header("Authorization") == null) {
            // Else a session that is about to end could go on for ever.
            throw new ProblemException(
                    403, "not-allowed", "a session is opened with a credential, not with another one");
        }
        String secret = sessions.open(operator, core.fabric().view());
        ctx.header("Set-Cookie", Sessions.COOKIE + "=" + secret + ATTRIBUTES);
        answer(ctx, 201, operator, secret);
    }

    void show(Context ctx) {
        answer(ctx, 200, operator(ctx), ctx.header("Authorization") == null ? ctx.cookie(Sessions.COOKIE) : null);
    }

    void close(Context ctx) {
        String secret = ctx.cookie(Sessions.COOKIE);
        if (secret != null) {
            sessions.close(secret);
        }
        ctx.header("Set-Cookie", Sessions.COOKIE + "=; Max-Age=0" + ATTRIBUTES).status(204);
    }

    private void answer(Context ctx, int status, Operator operator, @Nullable String secret) {
        Instant ends = secret == null ? null : sessions.ends(secret).orElse(null);
        ctx.header("Cache-Control", "no-store");
        Answers.json(
                ctx,
                status,
                new Session(operator.id(), operator.name(), operator.access().text(), ends));
    }

    private static Operator operator(Context ctx) {
        if (Answers.caller(ctx) instanceof Caller.Credentialed credentialed) {
            return credentialed.operator();
        }
        throw new IllegalStateException("only operators sign in");
    }
}
