package io.wgfabric.javalin.rest;

import io.javalin.http.Context;
import io.wgfabric.api.Actor;
import io.wgfabric.api.Address;
import io.wgfabric.api.Command.RevokeToken;
import io.wgfabric.api.FabricView;
import io.wgfabric.api.Outcome;
import io.wgfabric.api.Rejection;
import io.wgfabric.api.RequestId;
import io.wgfabric.api.Role;
import io.wgfabric.api.Token;
import io.wgfabric.api.TokenId;
import io.wgfabric.core.TokenDesk;
import io.wgfabric.core.TokenDesk.Wish;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** The life of join tokens. */
final class TokenRoutes {
    private static final long DEFAULT_TTL_SECONDS = 3_600;
    private static final long MAX_TTL_SECONDS = Duration.ofDays(10_000).toSeconds();

    /**
     * {@code POST /v1/tokens}: everything but the role may be left out.
     *
     * @param role {@code peer} or {@code mgmt}
     * @param ttlSeconds an hour if left out
     * @param uses one if left out; 0 for any number
     * @param notBefore from when it admits, ISO 8601; from now on if left out
     * @param needsApproval whether its nodes wait for an operator's approval
     * @param graceSeconds how long its ephemeral nodes may be away
     */
    record NewToken(
            String role,
            @Nullable Long ttlSeconds,
            @Nullable Integer uses,
            @Nullable List<String> tags,
            @Nullable Address address,
            @Nullable Boolean ephemeral,
            @Nullable Instant notBefore,
            @Nullable Boolean needsApproval,
            @Nullable Long graceSeconds) {

        Wish wish() {
            long seconds = ttlSeconds == null ? DEFAULT_TTL_SECONDS : ttlSeconds;
            if (seconds < 1 || seconds > MAX_TTL_SECONDS) {
                throw Answers.invalid("field 'ttlSeconds' is a number of seconds that lies ahead");
            }
            if (tags != null && tags.stream().anyMatch(Objects::isNull)) {
                throw Answers.invalid("field 'tags': a tag is a text");
            }
            return new Wish(
                    parseRole(role),
                    Duration.ofSeconds(seconds),
                    uses == null ? 1 : uses,
                    new TreeSet<>(tags == null ? List.of() : tags),
                    address,
                    ephemeral != null && ephemeral,
                    notBefore,
                    needsApproval != null && needsApproval,
                    grace());
        }

        private @Nullable Duration grace() {
            if (graceSeconds == null) {
                return null;
            }
            if (graceSeconds < 1 || graceSeconds > MAX_TTL_SECONDS) {
                throw Answers.invalid("field 'graceSeconds' is a number of seconds that lies ahead");
            }
            return Duration.ofSeconds(graceSeconds);
        }

        private static Role parseRole(@Nullable String text) {
            try {
                return Role.parse(text == null ? "" : text);
            } catch (IllegalArgumentException e) {
                throw Answers.invalid("field 'role': " + e.getMessage());
            }
        }
    }

    private final Core core;
    private final Answers answers;

    TokenRoutes(Core core, Answers answers) {
        this.core = core;
        this.answers = answers;
    }

    void create(Context ctx) {
        Actor actor = Answers.caller(ctx).actor();
        RequestId request = Answers.requestId(ctx);
        Wish wish = Answers.body(ctx, NewToken.class).wish();
        TokenDesk desk = core.tokens();
        ctx.header("Cache-Control", "no-store");
        answers.later(ctx, desk.issue(actor, request, wish), 201, TokenCreated::of);
    }

    void list(Context ctx) {
        answers.laterRead(
                ctx,
                answers.newest(),
                read -> Answers.page(
                        ctx,
                        read,
                        read.view().tokens().stream(),
                        token -> token.id().text(),
                        this::row));
    }

    void show(Context ctx) {
        TokenId id = id(ctx);
        answers.laterRead(
                ctx,
                answers.newest(),
                read -> TokenRow.of(find(read.view(), id), core.clock().instant(), read.staleMark())
                        .withLineage(read.view()));
    }

    void revoke(Context ctx) {
        TokenId id = id(ctx);
        RevokeToken command = new RevokeToken(id, Answers.flag(ctx, "cascade"));
        answers.later(
                ctx,
                core.fabric().submit(Answers.caller(ctx).actor(), Answers.requestId(ctx), command),
                200,
                outcome -> {
                    // Whoever shows a token that there is not may not join; whoever asks about one does not find it.
                    if (outcome instanceof Outcome.Rejected rejected
                            && rejected.rejection().reason() == Rejection.Reason.TOKEN_UNKNOWN) {
                        throw unknown(id.text());
                    }
                    outcome.orThrow();
                    return row(find(core.fabric().view(), id));
                });
    }

    private TokenRow row(Token token) {
        return TokenRow.of(token, core.clock().instant(), null);
    }

    private static Token find(FabricView view, TokenId id) {
        return view.token(id).orElseThrow(() -> unknown(id.text()));
    }

    private static TokenId id(Context ctx) {
        String text = ctx.pathParam("id");
        if (!TokenId.isValid(text)) {
            throw Answers.invalid("a token's id looks like t-0123456789abc; see 'fabric token list'");
        }
        return new TokenId(text);
    }

    private static ProblemException unknown(String id) {
        return new ProblemException(
                404,
                Rejection.Reason.TOKEN_UNKNOWN.slug(),
                "this cluster has no token " + id + "; see 'fabric token list'");
    }
}
