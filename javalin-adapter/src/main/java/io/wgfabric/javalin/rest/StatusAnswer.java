package io.wgfabric.javalin.rest;

import io.wgfabric.api.ClusterId;
import io.wgfabric.api.NodeId;
import io.wgfabric.api.NodeName;
import io.wgfabric.api.Prefix;
import io.wgfabric.api.Revision;
import java.util.List;
import java.util.SortedMap;
import org.jspecify.annotations.Nullable;

/**
 * The cluster at a glance.
 *
 * @param manager who answers
 * @param leader null while none is known
 * @param level which commands all managers understand
 * @param epoch grows when the cluster is recovered or restored
 * @param sealingGeneration of the key that the cluster's secrets are sealed under
 * @param digest SHA-256 over the whole state, in hexadecimal; equal on all managers at equal revisions
 * @param stale true if no leader could confirm that nothing newer was decided; absent otherwise
 * @param voters the ids of the managers that decide
 * @param nodes how many there are of each status, and {@code total}
 */
public record StatusAnswer(
        ClusterId cluster,
        ManagerRef manager,
        @Nullable ManagerRef leader,
        int level,
        long epoch,
        int sealingGeneration,
        Revision revision,
        String digest,
        @Nullable Boolean stale,
        List<ManagerRow> managers,
        List<String> voters,
        SortedMap<String, Integer> nodes,
        int tokens,
        List<Prefix> pools,
        RaftRow raft,
        String version) {

    /** A manager by id and name. */
    public record ManagerRef(NodeId id, NodeName name) {}

    /**
     * @param role {@code leader}, {@code follower}, {@code learner}, {@code unreachable} or {@code quarantined}
     * @param supports the highest cluster level that its software knows
     */
    public record ManagerRow(NodeId id, NodeName name, String role, String api, String status, int supports) {}

    /** What the answering manager knows of its log. */
    public record RaftRow(String role, long term, long committed, long applied) {}
}
