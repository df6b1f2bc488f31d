package io.wgfabric.core.state;

import io.wgfabric.api.Bytes;
import io.wgfabric.api.Cluster;
import io.wgfabric.api.Operator;
import io.wgfabric.api.OperatorId;
import io.wgfabric.api.Revision;
import java.time.Instant;
import org.jspecify.annotations.Nullable;
import org.pcollections.TreePMap;

/** States that differ from another in a part. */
public final class States {
    private States() {}

    static State with(State state, TreePMap<String, Bytes> secrets) {
        return of(
                state,
                state.revision(),
                state.time(),
                state.cluster(),
                secrets,
                state.operators(),
                state.requests(),
                state.audit());
    }

    static State with(State state, Operator operator) {
        return of(
                state,
                state.revision(),
                state.time(),
                state.cluster(),
                state.secrets(),
                state.operators().plus(operator.id(), operator),
                state.requests(),
                state.audit());
    }

    static State with(State state, RequestTable requests) {
        return of(
                state,
                state.revision(),
                state.time(),
                state.cluster(),
                state.secrets(),
                state.operators(),
                requests,
                state.audit());
    }

    public static State with(State state, @Nullable Cluster cluster, AuditChain audit) {
        return of(
                state,
                state.revision(),
                state.time(),
                cluster,
                state.secrets(),
                state.operators(),
                state.requests(),
                audit);
    }

    /** With what even a refused command changes taken from before it. */
    public static State asIfUnasked(State after, State before) {
        return of(
                after,
                before.revision(),
                before.time(),
                after.cluster(),
                after.secrets(),
                after.operators(),
                before.requests(),
                before.audit());
    }

    private static State of(
            State rest,
            Revision revision,
            Instant time,
            @Nullable Cluster cluster,
            TreePMap<String, Bytes> secrets,
            TreePMap<OperatorId, Operator> operators,
            RequestTable requests,
            AuditChain audit) {
        return new State(
                revision,
                time,
                cluster,
                secrets,
                rest.publicKeys(),
                rest.sealing(),
                operators,
                rest.nodes(),
                rest.names(),
                rest.keys(),
                rest.tokens(),
                rest.addresses(),
                requests,
                audit,
                rest.removedManagers(),
                rest.removedNodes());
    }
}
