package io.wgfabric.core;

import io.wgfabric.api.Actor;
import io.wgfabric.api.Address;
import io.wgfabric.api.Cluster;
import io.wgfabric.api.Command.CreateToken;
import io.wgfabric.api.Fabric;
import io.wgfabric.api.FabricView;
import io.wgfabric.api.ManagerServices;
import io.wgfabric.api.Node;
import io.wgfabric.api.RequestId;
import io.wgfabric.api.Role;
import io.wgfabric.api.Token;
import io.wgfabric.api.TokenId;
import io.wgfabric.core.crypto.JoinToken;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import java.util.SortedSet;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/** Where operators and applications get join tokens. Thread-safe. */
public final class TokenDesk {

    /**
     * What a token shall admit.
     *
     * @param uses 0 for any number
     * @param address a fixed address for the one node it admits
     * @param notBefore from when it admits; null for from now
     * @param approval whether its nodes wait for an operator's approval
     * @param grace how long its ephemeral nodes may be away; null for the usual
     */
    public record Wish(
            Role role,
            Duration ttl,
            int uses,
            SortedSet<String> tags,
            @Nullable Address address,
            boolean ephemeral,
            @Nullable Instant notBefore,
            boolean approval,
            @Nullable Duration grace) {

        /** From now on, without approval. */
        public Wish(
                Role role,
                Duration ttl,
                int uses,
                SortedSet<String> tags,
                @Nullable Address address,
                boolean ephemeral) {
            this(role, ttl, uses, tags, address, ephemeral, null, false, null);
        }
    }

    /** @param text what to hand out; it is not kept and cannot be shown again */
    public record Issued(Token token, String text) {
        @Override
        public String toString() {
            return "Issued[" + token.id() + "]";
        }
    }

    private final Fabric fabric;
    private final ClusterKeyring keyring;

    public TokenDesk(Fabric fabric, ClusterKeyring keyring) {
        this.fabric = fabric;
        this.keyring = keyring;
    }

    /** Completes exceptionally with {@link io.wgfabric.api.RejectedException} if the wish is refused. */
    public CompletionStage<Issued> issue(Actor actor, RequestId request, Wish wish) {
        TokenId id = DerivedIds.token(keyring.cluster(), actor.id(), request);
        CreateToken command = new CreateToken(
                id,
                wish.role(),
                wish.notBefore(),
                wish.ttl(),
                wish.uses(),
                wish.tags(),
                wish.address(),
                wish.ephemeral(),
                wish.approval(),
                wish.grace());
        return fabric.submit(actor, request, command).thenApply(outcome -> {
            outcome.orThrow();
            FabricView view = fabric.view();
            Token token = view.token(id).orElseThrow();
            return new Issued(token, sign(view, token));
        });
    }

    private String sign(FabricView view, Token token) {
        List<String> managers = view.nodes().stream()
                .filter(Node::isActive)
                .map(Node::services)
                .filter(Objects::nonNull)
                .map(ManagerServices::api)
                .toList();
        return keyring.tokens()
                .sign(new JoinToken(
                        keyring.cluster(),
                        token.id(),
                        token.role(),
                        token.notBefore(),
                        token.expires(),
                        keyring.pin(),
                        managers,
                        view.cluster().map(Cluster::pools).orElse(List.of())));
    }
}
