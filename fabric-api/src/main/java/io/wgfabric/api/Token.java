package io.wgfabric.api;

import java.time.Duration;
import java.time.Instant;
import java.util.SortedSet;
import org.jspecify.annotations.Nullable;

/**
 * A join token as the replicated state has it: no secret. The token that a user holds is signed by the cluster and
 * names this one.
 *
 * @param uses how many joins it admits; 0 for any number
 * @param used how many it has admitted
 * @param revoked when it was revoked
 * @param nodes who joined with it and is still a member
 * @param approval true if each node that joins with it waits for an operator's approval, else null
 * @param grace how long its ephemeral nodes may be away; null for {@link Limits#EPHEMERAL_GRACE}
 */
public record Token(
        TokenId id,
        Role role,
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
        @Nullable Boolean approval,
        @Nullable Duration grace) {

    public enum State {
        VALID,
        NOT_YET_VALID,
        EXPIRED,
        USED_UP,
        REVOKED
    }

    public boolean needsApproval() {
        return Boolean.TRUE.equals(approval);
    }

    public State stateAt(Instant now) {
        if (revoked != null) {
            return State.REVOKED;
        }
        if (!now.isBefore(expires)) {
            return State.EXPIRED;
        }
        if (uses > 0 && used >= uses) {
            return State.USED_UP;
        }
        return now.isBefore(notBefore) ? State.NOT_YET_VALID : State.VALID;
    }

    public Token withUse(SortedSet<NodeId> newNodes) {
        return new Token(
                id, role, created, notBefore, expires, uses, used + 1, tags, address, ephemeral, revoked, newNodes,
                approval, grace);
    }

    public Token withNodes(SortedSet<NodeId> newNodes) {
        return new Token(
                id, role, created, notBefore, expires, uses, used, tags, address, ephemeral, revoked, newNodes,
                approval, grace);
    }

    public Token withRevoked(Instant at) {
        return new Token(
                id, role, created, notBefore, expires, uses, used, tags, address, ephemeral, at, nodes, approval,
                grace);
    }
}
