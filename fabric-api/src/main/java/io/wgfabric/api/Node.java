package io.wgfabric.api;

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
        String stateCause) {

    public enum State {
        ACTIVE,
        /** Its key is on no other node's interface. */
        QUARANTINED
    }

    public boolean isActive() {
        return state == State.ACTIVE;
    }

    public boolean isManager() {
        return role == Role.MGMT;
    }

    public Node withState(State newState, Instant at, String cause) {
        return new Node(
                id, name, role, newState, addresses, keys, endpoints, services, tags, ephemeral, token, rotation,
                joined, at, cause);
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
                stateCause);
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
                stateCause);
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
                stateCause);
    }
}
