package io.wgfabric.core.state;

import io.wgfabric.api.Command.CreateToken;
import io.wgfabric.api.Command.RevokeToken;
import io.wgfabric.api.Event;
import io.wgfabric.api.Limits;
import io.wgfabric.api.Rejection.Reason;
import io.wgfabric.api.Role;
import io.wgfabric.api.Token;
import io.wgfabric.api.TokenId;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Collections;
import java.util.Optional;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;
import org.pcollections.TreePSet;

/** The life of join tokens. */
final class TokenRules {
    private static final Instant LATEST = Envelope.LATEST;

    private TokenRules() {}

    static Verdict create(Draft draft, CreateToken command) {
        String wrong = refusalOf(command);
        if (wrong != null) {
            return Verdict.refused(command.token(), Reason.INVALID, wrong);
        }
        Instant notBefore = command.notBefore() == null
                ? draft.time.truncatedTo(ChronoUnit.SECONDS)
                : command.notBefore().truncatedTo(ChronoUnit.SECONDS);
        Instant expires = notBefore.plus(command.ttl());
        if (!expires.isAfter(draft.time)) {
            return Verdict.refused(command.token(), Reason.INVALID, "the token would have expired already");
        }
        if (draft.tokens.containsKey(command.token())) {
            return Verdict.refused(command.token(), Reason.TOKEN_EXISTS, "this token id exists; ask for a new one");
        }
        if (command.address() != null) {
            String taken = draft.addresses.refusalOf(command.address(), null, command.token(), draft.time);
            if (taken != null) {
                return Verdict.refused(command.token(), Reason.ADDRESS_TAKEN, taken);
            }
        }
        if (draft.tokens.size() >= Limits.TOKENS && !dropOneThatAdmitsNobody(draft)) {
            return Verdict.refused(
                    command.token(),
                    Reason.LIMIT_REACHED,
                    "the cluster has " + Limits.TOKENS + " tokens that can still admit nodes; revoke some first");
        }
        if (command.address() != null) {
            draft.addresses = draft.addresses.hold(command.address(), command.token(), expires);
        }
        draft.tokens = draft.tokens.plus(
                command.token(),
                new Token(
                        command.token(),
                        command.role(),
                        draft.time,
                        notBefore,
                        expires,
                        command.uses(),
                        0,
                        Collections.unmodifiableSortedSet(new TreeSet<>(command.tags())),
                        command.address(),
                        command.ephemeral(),
                        null,
                        TreePSet.empty(),
                        command.approval(),
                        command.grace()));
        draft.events.add(new Event.TokenCreated(command.token()));
        return Verdict.accepted(
                command.token(),
                "role " + command.role().text() + ", uses " + (command.uses() == 0 ? "unlimited" : command.uses())
                        + ", expires " + expires
                        + (command.approval() == null ? "" : ", its nodes wait for approval"));
    }

    private static @Nullable String refusalOf(CreateToken command) {
        Duration life = command.ttl();
        Instant notBefore = command.notBefore();
        if (notBefore != null && (notBefore.isBefore(Instant.EPOCH) || notBefore.isAfter(LATEST))) {
            return "a token's first moment lies between 1970 and 2200";
        }
        if (life.compareTo(Limits.TOKEN_TTL_MIN) < 0 || life.compareTo(Limits.TOKEN_TTL) > 0) {
            return "a token lives between 1 second and " + Limits.TOKEN_TTL.toDays() + " days";
        }
        if (command.uses() < 0 || command.uses() > Limits.TOKEN_USES) {
            return "a token has 1 to " + Limits.TOKEN_USES + " uses, or unlimited";
        }
        if (command.tags().size() > Limits.TAGS) {
            return "a token has at most " + Limits.TAGS + " tags";
        }
        for (String tag : command.tags()) {
            if (tag.isEmpty()
                    || tag.length() > Limits.TAG_LENGTH
                    || !tag.chars().allMatch(c -> c > ' ' && c < 0x7f)) {
                return "a tag is 1 to " + Limits.TAG_LENGTH + " printable characters without spaces";
            }
        }
        if (command.approval() != null && command.role() == Role.MGMT) {
            return "a manager has the cluster's secrets once it has joined, so there is no waiting for approval; give"
                    + " its token one use and a short life instead";
        }
        Duration grace = command.grace();
        if (grace != null
                && (!command.ephemeral()
                        || grace.compareTo(Limits.EPHEMERAL_GRACE_MIN) < 0
                        || grace.compareTo(Limits.EPHEMERAL_GRACE_MAX) > 0)) {
            return "a grace time is for ephemeral nodes, between " + Limits.EPHEMERAL_GRACE_MIN.toSeconds()
                    + " seconds and " + Limits.EPHEMERAL_GRACE_MAX.toDays() + " days";
        }
        if (command.address() != null && command.uses() != 1) {
            return "a token with a fixed address admits one node: use --uses 1";
        }
        return null;
    }

    /** Makes room for a new token: O(n), and only when the table is full. */
    private static boolean dropOneThatAdmitsNobody(Draft draft) {
        Optional<Token> dead = draft.tokens.values().stream()
                .filter(token -> token.nodes().isEmpty())
                .filter(token -> token.stateAt(draft.time) != Token.State.VALID
                        && token.stateAt(draft.time) != Token.State.NOT_YET_VALID)
                .findFirst();
        dead.ifPresent(token -> draft.tokens = draft.tokens.minus(token.id()));
        return dead.isPresent();
    }

    static Verdict revoke(Draft draft, RevokeToken command) {
        Token token = draft.tokens.get(command.token());
        if (token == null) {
            return Verdict.refused(
                    command.token(), Reason.TOKEN_UNKNOWN, "no token " + command.token() + "; see 'fabric token list'");
        }
        if (token.revoked() == null) {
            token = token.withRevoked(draft.time);
            draft.tokens = draft.tokens.plus(token.id(), token);
            if (token.address() != null) {
                draft.addresses = draft.addresses.endHold(token.address(), token.id());
            }
        }
        String cascade = command.cascade() ? QuarantineRules.quarantineLineage(draft, token) : "";
        draft.events.add(new Event.TokenRevoked(token.id()));
        return Verdict.accepted(token.id(), cascade);
    }

    /** Why a token admits nobody of this role now, or null if it does. */
    static @Nullable Verdict refusalOf(Draft draft, TokenId id, Role role) {
        Token token = draft.tokens.get(id);
        if (token == null) {
            return Verdict.refused(
                    id, Reason.TOKEN_UNKNOWN, "this cluster has no token " + id + "; ask its operator for a new one");
        }
        String renew = "; ask for a new one: fabric token create --role " + role.text();
        return switch (token.stateAt(draft.time)) {
            case REVOKED -> Verdict.refused(id, Reason.TOKEN_REVOKED, "token " + id + " was revoked" + renew);
            case EXPIRED ->
                Verdict.refused(id, Reason.TOKEN_EXPIRED, "token " + id + " expired at " + token.expires() + renew);
            case USED_UP ->
                Verdict.refused(
                        id, Reason.TOKEN_USED_UP, "token " + id + " has no uses left of " + token.uses() + renew);
            case NOT_YET_VALID ->
                Verdict.refused(id, Reason.TOKEN_NOT_YET_VALID, "token " + id + " is valid from " + token.notBefore());
            case VALID ->
                token.role() == role
                        ? null
                        : Verdict.refused(
                                id,
                                Reason.TOKEN_WRONG_ROLE,
                                "token " + id + " admits a node of role "
                                        + token.role().text() + ", not " + role.text() + renew);
        };
    }
}
