package io.wgfabric.core;

import io.wgfabric.api.Actor;
import io.wgfabric.api.Cluster;
import io.wgfabric.api.Command;
import io.wgfabric.api.Fabric;
import io.wgfabric.api.FabricView;
import io.wgfabric.api.Outcome;
import io.wgfabric.api.RejectedException;
import io.wgfabric.api.Rejection;
import io.wgfabric.api.Rejection.Reason;
import io.wgfabric.api.RequestId;
import io.wgfabric.core.codec.Codec;
import io.wgfabric.core.log.Log;
import io.wgfabric.core.log.LogException;
import io.wgfabric.core.log.Replica;
import io.wgfabric.core.state.Envelope;
import io.wgfabric.core.state.Levels;
import io.wgfabric.core.state.Machine;
import io.wgfabric.core.state.RequestTable;
import io.wgfabric.core.state.State;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.time.Duration;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * A fabric on a {@link Log}: encodes commands, applies what the log commits to one immutable {@link State}, and tells
 * watchers. Thread-safe.
 */
public final class ReplicatedFabric implements Fabric {
    /** How long a command or a fresh read may take before its outcome is called unknown. */
    public static final Duration TIMEOUT = Duration.ofSeconds(10);

    private static final Logger LOGGER = System.getLogger(ReplicatedFabric.class.getName());

    private final Log log;
    private final InstantSource clock;
    private final int supportedLevel;
    private final List<Consumer<FabricView>> watchers = new CopyOnWriteArrayList<>();
    private final ExecutorService notifier;
    private final AtomicBoolean notifying = new AtomicBoolean();
    private volatile State state = State.empty();
    private volatile @Nullable Throwable halted;

    private ReplicatedFabric(Log log, InstantSource clock, int supportedLevel) {
        this.log = log;
        this.clock = clock;
        this.supportedLevel = supportedLevel;
        notifier = Executors.newSingleThreadExecutor(task -> {
            Thread thread = new Thread(task, "fabric-watch");
            thread.setDaemon(true);
            return thread;
        });
    }

    /** Starts the log and returns once what it has stored is applied. The fabric closes the log. */
    public static ReplicatedFabric open(Log log, InstantSource clock) {
        return open(log, clock, Levels.NEWEST);
    }

    /**
     * As software would that knows no level above this one.
     *
     * @throws io.wgfabric.core.log.LogException if what is stored has a higher level; the message says what to do
     */
    public static ReplicatedFabric open(Log log, InstantSource clock, int supportedLevel) {
        ReplicatedFabric fabric = new ReplicatedFabric(log, clock, supportedLevel);
        log.start(fabric.new Applier());
        return fabric;
    }

    public Log log() {
        return log;
    }

    /** Why this replica stopped applying, or null while it goes on. */
    public @Nullable Throwable halted() {
        return halted;
    }

    @Override
    public CompletionStage<Outcome> submit(Actor actor, RequestId request, Command command) {
        byte[] bytes;
        try {
            bytes = encode(actor, request, command);
            // What would throw here would halt every replica once committed, so it never gets that far.
            var unused = Replay.step(state, bytes);
        } catch (RuntimeException e) {
            return CompletableFuture.failedFuture(new LogException(
                    LogException.Outcome.NOT_APPLIED, "this command cannot be decided: " + e.getMessage(), e));
        }
        return log.append(bytes, TIMEOUT).thenApply(Codec::decodeOutcome);
    }

    private byte[] encode(Actor actor, RequestId request, Command command) {
        return Codec.encode(new Envelope(clock.instant().truncatedTo(ChronoUnit.MILLIS), actor, request, command));
    }

    /** What would be decided now by all that was decided before; nothing is changed, and nothing goes into the log. */
    public CompletionStage<Outcome> rehearse(Actor actor, RequestId request, Command command) {
        return log.barrier(TIMEOUT)
                .thenApply(done ->
                        Replay.step(state, encode(actor, request, command)).outcome());
    }

    /**
     * The same as {@link #submit} for a command with something random in it, so that each time it is made it is another:
     * the repeat of a request gets the first answer all the same. Whether that was to such a command, its events tell.
     *
     * @param command makes it from the newest view, if the request is none that was answered already
     */
    CompletionStage<Outcome> submitOrRecall(Actor actor, RequestId request, Function<FabricView, Command> command) {
        return answered(actor, request)
                .thenCompose(known -> known.isPresent()
                        ? CompletableFuture.completedFuture(known.get())
                        : submit(actor, request, command.apply(view()))
                                .thenCompose(outcome -> isReused(outcome)
                                        // Two at once: the other one was decided first.
                                        ? answered(actor, request).thenApply(first -> first.orElse(outcome))
                                        : CompletableFuture.completedFuture(outcome)));
    }

    /** What a request is told whose id is known from a request of another kind. */
    static RejectedException reused() {
        return new RejectedException(
                new Rejection(Reason.REQUEST_ID_REUSED, "this request id was used for another request; use a new one"));
    }

    private static boolean isReused(Outcome outcome) {
        return outcome instanceof Outcome.Rejected rejected
                && rejected.rejection().reason() == Reason.REQUEST_ID_REUSED;
    }

    private CompletionStage<Optional<Outcome>> answered(Actor actor, RequestId request) {
        RequestTable.Asked asked = new RequestTable.Asked(actor.kind(), actor.id(), request);
        return log.barrier(TIMEOUT)
                .thenApply(done ->
                        Optional.ofNullable(state.requests().find(asked)).map(RequestTable.Answer::outcome));
    }

    @Override
    public FabricView view() {
        return new StateView(state);
    }

    @Override
    public CompletionStage<FabricView> freshView() {
        return log.barrier(TIMEOUT).thenApply(done -> view());
    }

    /** The whole of what {@link #freshView} shows, to be stored elsewhere. */
    public CompletionStage<State> freshState() {
        return log.barrier(TIMEOUT).thenApply(done -> state);
    }

    @Override
    public Subscription watch(Consumer<FabricView> listener) {
        watchers.add(listener);
        return () -> watchers.remove(listener);
    }

    @Override
    public void close() {
        log.close();
        notifier.shutdownNow();
    }

    /** One notification runs at a time, and shows whatever is newest when it runs. */
    private void changed() {
        if (!watchers.isEmpty() && notifying.compareAndSet(false, true) && !notifier.isShutdown()) {
            notifier.execute(() -> {
                notifying.set(false);
                FabricView view = view();
                for (Consumer<FabricView> watcher : watchers) {
                    try {
                        watcher.accept(view);
                    } catch (RuntimeException e) {
                        LOGGER.log(Level.WARNING, "a watcher failed", e);
                    }
                }
            });
        }
    }

    /** The log's side of the fabric; called by one thread at a time. */
    private final class Applier implements Replica {
        @Override
        public byte[] apply(long index, byte[] command) {
            Machine.Result result = Replay.step(state, command);
            take(result.state());
            return Codec.encode(result.outcome());
        }

        @Override
        public byte[] snapshot() {
            return Codec.encode(state);
        }

        @Override
        public void restore(byte[] snapshot) {
            take(Codec.decodeState(snapshot));
        }

        /** Halts before the first command comes that this software may not know. */
        private void take(State newest) {
            Cluster cluster = newest.cluster();
            if (cluster != null && cluster.level() > supportedLevel) {
                throw new IllegalStateException("this manager's software is too old: the cluster is at level "
                        + cluster.level() + ", and it knows no level above " + supportedLevel
                        + "; install a newer version");
            }
            state = newest;
            changed();
        }

        @Override
        public void halted(Throwable cause) {
            halted = cause;
            LOGGER.log(Level.ERROR, "this replica stopped: " + cause.getMessage(), cause);
        }
    }
}
