package io.wgfabric.core;

import io.wgfabric.api.FabricView;
import io.wgfabric.core.codec.Codec;
import io.wgfabric.core.log.Replica;
import io.wgfabric.core.state.Envelope;
import io.wgfabric.core.state.Machine;
import io.wgfabric.core.state.State;

/** A state made from what is stored, to look at; it takes part in nothing. Used by one thread. */
public final class Replay implements Replica {
    private State state = State.empty();

    public static FabricView of(State state) {
        return new StateView(state);
    }

    public FabricView view() {
        return of(state);
    }

    /** What a command of the log makes of a state. */
    static Machine.Result step(State before, byte[] command) {
        Envelope envelope = Codec.decodeEnvelope(command);
        return Machine.apply(before, envelope, Codec.fingerprint(envelope));
    }

    @Override
    public byte[] apply(long index, byte[] command) {
        Machine.Result result = step(state, command);
        state = result.state();
        return Codec.encode(result.outcome());
    }

    @Override
    public byte[] snapshot() {
        return Codec.encode(state);
    }

    @Override
    public void restore(byte[] snapshot) {
        state = Codec.decodeState(snapshot);
    }

    @Override
    public void halted(Throwable cause) {
        throw new IllegalStateException("nothing runs here", cause);
    }
}
