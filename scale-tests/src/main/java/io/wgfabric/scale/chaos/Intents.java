package io.wgfabric.scale.chaos;

import io.wgfabric.api.Bytes;
import io.wgfabric.api.Role;
import io.wgfabric.core.crypto.Certificates;
import io.wgfabric.core.crypto.Keys;
import io.wgfabric.scale.chaos.Asker.Answer;
import io.wgfabric.scale.chaos.Asker.Request;
import io.wgfabric.scale.chaos.Ledger.NodeFact;
import io.wgfabric.scale.chaos.Ledger.TokenFact;
import io.wgfabric.simulation.history.AddressLease;
import io.wgfabric.simulation.history.CountedToken;
import io.wgfabric.simulation.history.Membership;
import io.wgfabric.simulation.history.Operation;
import java.nio.charset.StandardCharsets;
import java.security.KeyPair;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.jspecify.annotations.Nullable;

/** The changes that clients ask for. */
final class Intents {
    private Intents() {}

    /** One key pair for all: what is tried here is not the strength of keys. */
    private static final KeyPair TLS = Keys.generateP256();

    private static final Bytes CERTIFICATE_REQUEST = Certificates.request(TLS);

    /** @param address fixed, or null */
    record CreateToken(String key, int uses, @Nullable String address) implements Intent {
        @Override
        public Request request() {
            Map<String, Object> body = new HashMap<>();
            body.put("role", "peer");
            body.put("ttlSeconds", 86_400);
            body.put("uses", uses);
            body.put("tags", List.of(key));
            if (address != null) {
                body.put("address", address);
            }
            return new Request("POST", "/v1/tokens", key, body);
        }

        @Override
        public String auditName() {
            return key;
        }

        @Override
        public String essence(Answer answer) {
            return answer.ok() ? answer.body().path("id").asString("") : answer.slug();
        }

        @Override
        public void answered(Ledger ledger, long invoked, long returned, Answer answer) {
            if (answer.ok()) {
                String id = answer.body().path("id").asString("");
                String text = answer.body().path("token").asString("");
                ledger.tokens.putIfAbsent(key, new TokenFact(key, id, text, uses, address));
                ledger.tokenHistories.add(
                        key,
                        Operation.of(
                                "create", invoked, returned, new CountedToken.Create(uses), new CountedToken.Done()));
            } else if (!answer.slug().equals("address-taken") || address == null) {
                ledger.violation("a token was refused: " + answer);
            }
        }

        @Override
        public void indeterminate(Ledger ledger, long invoked) {
            ledger.tokenHistories.add(key, Operation.indeterminate("create", invoked, new CountedToken.Create(uses)));
        }
    }

    /** @param seed of its WireGuard keys */
    record JoinNode(String key, TokenFact token, long seed) implements Intent {
        @Override
        public Request request() {
            Random random = new Random(seed);
            return new Request(
                    "POST",
                    "/v1/join",
                    key,
                    Map.of(
                            "request",
                            key,
                            "token",
                            token.text(),
                            "role",
                            Role.PEER,
                            "name",
                            key,
                            "keys",
                            Map.of("main", publicKey(random), "spare", publicKey(random)),
                            "endpoints",
                            Map.of("addresses", List.of(), "mainPort", 51_820, "sparePort", 51_821),
                            "certificateRequest",
                            CERTIFICATE_REQUEST));
        }

        private static String publicKey(Random random) {
            byte[] bytes = new byte[32];
            random.nextBytes(bytes);
            return Base64.getEncoder().encodeToString(bytes);
        }

        /** As the manager derives it: see Admission. */
        @Override
        public String auditName() {
            return "join:"
                    + Bytes.sha256(
                                    key.getBytes(StandardCharsets.UTF_8),
                                    new byte[1],
                                    TLS.getPublic().getEncoded())
                            .hex();
        }

        /** One that has gone since is answered as such: that it joined is all that this tells. */
        private static boolean isGone(Answer answer) {
            return answer.slug().equals("node-unknown");
        }

        @Override
        public String essence(Answer answer) {
            if (isGone(answer)) {
                return "";
            }
            return answer.ok() ? answer.body().path("node").path("id").asString("") : answer.slug();
        }

        @Override
        public void answered(Ledger ledger, long invoked, long returned, Answer answer) {
            CountedToken.Answer use = use(answer);
            if (use == null) {
                ledger.violation("a join was refused: " + answer);
                return;
            }
            ledger.tokenHistories.add(
                    token.key(), Operation.of(key, invoked, returned, new CountedToken.Use(key), use));
            boolean taken = answer.slug().equals("address-taken");
            boolean joined = use instanceof CountedToken.Done;
            if (joined) {
                ledger.nodeHistories.add(
                        key, Operation.of("join", invoked, returned, Membership.Ask.JOIN, Membership.Answer.DONE));
            }
            String fixed = token.address();
            if (fixed != null && (joined || taken)) {
                ledger.addressHistories.add(
                        fixed,
                        Operation.of(
                                "join",
                                invoked,
                                returned,
                                new AddressLease.Take(key),
                                taken ? new AddressLease.Refused() : new AddressLease.Done()));
            }
            if (answer.ok()) {
                remember(ledger, answer);
            }
        }

        private void remember(Ledger ledger, Answer answer) {
            String id = answer.body().path("node").path("id").asString("");
            String address =
                    answer.body().path("node").path("addresses").path(0).asString("");
            if (token.address() != null && !token.address().equals(address)) {
                ledger.violation("node " + id + " got " + address + " and its token says " + token.address());
            }
            ledger.admitted(new NodeFact(key, id, address, token));
        }

        private static CountedToken.@Nullable Answer use(Answer answer) {
            if (answer.ok() || isGone(answer)) {
                return new CountedToken.Done();
            }
            return switch (answer.slug()) {
                case "token-used-up" -> new CountedToken.UsedUp();
                case "token-revoked" -> new CountedToken.Revoked();
                case "token-unknown" -> new CountedToken.Unknown();
                case "address-taken" -> new CountedToken.Declined();
                default -> null;
            };
        }

        @Override
        public void indeterminate(Ledger ledger, long invoked) {
            ledger.tokenHistories.add(token.key(), Operation.indeterminate(key, invoked, new CountedToken.Use(key)));
            ledger.nodeHistories.add(key, Operation.indeterminate("join", invoked, Membership.Ask.JOIN));
            if (token.address() != null) {
                ledger.addressHistories.add(
                        token.address(), Operation.indeterminate("join", invoked, new AddressLease.Take(key)));
            }
        }
    }

    record RevokeToken(String key, TokenFact token) implements Intent {
        @Override
        public Request request() {
            return new Request("DELETE", "/v1/tokens/" + token.id(), key, null);
        }

        @Override
        public String auditName() {
            return key;
        }

        @Override
        public String essence(Answer answer) {
            return answer.ok() ? "revoked" : answer.slug();
        }

        @Override
        public void answered(Ledger ledger, long invoked, long returned, Answer answer) {
            if (!answer.ok() && !answer.slug().equals("token-unknown")) {
                ledger.violation("a revocation was refused: " + answer);
                return;
            }
            ledger.tokenHistories.add(
                    token.key(),
                    Operation.of(
                            "revoke",
                            invoked,
                            returned,
                            new CountedToken.Revoke(),
                            answer.ok() ? new CountedToken.Done() : new CountedToken.Unknown()));
        }

        @Override
        public void indeterminate(Ledger ledger, long invoked) {
            ledger.tokenHistories.add(
                    token.key(), Operation.indeterminate("revoke", invoked, new CountedToken.Revoke()));
        }
    }

    /** @param ask one of those that change a member */
    record ChangeNode(String key, NodeFact node, Membership.Ask ask) implements Intent {
        @Override
        public Request request() {
            String path = "/v1/nodes/" + node.id();
            return switch (ask) {
                case QUARANTINE -> new Request("POST", path + "/quarantine", key, Map.of("reason", "chaos"));
                case RELEASE -> new Request("POST", path + "/release", key, null);
                case REMOVE -> new Request("DELETE", path, key, null);
                default -> throw new IllegalStateException("no change: " + ask);
            };
        }

        @Override
        public String auditName() {
            return key;
        }

        /** Quarantine and release show the node as it is now, which may be gone. */
        private boolean isOfNow(Answer answer) {
            return ask != Membership.Ask.REMOVE && answer.slug().equals("node-unknown");
        }

        @Override
        public String essence(Answer answer) {
            if (isOfNow(answer)) {
                return "";
            }
            return answer.ok() ? "done" : answer.slug();
        }

        @Override
        public void answered(Ledger ledger, long invoked, long returned, Answer answer) {
            if (isOfNow(answer)) {
                // Decided or not, the node was gone when the answer was written.
                ledger.nodeHistories.add(node.name(), Operation.indeterminate(ask.name(), invoked, ask));
                ledger.nodeHistories.add(
                        node.name(),
                        Operation.of(ask.name(), invoked, returned, Membership.Ask.LOOK, Membership.Answer.UNKNOWN));
                return;
            }
            Membership.Answer outcome = outcome(answer);
            if (outcome == null) {
                ledger.violation("a change was refused: " + answer);
                return;
            }
            ledger.nodeHistories.add(node.name(), Operation.of(ask.name(), invoked, returned, ask, outcome));
            if (ask == Membership.Ask.REMOVE
                    && outcome == Membership.Answer.DONE
                    && node.token().address() != null) {
                ledger.addressHistories.add(
                        node.token().address(),
                        Operation.of(
                                "remove",
                                invoked,
                                returned,
                                new AddressLease.GiveBack(node.name()),
                                new AddressLease.Done()));
            }
        }

        private static Membership.@Nullable Answer outcome(Answer answer) {
            if (answer.ok()) {
                return Membership.Answer.DONE;
            }
            return switch (answer.slug()) {
                case "node-unknown" -> Membership.Answer.UNKNOWN;
                case "node-wrong-state" -> Membership.Answer.WRONG_STATE;
                default -> null;
            };
        }

        @Override
        public void indeterminate(Ledger ledger, long invoked) {
            ledger.nodeHistories.add(node.name(), Operation.indeterminate(ask.name(), invoked, ask));
            if (ask == Membership.Ask.REMOVE && node.token().address() != null) {
                ledger.addressHistories.add(
                        node.token().address(),
                        Operation.indeterminate("remove", invoked, new AddressLease.GiveBack(node.name())));
            }
        }
    }
}
