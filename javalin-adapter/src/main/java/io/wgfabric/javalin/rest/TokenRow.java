package io.wgfabric.javalin.rest;

import io.wgfabric.api.Address;
import io.wgfabric.api.NodeId;
import io.wgfabric.api.Token;
import io.wgfabric.api.TokenId;
import java.time.Instant;
import java.util.Locale;
import java.util.SortedSet;
import org.jspecify.annotations.Nullable;

/**
 * A join token as operators see it; nothing in it admits anybody.
 *
 * @param state the {@link Token.State} in lower case with dashes
 * @param uses how many joins it admits; 0 for any number
 * @param nodes who joined with it and is still a member
 * @param stale true if it was asked for alone and no majority confirmed it; absent otherwise
 */
public record TokenRow(
        TokenId id,
        String role,
        String state,
        Instant created,
        Instant notBefore,
        Instant expires,
        int uses,
        int used,
        SortedSet<String> tags,
        @Nullable Address address,
        boolean ephemeral,
        @Nullable Instant revoked,
        SortedSet<NodeId> nodes,
        @Nullable Boolean stale) {

    static TokenRow of(Token token, Instant now, @Nullable Boolean stale) {
        return new TokenRow(
                token.id(),
                token.role().text(),
                token.stateAt(now).name().toLowerCase(Locale.ROOT).replace('_', '-'),
                token.created(),
                token.notBefore(),
                token.expires(),
                token.uses(),
                token.used(),
                token.tags(),
                token.address(),
                token.ephemeral(),
                token.revoked(),
                token.nodes(),
                stale);
    }
}
