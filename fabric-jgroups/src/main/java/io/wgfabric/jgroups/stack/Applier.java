package io.wgfabric.jgroups.stack;

import io.wgfabric.core.log.Replica;
import io.wgfabric.jgroups.raft.Configuration;
import io.wgfabric.jgroups.raft.Entry;
import io.wgfabric.jgroups.raft.Event;
import io.wgfabric.jgroups.raft.SnapshotMeta;
import io.wgfabric.jgroups.wal.SnapshotFiles;
import java.io.IOException;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Feeds the replica on one thread: committed entries in order, snapshots in between. The raft thread never waits for it;
 * what waits here is in the core's log anyway, and {@link #isBehind} keeps that from growing without bound. Snapshots
 * are written by another thread, so that neither commits nor applying wait for the disk.
 */
public final class Applier implements Runnable {
    /** A snapshot is put off while one is being sent, but not for ever. */
    private static final int PATIENCE = 4;

    /** More bytes of entries than this wait to be applied only because they were under way already. */
    static final long MAX_WAITING_BYTES = 64L << 20;

    private final Replica replica;
    private final Requests requests;
    private final SnapshotFiles files;
    private final SnapshotPolicy policy;
    private final Mailbox mailbox;
    private final Executor writer;
    private final BooleanSupplier sendingSnapshot;
    private final Consumer<Throwable> failed;
    private final LinkedBlockingQueue<Runnable> tasks = new LinkedBlockingQueue<>();

    private final AtomicLong waitingBytes = new AtomicLong();

    private volatile long applied;
    private volatile boolean stopped;
    private long appliedTerm;
    private Configuration configuration = Configuration.NONE;
    private long entriesSince;
    private long bytesSince;
    private boolean writing;

    public Applier(
            Replica replica,
            Requests requests,
            SnapshotFiles files,
            SnapshotPolicy policy,
            Mailbox mailbox,
            Executor writer,
            BooleanSupplier sendingSnapshot,
            Consumer<Throwable> failed) {
        this.replica = replica;
        this.requests = requests;
        this.files = files;
        this.policy = policy;
        this.mailbox = mailbox;
        this.writer = writer;
        this.sendingSnapshot = sendingSnapshot;
        this.failed = failed;
    }

    /** Takes the newest snapshot from the disk; before the thread runs. */
    public void restore() throws IOException {
        SnapshotFiles.Stored stored = files.newest();
        if (stored != null) {
            install(stored.meta(), files.read(stored));
        }
    }

    @Override
    public void run() {
        try {
            while (!stopped) {
                tasks.take().run();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (Throwable e) {
            failed.accept(e);
        }
    }

    /** Does what waits, on the calling thread instead of {@link #run}. */
    public void runWaiting() {
        Runnable task = tasks.poll();
        while (task != null && !stopped) {
            task.run();
            task = tasks.poll();
        }
    }

    void stop() {
        stopped = true;
        tasks.add(() -> {});
    }

    public void submit(List<Entry> committed) {
        long bytes = committed.stream().mapToLong(Entry::weight).sum();
        waitingBytes.addAndGet(bytes);
        tasks.add(() -> {
            apply(committed);
            waitingBytes.addAndGet(-bytes);
        });
    }

    /** Whether so much waits to be applied that no more should come in. */
    boolean isBehind() {
        return waitingBytes.get() > MAX_WAITING_BYTES;
    }

    public void submitInstall(SnapshotMeta meta, byte[] state) {
        tasks.add(() -> install(meta, state));
    }

    public CompletableFuture<Void> submitSnapshot() {
        CompletableFuture<Void> done = new CompletableFuture<>();
        tasks.add(() -> take(done));
        return done;
    }

    public long applied() {
        return applied;
    }

    /** Applies entries; on the applying thread, or before it runs. */
    public void apply(List<Entry> committed) {
        for (Entry entry : committed) {
            if (stopped) {
                return;
            }
            apply(entry);
        }
        requests.appliedTo(applied);
        boolean due = entriesSince >= policy.entries() || bytesSince >= policy.bytes();
        boolean overdue = entriesSince >= PATIENCE * policy.entries() || bytesSince >= PATIENCE * policy.bytes();
        if (due && !writing && (overdue || !sendingSnapshot.getAsBoolean())) {
            take(null);
        }
    }

    private void apply(Entry entry) {
        if (entry.index() != applied + 1) {
            throw new IllegalStateException("entry " + entry.index() + " is to be applied after " + applied);
        }
        if (entry.term() > appliedTerm) {
            appliedTerm = entry.term();
            requests.termPassed(appliedTerm);
        }
        if (entry.kind() == Entry.Kind.COMMAND) {
            byte[] answer = replica.apply(entry.index(), entry.data());
            applied = entry.index();
            requests.applied(entry, Objects.requireNonNull(answer, "a replica must answer every command"));
        } else if (entry.kind() == Entry.Kind.CONFIGURATION) {
            configuration = Configuration.decode(entry.data());
        }
        applied = entry.index();
        entriesSince++;
        bytesSince += entry.weight();
    }

    private void install(SnapshotMeta meta, byte[] state) {
        replica.restore(state);
        applied = meta.index();
        appliedTerm = meta.term();
        configuration = meta.configuration();
        entriesSince = 0;
        bytesSince = 0;
        requests.installed(meta);
    }

    private void take(@Nullable CompletableFuture<Void> done) {
        SnapshotMeta meta = new SnapshotMeta(applied, appliedTerm, configuration);
        if (meta.index() == 0) {
            complete(done);
            return;
        }
        byte[] state = replica.snapshot();
        entriesSince = 0;
        bytesSince = 0;
        writing = true;
        writer.execute(() -> write(meta, state, done));
    }

    private void write(SnapshotMeta meta, byte[] state, @Nullable CompletableFuture<Void> done) {
        try {
            SnapshotFiles.Stored stored = files.write(meta, state);
            if (stored.meta().equals(meta)) {
                mailbox.put(new Event.SnapshotTaken(meta, stored.size(), meta.index() - policy.keepEntries()));
            }
            complete(done);
            tasks.add(() -> writing = false);
        } catch (IOException | RuntimeException e) {
            failed.accept(e);
            if (done != null) {
                done.completeExceptionally(e);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private static void complete(@Nullable CompletableFuture<Void> done) {
        if (done != null) {
            done.complete(null);
        }
    }
}
