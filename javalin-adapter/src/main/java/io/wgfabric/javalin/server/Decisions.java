package io.wgfabric.javalin.server;

import io.wgfabric.api.Actor;
import io.wgfabric.api.Command;
import io.wgfabric.api.RequestId;
import io.wgfabric.core.ReplicatedFabric;
import io.wgfabric.core.log.LogException;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** Commands of a manager that has just begun, and is the only one. */
final class Decisions {
    /** How long it may take to elect itself and decide. */
    private static final long DECIDE_SECONDS = 15;

    private Decisions() {}

    /** Asks until it is decided: at first there is no leader. */
    static void submit(ReplicatedFabric fabric, Actor actor, String request, Command command) {
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(DECIDE_SECONDS);
        while (true) {
            try {
                fabric.submit(actor, new RequestId(request), command)
                        .toCompletableFuture()
                        .orTimeout(DECIDE_SECONDS, TimeUnit.SECONDS)
                        .join()
                        .orThrow();
                return;
            } catch (CompletionException e) {
                boolean again = e.getCause() instanceof LogException && System.nanoTime() < deadline;
                if (!again) {
                    throw e.getCause() instanceof TimeoutException
                            ? new LogException(
                                    LogException.Outcome.UNKNOWN, "this manager does not become the leader", e)
                            : e;
                }
                Pause.millis(20);
            }
        }
    }
}
