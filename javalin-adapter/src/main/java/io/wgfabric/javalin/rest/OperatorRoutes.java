package io.wgfabric.javalin.rest;

import io.javalin.http.Context;
import io.wgfabric.api.Bytes;
import io.wgfabric.api.Command.CreateOperator;
import io.wgfabric.api.Command.RevokeOperator;
import io.wgfabric.api.FabricView;
import io.wgfabric.api.Operator;
import io.wgfabric.api.Operator.Access;
import io.wgfabric.api.OperatorId;
import io.wgfabric.api.RejectedException;
import io.wgfabric.api.Rejection;
import io.wgfabric.api.Rejection.Reason;
import io.wgfabric.api.RequestId;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/** Who operates the fabric. */
final class OperatorRoutes {

    /**
     * {@code POST /v1/operators}: whoever asks has made the credential and keeps its secret, so a repeat through another
     * manager is the same request.
     *
     * @param access {@code viewer}, {@code operator} or {@code admin}
     * @param secretHash SHA-256 of the secret's 32 bytes
     */
    record NewOperator(
            @Nullable OperatorId id,
            @Nullable String name,
            @Nullable String access,
            @Nullable Bytes secretHash) {

        Operator operator() {
            if (id == null || name == null || access == null || secretHash == null) {
                throw Answers.invalid("a new operator needs id, name, access and secretHash");
            }
            try {
                return new Operator(id, name, Access.parse(access), secretHash);
            } catch (IllegalArgumentException e) {
                throw Answers.invalid(String.valueOf(e.getMessage()));
            }
        }
    }

    private final Core core;
    private final Answers answers;

    OperatorRoutes(Core core, Answers answers) {
        this.core = core;
        this.answers = answers;
    }

    void create(Context ctx) {
        Operator operator = Answers.body(ctx, NewOperator.class).operator();
        answers.later(
                ctx,
                core.fabric().submit(Answers.caller(ctx).actor(), Answers.requestId(ctx), new CreateOperator(operator)),
                201,
                outcome -> {
                    outcome.orThrow();
                    return OperatorCreated.of(operator, core.fabric().view(), core.keyring());
                });
    }

    void list(Context ctx) {
        answers.laterRead(
                ctx,
                answers.newest(),
                read -> Answers.page(
                        ctx,
                        read,
                        read.view().operators().stream(),
                        operator -> operator.id().text(),
                        OperatorRow::of));
    }

    void revoke(Context ctx) {
        Caller caller = Answers.caller(ctx);
        RequestId request = Answers.requestId(ctx);
        answers.laterEmpty(
                ctx,
                lookUp(ctx.pathParam("operator"))
                        .thenCompose(
                                operator -> core.fabric().submit(caller.actor(), request, new RevokeOperator(operator)))
                        .thenApply(outcome -> outcome.orThrow()));
    }

    /** An id is for the command to find, so that a repeat gets the first answer; a name is looked up here. */
    private CompletionStage<OperatorId> lookUp(String named) {
        return OperatorId.isValid(named)
                ? CompletableFuture.completedFuture(new OperatorId(named))
                : answers.newest().thenApply(read -> byName(read.view(), named));
    }

    private static OperatorId byName(FabricView view, String name) {
        return view.operators().stream()
                .filter(operator -> operator.name().equals(name))
                .map(Operator::id)
                .findFirst()
                .orElseThrow(() -> new RejectedException(new Rejection(
                        Reason.OPERATOR_UNKNOWN, "no operator has this id or name; see 'fabric operator list'")));
    }
}
