package io.wgfabric.jgroups.stack;

import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Executor;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.TimeUnit;

/**
 * A member's threads, all daemons and named after it: {@code snapshot} writes snapshots; {@code timer} ends and repeats
 * requests; {@code answer} runs callers' continuations and listeners. The others are made by {@link #thread}.
 */
final class Crew {
    private static final System.Logger LOG = System.getLogger(Crew.class.getName());

    private final String self;
    private final ExecutorService answers;
    private final ExecutorService snapshots;
    private final ScheduledExecutorService timer;
    private final CopyOnWriteArrayList<Runnable> listeners = new CopyOnWriteArrayList<>();

    Crew(String self) {
        this.self = self;
        this.answers = Executors.newSingleThreadExecutor(named("answer"));
        this.snapshots = Executors.newSingleThreadExecutor(named("snapshot"));
        this.timer = Executors.newSingleThreadScheduledExecutor(named("timer"));
    }

    private ThreadFactory named(String what) {
        return task -> thread(what, task);
    }

    /** A thread that is not started yet. */
    Thread thread(String what, Runnable task) {
        Thread thread = new Thread(task, "fabric-" + what + "-" + self);
        thread.setDaemon(true);
        return thread;
    }

    Executor snapshots() {
        return snapshots;
    }

    /** Runs a caller's continuation: whatever it does, it holds up no thread of the log's. */
    void answer(Runnable task) {
        try {
            answers.execute(task);
        } catch (RejectedExecutionException closedAlready) {
            task.run();
        }
    }

    void every(long millis, Runnable duty) {
        var unused = timer.scheduleWithFixedDelay(() -> guarded(duty), millis, millis, TimeUnit.MILLISECONDS);
    }

    private void guarded(Runnable task) {
        try {
            task.run();
        } catch (RuntimeException e) {
            LOG.log(
                    System.Logger.Level.ERROR,
                    self + ": something that is done by the clock or by a listener failed",
                    e);
        }
    }

    void listen(Runnable listener) {
        listeners.add(listener);
    }

    void tellListeners() {
        for (Runnable listener : listeners) {
            answer(() -> guarded(listener));
        }
    }

    void close() {
        timer.shutdownNow();
        snapshots.shutdown();
        answers.shutdown();
    }

    static void join(Thread thread) {
        if (thread != Thread.currentThread()) {
            try {
                thread.join(5000);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }
    }
}
