package io.wgfabric.jgroups.stack;

import io.wgfabric.core.log.Log;
import io.wgfabric.core.log.LogException;
import io.wgfabric.core.log.LogException.Outcome;
import io.wgfabric.core.log.LogStatus;
import io.wgfabric.core.log.Replica;
import io.wgfabric.jgroups.raft.Configuration;
import io.wgfabric.jgroups.raft.Event;
import io.wgfabric.jgroups.raft.RaftCore;
import io.wgfabric.jgroups.raft.Settings;
import io.wgfabric.jgroups.wal.WriteAheadLog;
import java.io.IOException;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BiConsumer;
import org.jgroups.JChannel;
import org.jspecify.annotations.Nullable;

/**
 * One running member: its threads, and how they hang together.
 *
 * <p>Threads, all daemons: {@code raft} owns the core and the log on disk; {@code apply} owns the replica; {@code
 * snapshot} writes snapshots; {@code timer} ends and repeats requests; {@code answer} runs callers' continuations and
 * listeners. JGroups' threads only decode frames and put them into the mailbox.
 */
public final class Member {
    private static final System.Logger LOG = System.getLogger(Member.class.getName());
    private static final long TIMER_MILLIS = 10;
    private static final Duration FACE_TIMEOUT = Duration.ofSeconds(10);

    private final String cluster;
    private final String group;
    private final String self;
    private final Path directory;
    private final boolean bootstrap;
    private final Transport transport;
    private final Settings settings;
    private final SnapshotPolicy policy;

    private final Mailbox mailbox = new Mailbox();
    private final FabricRaft raft;
    private final Requests requests;
    private final ExecutorService answers;
    private final ExecutorService snapshots;
    private final ScheduledExecutorService timer;
    private final CopyOnWriteArrayList<Runnable> listeners = new CopyOnWriteArrayList<>();
    private volatile @Nullable BiConsumer<String, byte[]> datagrams;

    private volatile @Nullable Replica replica;
    private volatile @Nullable RaftLoop loop;
    private volatile @Nullable Applier applier;
    private volatile @Nullable Throwable halted;
    private @Nullable WriteAheadLog wal;
    private @Nullable JChannel channel;
    private @Nullable Thread raftThread;
    private @Nullable Thread applyThread;
    private @Nullable ScheduledFuture<?> ticking;
    private boolean started;
    private boolean closed;

    public Member(
            String cluster,
            long epoch,
            String self,
            Path directory,
            boolean bootstrap,
            Transport transport,
            Settings settings,
            SnapshotPolicy policy,
            int maxPending) {
        this.cluster = cluster;
        this.group = epoch == 1 ? cluster : cluster + "." + epoch;
        this.self = self;
        this.directory = directory;
        this.bootstrap = bootstrap;
        this.transport = transport;
        this.settings = settings;
        this.policy = policy;
        this.answers = Executors.newSingleThreadExecutor(named("answer"));
        this.snapshots = Executors.newSingleThreadExecutor(named("snapshot"));
        this.timer = Executors.newSingleThreadScheduledExecutor(named("timer"));
        this.raft = new FabricRaft(self, new MemberFaces(this), this::received, this::viewChanged);
        long origin = new SecureRandom().nextLong() | 1; // never 0, which means nobody
        this.requests = new Requests(self, origin, maxPending, raft, mailbox, this::answer);
    }

    private ThreadFactory named(String what) {
        return task -> thread(what, task);
    }

    private Thread thread(String what, Runnable task) {
        Thread thread = new Thread(task, "fabric-" + what + "-" + self);
        thread.setDaemon(true);
        return thread;
    }

    private void answer(Runnable task) {
        try {
            answers.execute(task);
        } catch (RejectedExecutionException closedAlready) {
            task.run();
        }
    }

    public synchronized void start(Replica target) {
        if (started || closed) {
            throw new IllegalStateException("a log is started once");
        }
        started = true;
        replica = target;
        try {
            open(target);
            connect();
        } catch (Exception e) {
            release();
            throw e instanceof LogException known
                    ? known
                    : new LogException(Outcome.NOT_APPLIED, self + " cannot start: " + e.getMessage(), e);
        }
        ticking = timer.scheduleWithFixedDelay(this::tick, TIMER_MILLIS, TIMER_MILLIS, TimeUnit.MILLISECONDS);
    }

    private void open(Replica target) throws IOException {
        WriteAheadLog disk = WriteAheadLog.open(directory, WriteAheadLog.owner(cluster, self));
        wal = disk;
        if (bootstrap && disk.isNew()) {
            disk.bootstrap(self);
        }
        SplittableRandom random = new SplittableRandom(new SecureRandom().nextLong());
        RaftCore core = new RaftCore(self, settings, random::nextLong, disk.restored());
        Applier feeding = new Applier(
                target,
                requests,
                disk.snapshots(),
                policy,
                mailbox,
                snapshots,
                () -> loop != null && loop.isSendingSnapshot(),
                this::halt);
        RaftLoop raftLoop = new RaftLoop(
                self,
                core,
                disk,
                mailbox,
                raft,
                requests,
                feeding,
                Math.max(5, settings.heartbeatMillis() / 4),
                this::statusChanged,
                this::halt);
        feeding.restore();
        applier = feeding;
        loop = raftLoop;
        raftLoop.replay();
    }

    private void connect() throws Exception {
        JChannel joining = transport.channel(self, raft);
        channel = joining;
        joining.connect(group);
        Applier feeding = applier;
        RaftLoop raftLoop = loop;
        if (feeding != null && raftLoop != null) {
            applyThread = thread("apply", feeding);
            raftThread = thread("raft", raftLoop);
            applyThread.start();
            raftThread.start();
        }
    }

    private void tick() {
        try {
            requests.tick();
        } catch (RuntimeException e) {
            LOG.log(System.Logger.Level.ERROR, self + ": the timer of requests failed", e);
        }
    }

    private void received(String from, Frame frame) {
        if (frame instanceof Frame.Consensus consensus) {
            mailbox.offer(new Event.Received(from, consensus.message()));
        } else if (frame instanceof Frame.Datagram datagram) {
            BiConsumer<String, byte[]> listener = datagrams;
            if (listener != null) {
                listener.accept(from, datagram.bytes());
            }
        } else {
            requests.received(from, frame);
        }
    }

    private void viewChanged() {
        mailbox.offer(new Event.Connected(raft.connected()));
        statusChanged();
    }

    private void statusChanged() {
        for (Runnable listener : listeners) {
            answer(() -> {
                try {
                    listener.run();
                } catch (RuntimeException e) {
                    LOG.log(System.Logger.Level.WARNING, self + ": a status listener failed", e);
                }
            });
        }
    }

    /** An error that leaves the state of disk or replica in doubt: nothing is done any more. */
    private void halt(Throwable cause) {
        synchronized (listeners) {
            if (halted != null) {
                return;
            }
            halted = cause;
        }
        LOG.log(System.Logger.Level.ERROR, self + " halts: " + cause.getMessage(), cause);
        stopThreads();
        requests.stop(cause);
        JChannel open = channel;
        if (open != null) {
            Thread leaving = thread("leave", open::close);
            leaving.start();
        }
        Replica target = replica;
        if (target != null) {
            answer(() -> target.halted(cause));
        }
        statusChanged();
    }

    private void stopThreads() {
        RaftLoop raftLoop = loop;
        if (raftLoop != null) {
            raftLoop.stop();
        }
        Applier feeding = applier;
        if (feeding != null) {
            feeding.stop();
        }
    }

    public CompletableFuture<byte[]> append(byte[] command, Duration timeout) {
        if (command.length > Log.MAX_COMMAND) {
            return CompletableFuture.failedFuture(new LogException(
                    Outcome.NOT_APPLIED, "a command of " + command.length + " bytes; at most " + Log.MAX_COMMAND));
        }
        return requests.append(command, timeout);
    }

    public CompletableFuture<Void> barrier(Duration timeout) {
        return requests.ask(Question.Kind.READ, "", timeout);
    }

    public CompletableFuture<Void> addVoter(String id, Duration timeout) {
        return requests.ask(Question.Kind.ADD_VOTER, id, timeout);
    }

    public CompletableFuture<Void> removeVoter(String id, Duration timeout) {
        return requests.ask(Question.Kind.REMOVE_VOTER, id, timeout);
    }

    public CompletableFuture<Void> snapshot() {
        Applier feeding = applier;
        if (feeding == null || halted != null) {
            return CompletableFuture.failedFuture(new LogException(Outcome.NOT_APPLIED, "this member does not run"));
        }
        return feeding.submitSnapshot();
    }

    public LogStatus status() {
        RaftLoop raftLoop = loop;
        Applier feeding = applier;
        if (raftLoop == null || feeding == null) {
            return new LogStatus(
                    self, LogStatus.Role.LEARNER, null, 0, 0, 0, new TreeSet<>(), Set.copyOf(raft.connected()));
        }
        RaftLoop.Published now = raftLoop.published();
        boolean stopped = halted != null;
        return new LogStatus(
                self,
                stopped ? LogStatus.Role.HALTED : role(now),
                stopped ? null : now.leader(),
                now.term(),
                now.commit(),
                feeding.applied(),
                now.configuration().voters(),
                raft.connected());
    }

    private LogStatus.Role role(RaftLoop.Published now) {
        Configuration configuration = now.configuration();
        return switch (now.role()) {
            case LEADER -> LogStatus.Role.LEADER;
            case PRE_CANDIDATE, CANDIDATE -> LogStatus.Role.CANDIDATE;
            case FOLLOWER -> configuration.has(self) ? LogStatus.Role.FOLLOWER : LogStatus.Role.LEARNER;
        };
    }

    long lastAppended() {
        RaftLoop raftLoop = loop;
        return raftLoop == null ? 0 : raftLoop.published().lastIndex();
    }

    public FabricRaft raft() {
        return raft;
    }

    Duration faceTimeout() {
        return FACE_TIMEOUT;
    }

    public void onStatusChange(Runnable listener) {
        listeners.add(listener);
    }

    public void onBroadcast(BiConsumer<String, byte[]> listener) {
        datagrams = listener;
    }

    public void broadcast(byte[] datagram) {
        if (datagram.length > Log.MAX_DATAGRAM) {
            throw new IllegalArgumentException(
                    "a datagram of " + datagram.length + " bytes; at most " + Log.MAX_DATAGRAM);
        }
        Frame frame = new Frame.Datagram(datagram);
        for (String id : raft.connected()) {
            if (!id.equals(self)) {
                raft.send(id, frame);
            }
        }
    }

    public synchronized void close() {
        if (closed) {
            return;
        }
        closed = true;
        handOver();
        boolean first;
        synchronized (listeners) {
            first = halted == null;
            if (first) {
                halted = new LogException(Outcome.UNKNOWN, self + " was closed");
            }
        }
        stopThreads();
        requests.stop(new LogException(Outcome.UNKNOWN, self + " was closed"));
        release();
        if (first) {
            statusChanged();
        }
        if (ticking != null) {
            ticking.cancel(false);
        }
        timer.shutdown();
        snapshots.shutdown();
        answers.shutdown();
    }

    /** Asks another voter to take over, and waits for it for a moment. */
    private void handOver() {
        RaftLoop raftLoop = loop;
        if (raftLoop == null || halted != null) {
            return;
        }
        long end = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(2 * settings.electionMillis());
        boolean asked = false;
        while (raftLoop.published().role() == RaftCore.Role.LEADER
                && raftLoop.published().configuration().voters().size() > 1
                && System.nanoTime() < end) {
            if (!asked) {
                asked = mailbox.offer(new Event.Transfer(null));
            }
            LockSupport.parkNanos(2_000_000);
        }
    }

    private void release() {
        JChannel open = channel;
        channel = null;
        if (open != null) {
            open.close();
        }
        join(raftThread);
        join(applyThread);
        WriteAheadLog disk = wal;
        wal = null;
        if (disk != null) {
            try {
                disk.close();
            } catch (IOException e) {
                LOG.log(System.Logger.Level.WARNING, self + ": the log could not be closed", e);
            }
        }
    }

    private static void join(@Nullable Thread thread) {
        if (thread != null && thread != Thread.currentThread()) {
            try {
                thread.join(5000);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }
    }
}
