package io.wgfabric.api;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.SortedSet;
import org.jspecify.annotations.Nullable;

/**
 * A member of the fabric as the replicated state has it; whether it is online is not decided here.
 *
 * @param addresses its overlay addresses, one of each family that the cluster had a pool of when it joined
 * @param token the token it joined with; null for the first manager
 * @param rotation the rotation of its keys that is under way
 * @param stateCause why it is in its state, for people
 * @param stateUntil when its quarantine ends by itself; null for never
 * @param stateBy who put it into its state; null if that was before the state kept it
 * @param grace how long it may be away if it is ephemeral; null for {@link Limits#EPHEMERAL_GRACE}
 */
public record Node(
        NodeId id,
        NodeName name,
        Role role,
        State state,
        List<Address> addresses,
        NodeKeys keys,
        NodeEndpoints endpoints,
        @Nullable ManagerServices services,
        SortedSet<String> tags,
        boolean ephemeral,
        @Nullable TokenId token,
        @Nullable Rotation rotation,
        Instant joined,
        Instant stateSince,
        String stateCause,
        @Nullable Instant stateUntil,
        @Nullable Actor stateBy,
        @Nullable Duration grace) {

    public enum State {
        ACTIVE,
        /** It has joined and waits for an operator's approval: it is in nobody's configuration, and gets none. */
        PENDING,
        /** Its key is on no other node's interface. */
        QUARANTINED
    }

    public boolean isActive() {
        return state == State.ACTIVE;
    }

    public boolean isManager() {
        return role == Role.MGMT;
    }

    public boolean isPending() {
        return state == State.PENDING;
    }

    public boolean isQuarantined() {
        return state == State.QUARANTINED;
    }

    /** How long it may be away before it is removed, if it is ephemeral. */
    public Duration graceOrDefault() {
        return grace == null ? Limits.EPHEMERAL_GRACE : grace;
    }

    /** @param until null for a state that does not end by itself */
    public Node withState(State newState, Instant at, String cause, @Nullable Instant until, Actor by) {
        return new Node(
                id, name, role, newState, addresses, keys, endpoints, services, tags, ephemeral, token, rotation,
                joined, at, cause, until, by, grace);
    }

    public Node withRotation(@Nullable Rotation newRotation) {
        return new Node(
                id,
                name,
                role,
                state,
                addresses,
                keys,
                endpoints,
                services,
                tags,
                ephemeral,
                token,
                newRotation,
                joined,
                stateSince,
                stateCause,
                stateUntil,
                stateBy,
                grace);
    }

    public Node withKeys(NodeKeys newKeys) {
        return new Node(
                id,
                name,
                role,
                state,
                addresses,
                newKeys,
                endpoints,
                services,
                tags,
                ephemeral,
                token,
                rotation,
                joined,
                stateSince,
                stateCause,
                stateUntil,
                stateBy,
                grace);
    }

    public Node withReach(NodeEndpoints newEndpoints, @Nullable ManagerServices newServices) {
        return new Node(
                id,
                name,
                role,
                state,
                addresses,
                keys,
                newEndpoints,
                newServices,
                tags,
                ephemeral,
                token,
                rotation,
                joined,
                stateSince,
                stateCause,
                stateUntil,
                stateBy,
                grace);
    }
}
