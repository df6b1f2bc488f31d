package io.wgfabric.jgroups;

import io.wgfabric.core.log.Replica;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A replica that remembers every command, and answers with their number. Thread-safe for reading. */
public final class Recorder implements Replica {
    private final List<String> commands = new ArrayList<>();
    private @Nullable Throwable halted;
    private int restores;
    private boolean counting;
    private int count;
    private volatile @Nullable RuntimeException failure;

    @Override
    public synchronized byte[] apply(long index, byte[] command) {
        RuntimeException thrown = failure;
        if (thrown != null) {
            throw thrown;
        }
        if (!counting) {
            commands.add(new String(command, StandardCharsets.UTF_8));
        }
        return Integer.toString(++count).getBytes(StandardCharsets.UTF_8);
    }

    @Override
    public synchronized byte[] snapshot() {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        DataOutputStream out = new DataOutputStream(bytes);
        try {
            out.writeInt(commands.size());
            for (String command : commands) {
                out.writeUTF(command);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return bytes.toByteArray();
    }

    @Override
    public synchronized void restore(byte[] snapshot) {
        commands.clear();
        restores++;
        DataInputStream in = new DataInputStream(new ByteArrayInputStream(snapshot));
        try {
            count = in.readInt();
            for (int i = 0; i < count; i++) {
                commands.add(in.readUTF());
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public synchronized void halted(Throwable cause) {
        halted = cause;
    }

    public synchronized List<String> commands() {
        return List.copyOf(commands);
    }

    public synchronized int size() {
        return commands.size();
    }

    public synchronized int restores() {
        return restores;
    }

    public synchronized @Nullable Throwable haltedBy() {
        return halted;
    }

    /** From now on commands are counted and not remembered. */
    public synchronized void countOnly() {
        counting = true;
    }

    /** From now on every command throws. */
    public void failWith(RuntimeException thrown) {
        failure = thrown;
    }
}
