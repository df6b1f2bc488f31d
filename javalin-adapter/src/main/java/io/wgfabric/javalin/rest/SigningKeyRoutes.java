package io.wgfabric.javalin.rest;

import io.javalin.http.Context;
import io.wgfabric.api.SigningKey;
import io.wgfabric.api.SigningKeys;
import io.wgfabric.core.SigningDesk;
import java.util.Arrays;
import java.util.Comparator;
import org.jspecify.annotations.Nullable;

/** The keys that sign join tokens, configurations and certificates. */
final class SigningKeyRoutes {
    /**
     * {@code POST /v1/signing-keys/{key}/retire}.
     *
     * @param generation of the old key, so that a repeat does not mean the next one
     */
    record Retirement(@Nullable Integer generation) {}

    private final SigningDesk desk;
    private final Core core;
    private final Answers answers;

    SigningKeyRoutes(Core core, Answers answers) {
        this.core = core;
        desk = core.signing();
        this.answers = answers;
    }

    void list(Context ctx) {
        answers.laterRead(
                ctx,
                answers.newest(),
                read -> Answers.page(
                        ctx,
                        read,
                        Arrays.stream(SigningKey.values()).sorted(Comparator.comparing(SigningKey::text)),
                        SigningKey::text,
                        key -> SigningKeyRow.of(key, read.view().signing(key), read.view(), core.presence())));
    }

    void rotate(Context ctx) {
        SigningKey key = key(ctx);
        answers.later(
                ctx,
                desk.rotate(Answers.caller(ctx).actor(), Answers.requestId(ctx), key),
                200,
                keys -> row(key, keys));
    }

    private SigningKeyRow row(SigningKey key, SigningKeys keys) {
        return SigningKeyRow.of(key, keys, core.fabric().view(), core.presence());
    }

    void retire(Context ctx) {
        SigningKey key = key(ctx);
        Integer generation = Answers.body(ctx, Retirement.class).generation();
        if (generation == null) {
            throw Answers.invalid("'generation' of the old key is missing; GET /v1/signing-keys lists it as 'oldest'");
        }
        answers.later(
                ctx,
                desk.retire(Answers.caller(ctx).actor(), Answers.requestId(ctx), key, generation),
                200,
                keys -> row(key, keys));
    }

    private static SigningKey key(Context ctx) {
        try {
            return SigningKey.parse(ctx.pathParam("key"));
        } catch (IllegalArgumentException e) {
            throw Answers.invalid(String.valueOf(e.getMessage()));
        }
    }
}
