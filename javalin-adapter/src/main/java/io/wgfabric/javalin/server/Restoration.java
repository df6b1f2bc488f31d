package io.wgfabric.javalin.server;

import io.wgfabric.api.FabricView;
import io.wgfabric.api.NodeId;
import io.wgfabric.core.ReplicatedFabric;
import io.wgfabric.core.log.LogStatus;
import java.io.IOException;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;

/** Waiting for a manager's replica to be of use. */
final class Restoration {
    private static final long PAUSE_MILLIS = 20;
    private static final long TELL_NANOS = TimeUnit.SECONDS.toNanos(3);

    /** After that long the state is judged as it is, although no leader has confirmed it. */
    private static final long JUDGE_NANOS = TimeUnit.SECONDS.toNanos(5);

    private Restoration() {}

    /**
     * Waits until the state is there and this manager is in it.
     *
     * @throws IOException if the replica stops, or this manager is no member any more
     */
    static void await(ReplicatedFabric fabric, NodeId self, Consumer<String> progress) throws IOException {
        long began = System.nanoTime();
        until(
                fabric,
                () -> isMember(fabric, self) || (isFollowing(fabric) && System.nanoTime() - began > JUDGE_NANOS),
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
                "the state is here, waiting for a vote",
                progress);
    }

    private static boolean isMember(ReplicatedFabric fabric, NodeId self) {
        FabricView view = fabric.view();
        return view.cluster().isPresent() && view.node(self).isPresent();
    }

    private static boolean isFollowing(ReplicatedFabric fabric) {
        return fabric.view().cluster().isPresent() && fabric.log().status().leader() != null;
    }

    private static void until(
            ReplicatedFabric fabric, BooleanSupplier condition, String what, Consumer<String> progress)
            throws IOException {
        long told = System.nanoTime();
        while (!condition.getAsBoolean()) {
            Throwable cause = fabric.halted();
            if (cause != null || fabric.log().status().role() == LogStatus.Role.HALTED) {
                throw new IOException(
                        "this replica has stopped: " + (cause == null ? "its log is closed" : cause.getMessage()),
                        cause);
            }
            if (System.nanoTime() - told > TELL_NANOS) {
                progress.accept(what);
                told = System.nanoTime();
            }
            Pause.millis(PAUSE_MILLIS);
        }
    }
}
