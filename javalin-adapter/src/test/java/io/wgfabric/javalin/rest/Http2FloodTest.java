package io.wgfabric.javalin.rest;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.function.IntFunction;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Frames that cost a server more than its client: Jetty allows few of them in a second, and then ends the connection. */
class Http2FloodTest {
    private static final Duration PATIENCE = Duration.ofSeconds(60);
    private static final int MOST = 200_000;
    private static final byte[] NOTHING = {};

    @SuppressWarnings("NullAway.Init")
    private static LoneManager manager;

    @BeforeAll
    static void start() {
        manager = LoneManager.start();
    }

    @AfterAll
    static void stop() {
        manager.close();
    }

    /** @param frames those of the i-th step */
    private static void assertIsCut(byte[] first, IntFunction<byte[]> frames) throws Exception {
        try (RawClient client = RawClient.http2(manager, NOTHING)) {
            client.write(first);
            CompletableFuture<Void> read = CompletableFuture.runAsync(() -> {
                try {
                    while (client.read() >= 0) {
                        // What is answered must not fill up on the way.
                    }
                } catch (IOException e) {
                    // As good as its end.
                }
            });
            assertThrows(
                    IOException.class,
                    () -> {
                        for (int i = 0; i < MOST; i++) {
                            client.write(frames.apply(i));
                        }
                    },
                    "the connection outlives the flood");
            await().atMost(PATIENCE).until(read::isDone);
        }
        assertEquals(200, manager.nobody().ask("GET", "/readyz").status());
    }

    @Test
    void settings() throws Exception {
        assertIsCut(NOTHING, i -> RawClient.frame(RawClient.SETTINGS, 0, 0, NOTHING));
    }

    @Test
    void pings() throws Exception {
        assertIsCut(NOTHING, i -> RawClient.frame(RawClient.PING, 0, 0, new byte[8]));
    }

    /** CVE-2023-44487: streams that are opened and reset at once. */
    @Test
    void resets() throws Exception {
        assertIsCut(NOTHING, i -> {
            ByteArrayOutputStream frames = new ByteArrayOutputStream();
            int stream = 2 * i + 1;
            frames.writeBytes(RawClient.frame(
                    RawClient.HEADERS,
                    RawClient.END_STREAM | RawClient.END_HEADERS,
                    stream,
                    RawClient.get("/healthz")));
            frames.writeBytes(RawClient.frame(RawClient.RST_STREAM, 0, stream, new byte[] {0, 0, 0, 8}));
            return frames.toByteArray();
        });
    }

    /** CVE-2024-27316 and its like: headers that go on for ever. */
    @Test
    void continuations() throws Exception {
        assertIsCut(
                RawClient.frame(RawClient.HEADERS, RawClient.END_STREAM, 1, RawClient.get("/healthz")),
                i -> RawClient.frame(RawClient.CONTINUATION, 0, 1, new byte[1_024]));
    }
}
