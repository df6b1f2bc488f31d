package io.wgfabric.examples;

import io.wgfabric.api.Actor;
import io.wgfabric.api.Address;
import io.wgfabric.api.Command;
import io.wgfabric.api.Node;
import io.wgfabric.api.NodeEndpoints;
import io.wgfabric.api.NodeKeys;
import io.wgfabric.api.NodeName;
import io.wgfabric.api.Prefix;
import io.wgfabric.api.PublicKey;
import io.wgfabric.api.RejectedException;
import io.wgfabric.api.RequestId;
import io.wgfabric.api.Role;
import io.wgfabric.core.EmbeddedFabric;
import io.wgfabric.core.TokenDesk;
import io.wgfabric.core.crypto.Certificates;
import io.wgfabric.core.crypto.Keys;
import io.wgfabric.core.wire.JoinAnswer;
import io.wgfabric.core.wire.JoinRequest;
import java.io.PrintStream;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeSet;
import java.util.UUID;
import java.util.concurrent.CompletionException;

/**
 * An application that admits machines of its own: it issues a token for two of them, gives them addresses, refuses a
 * third, and prints the audit chain. One process, no network, no root.
 */
public final class EmbeddedTokens {
    private EmbeddedTokens() {}

    public static void main(String[] args) {
        run(System.out);
    }

    /** Answers the addresses that were given. */
    static List<Address> run(PrintStream out) {
        List<Prefix> pools = List.of(Prefix.parse("10.20.0.0/16"), Prefix.parse("fd12:3456:789a::/64"));
        try (EmbeddedFabric fabric = EmbeddedFabric.inMemory(pools)) {
            TokenDesk.Issued token = fabric.tokens()
                    .issue(
                            Actor.application("shop"),
                            new RequestId("token-for-order-4711"),
                            new TokenDesk.Wish(Role.PEER, Duration.ofHours(1), 2, new TreeSet<>(), null, false))
                    .toCompletableFuture()
                    .join();
            out.println(
                    "token " + token.token().id() + " admits " + token.token().uses() + " machines");

            List<Address> given = new ArrayList<>();
            for (String name : List.of("till-1", "till-2", "till-3")) {
                try {
                    JoinAnswer answer = fabric.admission()
                            .join(request(token.text(), name), "10.0.0.7")
                            .toCompletableFuture()
                            .join();
                    given.addAll(answer.node().addresses());
                    out.println(name + " has " + answer.node().addresses());
                } catch (CompletionException e) {
                    if (!(e.getCause() instanceof RejectedException refused)) {
                        throw e;
                    }
                    out.println(name + " was refused: " + refused.getMessage());
                }
            }

            Node first = fabric.fabric().view().node(new NodeName("till-1")).orElseThrow();
            fabric.fabric()
                    .submit(
                            Actor.application("shop"),
                            new RequestId(UUID.randomUUID().toString()),
                            new Command.RemoveNode(first.id(), "sold"))
                    .toCompletableFuture()
                    .join()
                    .orThrow();
            fabric.fabric()
                    .view()
                    .audit()
                    .forEach(entry -> out.println(
                            entry.number() + " " + entry.action() + " " + entry.subject() + " " + entry.outcome()));
            return given;
        }
    }

    /** What a machine sends; a real one makes its WireGuard keys itself and sends the public halves alone. */
    private static JoinRequest request(String token, String name) {
        return new JoinRequest(
                new RequestId("join-" + name),
                token,
                Role.PEER,
                new NodeName(name),
                new NodeKeys(key(), key()),
                new NodeEndpoints(List.of(), 51820, 51821),
                null,
                Certificates.request(Keys.generateP256()));
    }

    private static PublicKey key() {
        byte[] bytes = new byte[PublicKey.BYTES];
        new SecureRandom().nextBytes(bytes);
        return PublicKey.of(bytes);
    }
}
