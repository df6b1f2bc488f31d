package io.wgfabric.javalin.rest;

import io.javalin.http.Context;
import io.wgfabric.core.state.State;
import java.util.concurrent.Semaphore;

/** {@code GET /v1/backup}: the newest state, confirmed by a majority, sealed as a whole. */
final class BackupRoute {
    /** One at a time: each costs a few times the state's size in memory. */
    private final Semaphore free = new Semaphore(1);

    private final Core core;
    private final Answers answers;

    BackupRoute(Core core, Answers answers) {
        this.core = core;
        this.answers = answers;
    }

    void backup(Context ctx) {
        if (!free.tryAcquire()) {
            throw new ProblemException(503, Problem.OVERLOADED, "a backup is being made already; ask again");
        }
        answers.laterBytes(ctx, core.fabric().freshState(), this::seal, free::release);
    }

    private byte[] seal(State state) {
        return core.keyring().backup(state, core.clock().instant());
    }
}
