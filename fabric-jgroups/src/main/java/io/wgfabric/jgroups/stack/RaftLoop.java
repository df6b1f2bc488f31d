package io.wgfabric.jgroups.stack;

import io.wgfabric.core.log.LogStatus;
import io.wgfabric.jgroups.raft.Configuration;
import io.wgfabric.jgroups.raft.Effects;
import io.wgfabric.jgroups.raft.Entry;
import io.wgfabric.jgroups.raft.Event;
import io.wgfabric.jgroups.raft.Message;
import io.wgfabric.jgroups.raft.RaftCore;
import io.wgfabric.jgroups.raft.SnapshotMeta;
import io.wgfabric.jgroups.wal.WriteAheadLog;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The raft thread: takes what is in the mailbox as one batch, steps the core, and has the effects carried out, with one
 * append and one sync for the batch. Any error ends it for good.
 */
final class RaftLoop implements Runnable, Carrier.Surroundings {
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
    private final Carrier carrier;
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
        this.carrier = new Carrier(wal, CHUNK_BYTES, this);
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

    private long carryOut(Effects effects) throws IOException {
        return carrier.carryOut(effects, core.commit());
    }

    @Override
    public void send(String to, Message message) {
        network.send(to, new Frame.Consensus(message));
    }

    @Override
    public void install(SnapshotMeta meta, byte[] state) {
        applier.submitInstall(meta, state);
    }

    @Override
    public void committed(List<Entry> entries) {
        applier.submit(entries);
    }

    @Override
    public void refused(Effects.Refused refused) {
        requests.refused(refused);
    }

    @Override
    public void answered(Effects.Answer answer) {
        requests.answered(answer);
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

    /** Publishes before anything that follows from it is applied or answered. */
    @Override
    public void stepped() {
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
