package io.wgfabric.javalin.rest;

import io.wgfabric.api.Address;
import io.wgfabric.api.FabricView;
import io.wgfabric.api.NodeId;
import io.wgfabric.api.NodeName;
import io.wgfabric.api.Token;
import io.wgfabric.api.TokenId;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.SortedSet;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * A join token as operators see it; nothing in it admits anybody.
 *
 * @param state the {@link Token.State} in lower case with dashes
 * @param uses how many joins it admits; 0 for any number
 * @param nodes who joined with it and is still a member
 * @param lineage if it was asked for alone: who joined with it, also those that are still known to have been members
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
        boolean needsApproval,
        @Nullable Long graceSeconds,
        @Nullable List<Descendant> lineage,
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
                token.needsApproval(),
                token.grace() == null ? null : token.grace().toSeconds(),
                null,
                stale);
    }

    /**
     * A node that joined with the token.
     *
     * @param removed when it was removed; absent for a member
     */
    record Descendant(
            NodeId id,
            NodeName name,
            Instant joined,
            @Nullable Instant removed) {}

    /** In the order in which they joined. */
    TokenRow withLineage(FabricView view) {
        List<Descendant> all = Stream.concat(
                        nodes.stream()
                                .flatMap(node -> view.node(node).stream())
                                .map(node -> new Descendant(node.id(), node.name(), node.joined(), null)),
                        view.removedNodes().stream()
                                .filter(gone -> id.equals(gone.node().token()))
                                .map(gone -> new Descendant(
                                        gone.id(),
                                        gone.node().name(),
                                        gone.node().joined(),
                                        gone.removed())))
                .sorted(Comparator.comparing(Descendant::joined).thenComparing(Descendant::id))
                .toList();
        return new TokenRow(
                id,
                role,
                state,
                created,
                notBefore,
                expires,
                uses,
                used,
                tags,
                address,
                ephemeral,
                revoked,
                nodes,
                needsApproval,
                graceSeconds,
                all,
                stale);
    }
}
