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
 * @param routing what it does for the packets of others; null, as first written, for {@link Routing#NONE}
 * @param keysSince when the others heard of its newest keys; null since it joined
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
        @Nullable Duration grace,
        @Nullable Routing routing,
        @Nullable Instant keysSince) {

    /** Of a node that forwards nothing and has the keys that it joined with. */
    public Node(
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
        this(
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
                rotation,
                joined,
                stateSince,
                stateCause,
                stateUntil,
                stateBy,
                grace,
                null,
                null);
    }

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

    /** What it does for the packets of others. */
    public Routing routes() {
        return routing == null ? Routing.NONE : routing;
    }

    /** Whether it forwards between others: it was told so, or is a manager that was told nothing; others must reach it. */
    public boolean isHub() {
        Boolean told = routes().hub();
        return !endpoints.addresses().isEmpty() && (told == null ? isManager() : told);
    }

    /** How old its keys are counted from. */
    public Instant keysFrom() {
        return keysSince == null ? joined : keysSince;
    }

    /** @param until null for a state that does not end by itself */
    public Node withState(State newState, Instant at, String cause, @Nullable Instant until, Actor by) {
        return new Node(
                id, name, role, newState, addresses, keys, endpoints, services, tags, ephemeral, token, rotation,
                joined, at, cause, until, by, grace, routing, keysSince);
    }

    public Node withRotation(@Nullable Rotation newRotation) {
        return with(keys, endpoints, services, newRotation, routing, keysSince);
    }

    public Node withKeys(NodeKeys newKeys, @Nullable Instant at) {
        return with(newKeys, endpoints, services, rotation, routing, at);
    }

    public Node withReach(NodeEndpoints newEndpoints, @Nullable ManagerServices newServices) {
        return with(keys, newEndpoints, newServices, rotation, routing, keysSince);
    }

    public Node withRouting(Routing newRouting) {
        return with(keys, endpoints, services, rotation, newRouting, keysSince);
    }

    private Node with(
            NodeKeys newKeys,
            NodeEndpoints newEndpoints,
            @Nullable ManagerServices newServices,
            @Nullable Rotation newRotation,
            @Nullable Routing newRouting,
            @Nullable Instant newKeysSince) {
        return new Node(
                id,
                name,
                role,
                state,
                addresses,
                newKeys,
                newEndpoints,
                newServices,
                tags,
                ephemeral,
                token,
                newRotation,
                joined,
                stateSince,
                stateCause,
                stateUntil,
                stateBy,
                grace,
                newRouting,
                newKeysSince);
    }
}
