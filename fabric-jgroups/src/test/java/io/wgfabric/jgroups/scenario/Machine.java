package io.wgfabric.jgroups.scenario;

import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/** The replicated state of one member: every command that it applied, in order. */
final class Machine {
    private final String owner;
    private final Ledger ledger;
    private final List<String> commands = new ArrayList<>();

    Machine(String owner, Ledger ledger) {
        this.owner = owner;
        this.ledger = ledger;
    }

    void apply(String command) {
        ledger.applied(owner, commands.size(), command);
        commands.add(command);
    }

    List<String> commands() {
        return List.copyOf(commands);
    }

    void writeTo(DataOutput out) throws IOException {
        out.writeInt(commands.size());
        for (String command : commands) {
            out.writeUTF(command);
        }
    }

    void readFrom(DataInput in) throws IOException {
        commands.clear();
        for (int left = in.readInt(); left > 0; left--) {
            apply(in.readUTF());
        }
    }
}
