package io.wgfabric.simulation.world;

import io.wgfabric.core.codec.Codec;
import io.wgfabric.core.state.Machine;
import io.wgfabric.core.state.State;

/** The real machine and codec, as {@code ReplicatedFabric} feeds them. */
final class FabricReplica implements WorldReplica {
    private final String member;
    private final Fabric fabric;
    private final RaftChecker raft;
    private State state = State.empty();

    FabricReplica(String member, Fabric fabric, RaftChecker raft) {
        this.member = member;
        this.fabric = fabric;
        this.raft = raft;
    }

    @Override
    public byte[] apply(long index, byte[] command) {
        Fabric.Decoded decoded = fabric.decode(command);
        Machine.Result result = Machine.apply(state, decoded.envelope(), decoded.fingerprint());
        byte[] answer = fabric.checker().applied(index, decoded.envelope(), state, result);
        state = result.state();
        raft.applied(member, index, command, digest());
        return answer;
    }

    @Override
    public byte[] snapshot() {
        return Codec.encode(state);
    }

    @Override
    public void restore(byte[] snapshot) {
        state = Codec.decodeState(snapshot);
        fabric.checker().restored(member, state);
    }

    /** The audit chain is a hash over all that was ever applied. */
    @Override
    public long digest() {
        return state.audit().last().hashCode() * 31L + state.revision().number();
    }

    @Override
    public State state() {
        return state;
    }
}
