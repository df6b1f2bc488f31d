package io.wgfabric.javalin.rest;

import io.javalin.http.Context;
import io.wgfabric.api.Address;
import io.wgfabric.api.AddressUse;
import io.wgfabric.api.Command;
import io.wgfabric.api.FabricView;
import io.wgfabric.api.NodeName;
import io.wgfabric.api.PoolUse;
import io.wgfabric.api.Prefix;
import java.util.List;
import java.util.Locale;
import java.util.function.Function;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/** The pools and what their addresses are used for. */
final class AddressRoutes {
    private static final int MAX_LIMIT = 1_000;

    /** {@code POST /v1/ipam/pools}. */
    record NewPool(@Nullable Prefix pool) {}

    /** {@code POST /v1/ipam/reservations}. */
    record NewReservation(
            @Nullable Address address, @Nullable NodeName name) {}

    private final Core core;
    private final Answers answers;

    AddressRoutes(Core core, Answers answers) {
        this.core = core;
        this.answers = answers;
    }

    /** {@code GET /v1/ipam/pools}: in the order in which they give addresses. */
    void pools(Context ctx) {
        answers.laterRead(ctx, answers.newest(), read -> {
            List<PoolUse> pools = read.view().pools();
            return Answers.page(
                    ctx,
                    read,
                    IntStream.range(0, pools.size()).boxed(),
                    place -> String.format(Locale.ROOT, "%03d", place),
                    pools::get);
        });
    }

    /** {@code GET /v1/ipam/addresses}: those in use and those that came back. */
    void addresses(Context ctx) {
        int limit = Answers.number(ctx, "limit", MAX_LIMIT, 1, MAX_LIMIT);
        String text = ctx.queryParam("after");
        Address after = text == null ? null : parse(text, "?after= takes the last address of the part before");
        answers.laterRead(ctx, answers.newest(), read -> page(read, after, limit));
    }

    private static Page<AddressRow> page(Answers.Read read, @Nullable Address after, int limit) {
        FabricView view = read.view();
        List<AddressUse> found = view.addresses(after, limit + 1);
        List<AddressRow> rows =
                found.stream().limit(limit).map(use -> AddressRow.of(use, view)).toList();
        String next = found.size() > limit ? found.get(limit - 1).address().toString() : null;
        return new Page<>(rows, next, view.revision(), read.staleMark());
    }

    void addPool(Context ctx) {
        Prefix pool = Answers.body(ctx, NewPool.class).pool();
        if (pool == null) {
            throw Answers.invalid("field 'pool' is a prefix such as 10.81.0.0/16");
        }
        change(
                ctx,
                new Command.AddPool(pool),
                201,
                view -> view.pools().stream()
                        .filter(use -> use.pool().equals(pool))
                        .findFirst()
                        .orElseThrow(AddressRoutes::goneSince));
    }

    void reserve(Context ctx) {
        NewReservation body = Answers.body(ctx, NewReservation.class);
        Address address = body.address();
        NodeName name = body.name();
        if (address == null || name == null) {
            throw Answers.invalid("fields 'address' and 'name' say which address is kept for which node");
        }
        change(ctx, new Command.ReserveAddress(address, name), 201, view -> row(view, address));
    }

    void release(Context ctx) {
        Address address = parse(ctx.pathParam("address"), "an address looks like 10.80.0.9 or fd00::9");
        change(ctx, new Command.ReleaseAddress(address), 200, view -> row(view, address));
    }

    private void change(Context ctx, Command command, int status, Function<FabricView, Object> answer) {
        answers.later(
                ctx,
                core.fabric().submit(Answers.caller(ctx).actor(), Answers.requestId(ctx), command),
                status,
                outcome -> {
                    outcome.orThrow();
                    return answer.apply(core.fabric().view());
                });
    }

    private static AddressRow row(FabricView view, Address address) {
        return view.address(address).map(use -> AddressRow.of(use, view)).orElseThrow(AddressRoutes::goneSince);
    }

    /** Pools never go. */
    private static IllegalStateException goneSince() {
        return new IllegalStateException("an accepted command changed nothing");
    }

    private static Address parse(String text, String otherwise) {
        try {
            return Address.parse(text);
        } catch (IllegalArgumentException e) {
            throw Answers.invalid(otherwise);
        }
    }
}
