package io.wgfabric.jgroups.stack;

import io.wgfabric.core.log.Replica;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import org.jgroups.raft.StateMachine;

/**
 * A state machine of jgroups-raft's as what the log feeds. What it throws halts the member: stock jgroups-raft reports it
 * and goes on, and then this replica differs from the others for ever.
 */
public final class StateMachineReplica implements Replica {
    private static final System.Logger LOG = System.getLogger(StateMachineReplica.class.getName());

    /** Stands for a machine's null, which the log does not carry. */
    static final byte[] NO_ANSWER = {};

    private final StateMachine machine;

    public StateMachineReplica(StateMachine machine) {
        this.machine = machine;
    }

    @Override
    public byte[] apply(long index, byte[] command) {
        try {
            byte[] answer = machine.apply(command, 0, command.length, true);
            return answer == null ? NO_ANSWER : answer;
        } catch (Exception e) {
            throw new IllegalStateException("the state machine failed at index " + index + ": " + e.getMessage(), e);
        }
    }

    @Override
    public byte[] snapshot() {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (DataOutputStream out = new DataOutputStream(bytes)) {
            machine.writeContentTo(out);
        } catch (Exception e) {
            throw new IllegalStateException("the state machine cannot write its content: " + e.getMessage(), e);
        }
        return bytes.toByteArray();
    }

    @Override
    public void restore(byte[] snapshot) {
        try (DataInputStream in = new DataInputStream(new ByteArrayInputStream(snapshot))) {
            machine.readContentFrom(in);
        } catch (Exception e) {
            throw new IllegalStateException("the state machine cannot read its content: " + e.getMessage(), e);
        }
    }

    @Override
    public void halted(Throwable cause) {
        LOG.log(
                System.Logger.Level.ERROR,
                "nothing more is applied to {0}",
                machine.getClass().getName());
    }
}
