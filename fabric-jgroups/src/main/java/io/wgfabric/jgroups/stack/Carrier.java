package io.wgfabric.jgroups.stack;

import io.wgfabric.jgroups.raft.Effects;
import io.wgfabric.jgroups.raft.Entry;
import io.wgfabric.jgroups.raft.Message;
import io.wgfabric.jgroups.raft.SnapshotMeta;
import io.wgfabric.jgroups.wal.SnapshotFiles;
import io.wgfabric.jgroups.wal.WriteAheadLog;
import java.io.IOException;
import java.util.List;

/**
 * Carries out what the core decided, in the one order that is safe: whatever acknowledges something leaves after the
 * sync. After an exception nothing more may be carried out. Used by one thread.
 */
public final class Carrier {

    /** Whom the effects reach, besides the disk. */
    public interface Surroundings {
        /** May be lost. */
        void send(String to, Message message);

        /** A snapshot replaces what was applied. */
        void install(SnapshotMeta meta, byte[] state);

        /** The core's role, term, leader, commit index or configuration may have changed; what follows from it comes next. */
        void stepped();

        /** To be applied in order. */
        void committed(List<Entry> entries);

        void refused(Effects.Refused refused);

        void answered(Effects.Answer answer);
    }

    private final WriteAheadLog wal;
    private final int chunkBytes;
    private final Surroundings surroundings;

    /** @param chunkBytes the largest piece of a snapshot in one message */
    public Carrier(WriteAheadLog wal, int chunkBytes, Surroundings surroundings) {
        this.wal = wal;
        this.chunkBytes = chunkBytes;
        this.surroundings = surroundings;
    }

    /**
     * The order is that of {@link Effects}.
     *
     * @param commit the core's commit index
     * @return the last index that was written, of which the core must be told, or 0
     */
    public long carryOut(Effects effects, long commit) throws IOException {
        Effects.Install install = effects.install();
        if (install != null) {
            wal.install(install.meta(), install.data());
            surroundings.install(install.meta(), install.data());
        }
        Effects.HardState state = effects.hardState();
        if (state != null) {
            wal.vote(state);
        }
        for (Effects.Send send : effects.early()) {
            surroundings.send(send.to(), send.message());
        }
        List<Entry> entries = effects.entries();
        if (!entries.isEmpty()) {
            wal.append(entries, commit);
        }
        for (Effects.Send send : effects.messages()) {
            surroundings.send(send.to(), send.message());
        }
        for (Effects.Chunk chunk : effects.chunks()) {
            send(chunk);
        }
        surroundings.stepped();
        if (!effects.committed().isEmpty()) {
            surroundings.committed(effects.committed());
        }
        effects.refused().forEach(surroundings::refused);
        effects.answers().forEach(surroundings::answered);
        return entries.isEmpty() ? 0 : entries.get(entries.size() - 1).index();
    }

    private void send(Effects.Chunk chunk) throws IOException {
        byte[] piece = wal.snapshots().piece(chunk.meta(), chunk.offset(), chunkBytes);
        SnapshotFiles.Stored stored = wal.snapshots().newest();
        if (piece != null && stored != null && stored.meta().equals(chunk.meta())) {
            // otherwise a newer one is on disk, and the core will hear of it in a moment
            Message message = new Message.SnapshotRequest(
                    chunk.term(), chunk.round(), chunk.meta(), chunk.size(), stored.checksum(), chunk.offset(), piece);
            surroundings.send(chunk.to(), message);
        }
    }
}
