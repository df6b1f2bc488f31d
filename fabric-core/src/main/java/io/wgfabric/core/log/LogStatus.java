package io.wgfabric.core.log;

import java.util.Set;
import java.util.SortedSet;
import org.jspecify.annotations.Nullable;

/**
 * What a member knows of its log at a moment.
 *
 * @param self this member's id
 * @param role what this member is
 * @param leader the leader of the current term, where one is known
 * @param term the current term
 * @param commitIndex the last index known to be committed
 * @param appliedIndex the last index applied here
 * @param voters the members of the current configuration
 * @param connected the members that this one sees on the network, itself included: a hint, never a quorum
 */
public record LogStatus(
        String self,
        Role role,
        @Nullable String leader,
        long term,
        long commitIndex,
        long appliedIndex,
        SortedSet<String> voters,
        Set<String> connected) {

    /** What a member is in its current term. */
    public enum Role {
        LEADER,
        FOLLOWER,
        CANDIDATE,
        /** Receives the log and has no vote. */
        LEARNER,
        /** Stopped by an error or by {@link Log#close}. */
        HALTED
    }

    public boolean isLeader() {
        return role == Role.LEADER;
    }
}
