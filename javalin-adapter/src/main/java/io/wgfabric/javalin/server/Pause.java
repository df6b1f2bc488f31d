package io.wgfabric.javalin.server;

import java.util.concurrent.CancellationException;

/** Waiting, in a program that is told to stop by an interrupt. */
final class Pause {
    private Pause() {}

    static void millis(long millis) {
        try {
            Thread.sleep(millis);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new CancellationException("interrupted");
        }
    }
}
