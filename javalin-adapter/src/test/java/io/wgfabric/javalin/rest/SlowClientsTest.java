package io.wgfabric.javalin.rest;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/**
 * Clients that hold a connection by doing little. Each but the silent ones sends something from time to time, so that no
 * timeout which begins anew with every byte would end it.
 */
class SlowClientsTest {
    private static final int OF_EACH_KIND = 20;
    private static final Duration PATIENCE = Duration.ofSeconds(90);

    /** As they are by default, but for the time. */
    private static final ConnectionLimits LIMITS = new ConnectionLimits(
            Duration.ofSeconds(8),
            Duration.ofSeconds(4),
            Duration.ofSeconds(3),
            Duration.ofSeconds(4),
            Duration.ofSeconds(8),
            ConnectionLimits.DEFAULT.newcomers(),
            ConnectionLimits.DEFAULT.newcomersOfSource(),
            ConnectionLimits.DEFAULT.bodies(),
            ConnectionLimits.DEFAULT.bodiesOfSource(),
            ConnectionLimits.DEFAULT.connections());

    private static final byte[] NO_SETTINGS = {};

    /** SETTINGS_INITIAL_WINDOW_SIZE of 0: not a byte of any answer's body may be sent. */
    private static final byte[] NO_WINDOW = {0, 4, 0, 0, 0, 0};

    @SuppressWarnings("NullAway.Init")
    private static LoneManager manager;

    @BeforeAll
    static void start() {
        manager = LoneManager.start(LIMITS);
    }

    @AfterAll
    static void stop() {
        manager.close();
    }

    /** What a slow client does, again and again until it fails because the connection is gone. */
    private interface Tick {
        void run() throws IOException;
    }

    private record Slow(Kind kind, RawClient client, Tick tick) {
        boolean isOpen() {
            try {
                tick.run();
                return true;
            } catch (IOException e) {
                return false;
            }
        }
    }

    private enum Kind {
        TCP_ALONE {
            @Override
            Slow open() throws Exception {
                return silent(RawClient.tcp(manager));
            }
        },
        HALF_A_CLIENT_HELLO {
            @Override
            Slow open() throws Exception {
                byte[] hello = RawClient.clientHello(manager);
                RawClient client = RawClient.tcp(manager);
                client.write(Arrays.copyOf(hello, hello.length / 2));
                return silent(client);
            }
        },
        DRIPPED_CLIENT_HELLO {
            @Override
            Slow open() throws Exception {
                byte[] hello = RawClient.clientHello(manager);
                RawClient client = RawClient.tcp(manager);
                int[] next = {0};
                return new Slow(this, client, () -> {
                    client.write(new byte[] {hello[Math.min(next[0]++, hello.length - 1)]});
                    requireOpen(client);
                });
            }
        },
        HANDSHAKE_ALONE {
            @Override
            Slow open() throws Exception {
                return silent(RawClient.tls(manager, "http/1.1"));
            }
        },
        DRIPPED_HEADERS {
            @Override
            Slow open() throws Exception {
                RawClient client = RawClient.tls(manager, "http/1.1");
                client.write("GET /healthz HTTP/1.1\r\nHost: a\r\nX: ");
                return new Slow(this, client, () -> client.write("x"));
            }
        },
        DRIPPED_HEADERS_OF_A_SECOND_REQUEST {
            @Override
            Slow open() throws Exception {
                RawClient client = RawClient.tls(manager, "http/1.1");
                client.write("GET /healthz HTTP/1.1\r\nHost: a\r\n\r\nGET /healthz HTTP/1.1\r\nHost: a\r\nX: ");
                return new Slow(this, client, () -> client.write("x"));
            }
        },
        DRIPPED_BODY {
            @Override
            Slow open() throws Exception {
                RawClient client = RawClient.tls(manager, "http/1.1");
                client.write("POST /v1/join HTTP/1.1\r\nHost: a\r\nContent-Length: 1000\r\n\r\n{");
                return new Slow(this, client, () -> client.write(" "));
            }
        },
        UNREAD_ANSWERS {
            @Override
            Slow open() throws Exception {
                RawClient client = RawClient.tls(manager, "http/1.1");
                client.write("GET /openapi.json HTTP/1.1\r\nHost: a\r\n\r\n".repeat(100));
                return new Slow(this, client, () -> client.write("\r\n"));
            }
        },
        PINGS_ALONE {
            @Override
            Slow open() throws Exception {
                RawClient client = RawClient.http2(manager, NO_SETTINGS);
                return new Slow(this, client, () -> ping(client));
            }
        },
        ANSWERS_WITHOUT_A_WINDOW {
            @Override
            Slow open() throws Exception {
                RawClient client = RawClient.http2(manager, NO_WINDOW);
                for (int stream = 1; stream < 20; stream += 2) {
                    client.write(RawClient.frame(
                            RawClient.HEADERS,
                            RawClient.END_STREAM | RawClient.END_HEADERS,
                            stream,
                            RawClient.get("/openapi.json")));
                }
                return new Slow(this, client, () -> ping(client));
            }
        };

        abstract Slow open() throws Exception;

        Slow silent(RawClient client) {
            return new Slow(this, client, () -> requireOpen(client));
        }

        static void requireOpen(RawClient client) throws IOException {
            if (!client.isOpen(1)) {
                throw new IOException("closed");
            }
        }

        static void ping(RawClient client) throws IOException {
            client.write(RawClient.frame(RawClient.PING, 0, 0, new byte[8]));
        }
    }

    @Test
    void slowClientsOfAllKindsHoldUpNobodyAndAreCut() throws Exception {
        LoneManager.Joined node = manager.join("watching");
        Client normal = manager.nobody();
        try (BufferedReader watch = new BufferedReader(
                new InputStreamReader(manager.as(node).open(Routes.WATCH), StandardCharsets.UTF_8))) {
            assertTrue(String.valueOf(watch.readLine()).contains("netmap"));
            List<Slow> slow = new ArrayList<>();
            try {
                open(slow);
                List<Slow> open = new ArrayList<>(slow);
                await().atMost(PATIENCE).pollInterval(Duration.ofMillis(200)).until(() -> {
                    long began = System.nanoTime();
                    assertEquals(200, normal.ask("GET", "/readyz").status());
                    assertTrue(System.nanoTime() - began < 5_000_000_000L, "a normal client is answered soon");
                    assertEquals(List.of(), threadsThatWaitForAClient());
                    open.removeIf(client -> !client.isOpen());
                    return open.isEmpty();
                });
            } finally {
                for (Slow client : slow) {
                    client.client().close();
                }
            }
            assertTrue(String.valueOf(watch.readLine()).contains("ping"), "what came meanwhile");
            manager.join("later");
            await().atMost(PATIENCE).until(() -> watch.readLine().contains("\"delta\""));
        }
        await().atMost(PATIENCE).until(() -> newcomers(manager.operator()) == 0);
    }

    /** How many connections the server counts that have shown no credential. */
    private static int newcomers(Client operator) throws Exception {
        String name = "fabric_connections_new ";
        return operator.ask("GET", "/metrics")
                .body()
                .lines()
                .filter(line -> line.startsWith(name))
                .mapToInt(line -> (int) Double.parseDouble(line.substring(name.length())))
                .findFirst()
                .orElseThrow();
    }

    /** There are so few of them that each which waits for one client is missed by the others. */
    private static List<String> threadsThatWaitForAClient() {
        List<String> waiting = new ArrayList<>();
        Thread.getAllStackTraces().forEach((thread, stack) -> {
            boolean blocks = Arrays.stream(stack)
                    .anyMatch(frame -> frame.getClassName().startsWith("org.eclipse.jetty.util.Blocker"));
            if (thread.getName().startsWith("fabric-rest") && blocks) {
                waiting.add(thread.getName() + Arrays.toString(stack));
            }
        });
        return waiting;
    }

    /** @param limit of what there may be of one source */
    private static ConnectionLimits few(int limit) {
        Duration ages = Duration.ofMinutes(5);
        return new ConnectionLimits(ages, ages, ages, ages, ages, 100, limit, 100, limit, LIMITS.connections());
    }

    @Test
    void bodiesBeyondTheLimitOfTheirSourceAreRefusedUntilOthersAreWhole() throws Exception {
        int limit = 3;
        try (LoneManager guarded = LoneManager.start(few(limit))) {
            Client normal = guarded.operator();
            assertEquals(200, normal.ask("GET", "/readyz").status());
            RawClient slow = RawClient.http2(guarded, NO_SETTINGS);
            byte[] post = RawClient.block("POST", "/v1/join");
            for (int stream = 1; stream < 2 * limit; stream += 2) {
                slow.write(RawClient.frame(RawClient.HEADERS, RawClient.END_HEADERS, stream, post));
            }
            await().atMost(PATIENCE)
                    .until(() -> normal.ask("POST", "/v1/tokens", "{}").status() == 503);
            assertEquals(200, normal.ask("GET", "/readyz").status());
            slow.close();
            await().atMost(PATIENCE)
                    .until(() -> normal.ask("POST", "/v1/tokens", "{}").status() == 400);
        }
    }

    @Test
    void newcomersBeyondTheLimitOfTheirSourceAreTurnedAwayAndComeInLater() throws Exception {
        int limit = 3;
        try (LoneManager guarded = LoneManager.start(few(limit))) {
            // It has shown a credential: it is none of them any more.
            Client known = guarded.operator();
            assertEquals(200, known.ask("GET", "/healthz").status());
            List<RawClient> silent = new ArrayList<>();
            for (int i = 0; i < limit; i++) {
                silent.add(RawClient.tcp(guarded));
            }
            await().atMost(PATIENCE).until(() -> newcomers(known) == limit);
            try (RawClient late = RawClient.tcp(guarded)) {
                await().atMost(PATIENCE).until(() -> !late.isOpen(100));
            }
            assertEquals(200, known.ask("GET", "/healthz").status());
            for (RawClient client : silent) {
                assertTrue(client.isOpen(1));
                client.close();
            }
            await().atMost(PATIENCE)
                    .ignoreExceptionsInstanceOf(IOException.class)
                    .until(() -> guarded.nobody().ask("GET", "/healthz").status() == 200);
        }
    }

    /** Else one source could have all connections, by asking now and then what anybody may ask. */
    @Test
    void whoHasShownNoCredentialIsANewcomerHoweverOftenItAsks() throws Exception {
        int limit = 3;
        try (LoneManager guarded = LoneManager.start(few(limit))) {
            Client known = guarded.operator();
            assertEquals(0, newcomers(known));
            List<Client> nobodies = new ArrayList<>();
            for (int i = 0; i < limit; i++) {
                nobodies.add(guarded.nobody());
            }
            for (Client nobody : nobodies) {
                assertEquals(200, nobody.ask("GET", "/healthz").status());
                assertEquals(200, nobody.ask("GET", "/readyz").status());
            }
            assertEquals(limit, newcomers(known));
            try (RawClient late = RawClient.tcp(guarded)) {
                await().atMost(PATIENCE).until(() -> !late.isOpen(100));
            }
            assertEquals(200, known.ask("GET", "/healthz").status());
        }
    }

    private static void open(List<Slow> into) throws Exception {
        ExecutorService threads = Executors.newFixedThreadPool(8);
        try {
            List<Callable<Slow>> all = new ArrayList<>();
            for (int i = 0; i < OF_EACH_KIND; i++) {
                for (Kind kind : Kind.values()) {
                    all.add(kind::open);
                }
            }
            for (Future<Slow> opened : threads.invokeAll(all)) {
                into.add(opened.get());
            }
        } finally {
            threads.shutdownNow();
        }
    }
}
