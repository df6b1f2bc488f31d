package io.wgfabric.jgroups.stack;

import io.wgfabric.core.log.LogStatus;
import io.wgfabric.jgroups.raft.Configuration;
import io.wgfabric.jgroups.raft.Effects;
import io.wgfabric.jgroups.raft.Entry;
import io.wgfabric.jgroups.raft.Event;
import io.wgfabric.jgroups.raft.Message;
import io.wgfabric.jgroups.raft.RaftCore;
import io.wgfabric.jgroups.wal.SnapshotFiles;
import io.wgfabric.jgroups.wal.WriteAheadLog;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The raft thread: takes what is in the mailbox as one batch, steps the core, and carries the effects out, with one
 * append and one sync for the batch. Whatever acknowledges something leaves after the sync. Any error ends it for good.
 */
final class RaftLoop implements Runnable {
    private static final System.Logger LOG = System.getLogger(RaftLoop.class.getName());
    private static final int CHUNK_BYTES = 1 << 20;

    /** What others see of the core. Published before the entries that follow from it are applied. */
    record Published(
            RaftCore.Role role,
            @Nullable String leader,
            long term,
            long commit,
            long baseIndex,
            long lastIndex,
            Configuration configuration) {

        LogStatus.Role roleOf(String self) {
            return switch (role) {
                case LEADER -> LogStatus.Role.LEADER;
                case PRE_CANDIDATE, CANDIDATE -> LogStatus.Role.CANDIDATE;
                case FOLLOWER -> configuration.has(self) ? LogStatus.Role.FOLLOWER : LogStatus.Role.LEARNER;
            };
        }

        boolean differsForListeners(Published other) {
            return role != other.role
                    || term != other.term
                    || !Objects.equals(leader, other.leader)
                    || !configuration.equals(other.configuration);
        }
    }

    private final String self;
    private final RaftCore core;
    private final WriteAheadLog wal;
    private final Mailbox mailbox;
    private final Network network;
    private final Requests requests;
    private final Applier applier;
    private final long tickMillis;
    private final Runnable changed;
    private final Consumer<Throwable> failed;
    private volatile Published published;
    private volatile boolean sendingSnapshot;
    private volatile boolean stopped;

    RaftLoop(
            String self,
            RaftCore core,
            WriteAheadLog wal,
            Mailbox mailbox,
            Network network,
            Requests requests,
            Applier applier,
            long tickMillis,
            Runnable changed,
            Consumer<Throwable> failed) {
        this.self = self;
        this.core = core;
        this.wal = wal;
        this.mailbox = mailbox;
        this.network = network;
        this.requests = requests;
        this.applier = applier;
        this.tickMillis = tickMillis;
        this.changed = changed;
        this.failed = failed;
        this.published = look();
    }

    Published published() {
        return published;
    }

    boolean isSendingSnapshot() {
        return sendingSnapshot;
    }

    void stop() {
        stopped = true;
    }

    @Override
    public void run() {
        try {
            List<Event> batch = new ArrayList<>();
            while (!stopped) {
                batch.clear();
                mailbox.take(batch, tickMillis);
                if (!stopped) {
                    step(batch);
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (Throwable e) {
            failed.accept(e);
        }
    }

    private void step(List<Event> batch) throws IOException {
        long written = carryOut(core.step(now(), batch));
        while (written > 0) {
            written = carryOut(core.step(now(), List.of(new Event.Persisted(written))));
        }
        for (Event event : batch) {
            if (event instanceof Event.SnapshotTaken) {
                wal.compactTo(core.baseIndex());
            }
        }
    }

    /** Replays what is known to be committed; before the thread runs. */
    void replay() throws IOException {
        Effects effects = core.step(now(), List.of());
        applier.apply(List.copyOf(effects.committed()));
        effects.committed().clear();
        long written = carryOut(effects);
        if (written > 0) {
            mailbox.offer(new Event.Persisted(written));
        }
    }

    private static long now() {
        return TimeUnit.NANOSECONDS.toMillis(System.nanoTime());
    }

    /** The order is that of {@link Effects}. Returns the last index that was written, or 0. */
    private long carryOut(Effects effects) throws IOException {
        Effects.Install install = effects.install();
        if (install != null) {
            wal.install(install.meta(), install.data());
            applier.submitInstall(install.meta(), install.data());
        }
        Effects.HardState state = effects.hardState();
        if (state != null) {
            wal.vote(state);
        }
        for (Effects.Send send : effects.early()) {
            network.send(send.to(), new Frame.Consensus(send.message()));
        }
        List<Entry> entries = effects.entries();
        if (!entries.isEmpty()) {
            wal.append(entries, core.commit());
        }
        for (Effects.Send send : effects.messages()) {
            network.send(send.to(), new Frame.Consensus(send.message()));
        }
        for (Effects.Chunk chunk : effects.chunks()) {
            send(chunk);
        }
        publish();
        if (!effects.committed().isEmpty()) {
            applier.submit(effects.committed());
        }
        effects.refused().forEach(requests::refused);
        effects.answers().forEach(requests::answered);
        return entries.isEmpty() ? 0 : entries.get(entries.size() - 1).index();
    }

    private void send(Effects.Chunk chunk) throws IOException {
        byte[] piece = wal.snapshots().piece(chunk.meta(), chunk.offset(), CHUNK_BYTES);
        SnapshotFiles.Stored stored = wal.snapshots().newest();
        if (piece != null && stored != null && stored.meta().equals(chunk.meta())) {
            // otherwise a newer one is on disk, and the core will hear of it in a moment
            Message message = new Message.SnapshotRequest(
                    chunk.term(), chunk.round(), chunk.meta(), chunk.size(), stored.checksum(), chunk.offset(), piece);
            network.send(chunk.to(), new Frame.Consensus(message));
        }
    }

    private Published look() {
        return new Published(
                core.role(),
                core.leader(),
                core.term(),
                core.commit(),
                core.baseIndex(),
                core.lastIndex(),
                core.configuration());
    }

    private void publish() {
        Published before = published;
        Published now = look();
        published = now;
        sendingSnapshot = core.isSendingSnapshot();
        if (now.term() != before.term() || !Objects.equals(now.leader(), before.leader())) {
            requests.leadership(new Requests.Leadership(now.term(), now.leader()));
        }
        if (now.differsForListeners(before)) {
            LOG.log(
                    System.Logger.Level.INFO,
                    "{0} is {1} in term {2}; leader {3}, voters {4}",
                    self,
                    now.role(),
                    Long.toString(now.term()),
                    now.leader(),
                    now.configuration());
            changed.run();
        }
    }
}
