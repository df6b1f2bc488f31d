package io.wgfabric.javalin.rest;

import io.wgfabric.api.Address;
import io.wgfabric.api.Role;
import io.wgfabric.api.Token;
import io.wgfabric.api.TokenId;
import io.wgfabric.core.TokenDesk;
import java.time.Instant;
import java.util.SortedSet;
import org.jspecify.annotations.Nullable;

/**
 * A new join token. This answer is the only place where it can be read.
 *
 * @param token what to hand out
 * @param joinCommand what to run on the machine that shall join
 */
public record TokenCreated(
        TokenId id,
        String token,
        String joinCommand,
        String role,
        Instant notBefore,
        Instant expires,
        int uses,
        SortedSet<String> tags,
        @Nullable Address address,
        boolean ephemeral,
        boolean needsApproval,
        @Nullable Long graceSeconds) {

    static TokenCreated of(TokenDesk.Issued issued) {
        Token token = issued.token();
        return new TokenCreated(
                token.id(),
                issued.text(),
                joinCommand(token.role(), issued.text()),
                token.role().text(),
                token.notBefore(),
                token.expires(),
                token.uses(),
                token.tags(),
                token.address(),
                token.ephemeral(),
                token.needsApproval(),
                token.grace() == null ? null : token.grace().toSeconds());
    }

    /** The line that a user pastes on the machine that shall join. */
    public static String joinCommand(Role role, String token) {
        return "fabric " + (role == Role.MGMT ? "server" : "peer") + " join --token " + token;
    }

    @Override
    public String toString() {
        return "TokenCreated[" + id + "]";
    }
}
