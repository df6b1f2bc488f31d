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
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BiConsumer;
import java.util.function.Predicate;
import org.jgroups.JChannel;
import org.jspecify.annotations.Nullable;

/**
 * One running member: its parts, and how they hang together.
 *
 * <p>The {@code raft} thread owns the core and the log on disk, the {@code apply} thread owns the replica; the others are
 * the {@link Crew}'s. JGroups' threads only decode frames and put them into the mailbox.
 */
public final class Member {
    private static final System.Logger LOG = System.getLogger(Member.class.getName());
    private static final long TIMER_MILLIS = 10;
    /** Who is shut out loses its connections within this time; what it sends is dropped at once. */
    private static final long GATE_MILLIS = 100;

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
    private final Gate gate;
    private final BoundTcp tcp;
    private final FabricRaft raft;
    private final Requests requests;
    private final Crew crew;
    private final Object halting = new Object();
    private volatile @Nullable BiConsumer<String, byte[]> datagrams;

    private volatile @Nullable Replica replica;
    private volatile @Nullable RaftLoop loop;
    private volatile @Nullable Applier applier;
    private volatile @Nullable Throwable halted;
    private volatile @Nullable JChannel channel;
    private @Nullable WriteAheadLog wal;
    private @Nullable Thread raftThread;
    private @Nullable Thread applyThread;
    private boolean started;
    private boolean closed;

    /** @param admits the members that may speak to this one, by id; asked for every message */
    public Member(
            String cluster,
            long epoch,
            String self,
            Path directory,
            boolean bootstrap,
            Transport transport,
            Settings settings,
            SnapshotPolicy policy,
            int maxPending,
            Predicate<String> admits) {
        this.cluster = cluster;
        this.group = epoch == 1 ? cluster : cluster + "." + epoch;
        this.self = self;
        this.directory = directory;
        this.bootstrap = bootstrap;
        this.transport = transport;
        this.settings = settings;
        this.policy = policy;
        this.crew = new Crew(self);
        this.gate = new Gate(admits, this::configuration);
        this.tcp = transport.tcp(gate);
        this.raft = new FabricRaft(self, new MemberFaces(this), this::received, this::viewChanged);
        long origin = new SecureRandom().nextLong() | 1; // never 0, which means nobody
        this.requests = new Requests(
                self, origin, maxPending, raft, mailbox, crew::answer, System::nanoTime, () -> Absence.of(status()));
        crew.listen(raft::tellRole);
    }

    /** How much of what others sent was dropped, because they may not. */
    public long refusals() {
        return gate.refusals();
    }

    private Configuration configuration() {
        RaftLoop raftLoop = loop;
        return raftLoop == null ? Configuration.NONE : raftLoop.published().configuration();
    }

    /** The channel that {@link #start} connects; made at the first call, and only this member connects or closes it. */
    public synchronized JChannel channel() {
        JChannel made = channel;
        if (made == null) {
            try {
                made = transport.channel(self, tcp, raft);
            } catch (Exception e) {
                throw new LogException(Outcome.NOT_APPLIED, self + " cannot make its channel: " + e.getMessage(), e);
            }
            channel = made;
        }
        return made;
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
        crew.every(TIMER_MILLIS, requests::tick);
        crew.every(GATE_MILLIS, tcp::closeRefused);
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
                crew.snapshots(),
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
                crew::tellListeners,
                this::halt);
        feeding.restore();
        applier = feeding;
        loop = raftLoop;
        raftLoop.replay();
        mailbox.heed(feeding::isBehind);
    }

    private void connect() throws Exception {
        channel().connect(group);
        Applier feeding = applier;
        RaftLoop raftLoop = loop;
        if (feeding != null && raftLoop != null) {
            applyThread = crew.thread("apply", feeding);
            raftThread = crew.thread("raft", raftLoop);
            applyThread.start();
            raftThread.start();
        }
    }

    private void received(String from, Frame frame) {
        boolean asks = frame instanceof Frame.Forward || frame instanceof Frame.Ask || frame instanceof Frame.Datagram;
        if (asks ? !gate.asks(from) : !gate.replicates(from)) {
            gate.refused(from, "it is no manager that the state knows");
        } else if (frame instanceof Frame.Consensus consensus) {
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
        crew.tellListeners();
    }

    /** An error that leaves the state of disk or replica in doubt: nothing is done any more. */
    private void halt(Throwable cause) {
        synchronized (halting) {
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
            crew.thread("leave", open::close).start();
        }
        Replica target = replica;
        if (target != null) {
            crew.answer(() -> target.halted(cause));
        }
        crew.tellListeners();
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
                stopped ? LogStatus.Role.HALTED : now.roleOf(self),
                stopped ? null : now.leader(),
                now.term(),
                now.commit(),
                feeding.applied(),
                now.configuration().voters(),
                raft.connected());
    }

    RaftLoop.@Nullable Published published() {
        RaftLoop raftLoop = loop;
        return raftLoop == null ? null : raftLoop.published();
    }

    public FabricRaft raft() {
        return raft;
    }

    Duration faceTimeout() {
        return FACE_TIMEOUT;
    }

    public void onStatusChange(Runnable listener) {
        crew.listen(listener);
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
        synchronized (halting) {
            first = halted == null;
            if (first) {
                halted = new LogException(Outcome.UNKNOWN, self + " was closed");
            }
        }
        stopThreads();
        requests.stop(new LogException(Outcome.UNKNOWN, self + " was closed"));
        release();
        if (first) {
            crew.tellListeners();
        }
        crew.close();
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
        if (open != null) {
            open.close();
        }
        if (raftThread != null) {
            Crew.join(raftThread);
        }
        if (applyThread != null) {
            Crew.join(applyThread);
        }
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
}
