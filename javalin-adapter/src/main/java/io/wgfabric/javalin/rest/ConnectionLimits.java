package io.wgfabric.javalin.rest;

import java.time.Duration;

/**
 * What a client may cost by doing little: all limits on connections are here.
 *
 * @param firstRequest from the connection to the end of the first request's headers, TLS included; longer than the 8 s
 *     that an agent waits for a busy manager
 * @param idle how long a connection lives on which nothing arrives or leaves
 * @param headers beyond {@code idle}, from the end of one request to the end of the next one's headers, whatever arrives
 *     in between
 * @param body from the end of the headers to the end of the body
 * @param answer from the end of the headers to the end of the answer; longer than anything takes but the stream of a
 *     member, which {@link WatchHub} looks after
 * @param newcomers connections that have shown no credential, in all
 * @param newcomersOfSource the same from one source, as {@link io.wgfabric.core.Source} has it
 * @param bodies that are being gathered, in all: each may take {@link RestServer#MAX_BODY} bytes
 * @param bodiesOfSource the same from one source
 * @param connections in all; beyond them nobody is accepted, and waits in the system's queue
 */
record ConnectionLimits(
        Duration firstRequest,
        Duration idle,
        Duration headers,
        Duration body,
        Duration answer,
        int newcomers,
        int newcomersOfSource,
        int bodies,
        int bodiesOfSource,
        int connections) {
    /** Answers that wait to be read, in KiB: in all, a quarter of the memory that there may be at most. */
    static final int UNREAD_KIB =
            (int) Math.min(Integer.MAX_VALUE, Runtime.getRuntime().maxMemory() / 4 / 1024);

    /** The same of one source. */
    static final int UNREAD_KIB_OF_SOURCE = UNREAD_KIB / 4;

    static final ConnectionLimits DEFAULT = new ConnectionLimits(
            Duration.ofSeconds(15),
            Duration.ofSeconds(30),
            Duration.ofSeconds(10),
            Duration.ofSeconds(10),
            Duration.ofSeconds(60),
            4_096,
            1_024,
            2_048,
            512,
            WatchHub.MAX_WATCHERS + 4_096);

    /** From the end of one request to the end of the next one's headers. */
    Duration nextRequest() {
        return idle.plus(headers);
    }
}
