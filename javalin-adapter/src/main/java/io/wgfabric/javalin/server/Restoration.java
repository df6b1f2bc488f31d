package io.wgfabric.javalin.server;

import io.wgfabric.api.FabricView;
import io.wgfabric.api.NodeId;
import io.wgfabric.core.ReplicatedFabric;
import io.wgfabric.core.log.LogStatus;
import java.io.IOException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** Waiting for a manager's replica to be of use. */
final class Restoration {
    private static final long PAUSE_MILLIS = 20;
    private static final long TELL_NANOS = TimeUnit.SECONDS.toNanos(3);

    private Restoration() {}

    /**
     * Waits until a majority has confirmed the state here as the newest, and this manager is in it. An older state would
     * call nodes removed that have joined since, and this manager too.
     *
     * @param membership asked while it waits
     * @throws IOException if the replica stops, or this manager is no member any more
     */
    static void await(ReplicatedFabric fabric, NodeId self, MembershipQuestion membership, Consumer<String> progress)
            throws IOException {
        until(
                fabric,
                new Confirmation(fabric),
                membership,
                "waiting for a majority of the managers, to get the state",
                progress);
        if (!isMember(fabric, self)) {
            throw new IOException("this manager is no member of the cluster any more;"
                    + " remove its data folder and join again with a new token");
        }
    }

    /** Waits until this manager counts for decisions. */
    static void awaitVote(ReplicatedFabric fabric, NodeId self, Consumer<String> progress) throws IOException {
        until(
                fabric,
                () -> fabric.log().status().voters().contains(self.text()),
                null,
                "the state is here, waiting for a vote",
                progress);
    }

    private static boolean isMember(ReplicatedFabric fabric, NodeId self) {
        FabricView view = fabric.view();
        return view.cluster().isPresent() && view.node(self).isPresent();
    }

    /** Asks for the newest state, again and again, until it is there. */
    private static final class Confirmation implements BooleanSupplier {
        private final ReplicatedFabric fabric;
        private CompletableFuture<FabricView> asked;

        Confirmation(ReplicatedFabric fabric) {
            this.fabric = fabric;
            asked = fabric.freshView().toCompletableFuture();
        }

        @Override
        public boolean getAsBoolean() {
            if (asked.isCompletedExceptionally()) {
                asked = fabric.freshView().toCompletableFuture();
            }
            return asked.isDone()
                    && !asked.isCompletedExceptionally()
                    && fabric.view().cluster().isPresent();
        }
    }

    private static void until(
            ReplicatedFabric fabric,
            BooleanSupplier condition,
            @Nullable MembershipQuestion membership,
            String what,
            Consumer<String> progress)
            throws IOException {
        long told = System.nanoTime();
        while (!condition.getAsBoolean()) {
            Throwable cause = fabric.halted();
            if (cause != null || fabric.log().status().role() == LogStatus.Role.HALTED) {
                throw new IOException(
                        "this replica has stopped: " + (cause == null ? "its log is closed" : cause.getMessage()),
                        cause);
            }
            if (membership != null) {
                membership.check();
            }
            if (System.nanoTime() - told > TELL_NANOS) {
                progress.accept(what);
                told = System.nanoTime();
            }
            Pause.millis(PAUSE_MILLIS);
        }
    }
}
