package io.wgfabric.javalin.server;

import static org.junit.jupiter.api.Assertions.assertTrue;

import io.wgfabric.agent.ControlClient;
import io.wgfabric.agent.ControlException;
import io.wgfabric.api.Address;
import io.wgfabric.api.Bytes;
import io.wgfabric.api.NodeEndpoints;
import io.wgfabric.api.NodeKeys;
import io.wgfabric.api.PublicKey;
import io.wgfabric.api.RequestId;
import io.wgfabric.api.Role;
import io.wgfabric.core.crypto.Certificates;
import io.wgfabric.core.crypto.Keys;
import io.wgfabric.core.wire.JoinAnswer;
import io.wgfabric.core.wire.JoinRequest;
import java.nio.charset.StandardCharsets;
import java.security.KeyPair;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;

/** Many nodes that join at once with the same token, and something that happens at a certain point of it. */
final class JoinRace {
    private static final Duration PATIENCE = Duration.ofMinutes(2);
    private static final long PAUSE_NANOS = TimeUnit.MILLISECONDS.toNanos(50);
    private static final SecureRandom RANDOM = new SecureRandom();

    /**
     * How it went for one of them.
     *
     * @param audited the request id that the audit chain has for it
     * @param ending the id of the node, or the reason of the refusal
     * @param unknown how often it was not told whether it is in, and asked the same again
     */
    record Finish(String audited, String ending, int unknown) {
        boolean admitted() {
            return ending.startsWith("n-");
        }
    }

    private final List<ControlClient> managers;
    private final int happensAt;
    private final Runnable event;
    private final AtomicInteger steps = new AtomicInteger();

    /**
     * @param managers a client for each; the racers begin with one each in turn, and go on to the next
     * @param happensAt how many of all beginnings and endings of joins there are when the event happens
     */
    JoinRace(List<ControlClient> managers, int happensAt, Runnable event) {
        this.managers = managers;
        this.happensAt = happensAt;
        this.event = event;
    }

    /** Runs it to its end: everyone is admitted or refused. */
    List<Finish> run(String token, int racers) throws Exception {
        List<JoinRequest> requests = new ArrayList<>();
        List<String> audited = new ArrayList<>();
        for (int i = 0; i < racers; i++) {
            KeyPair pair = Keys.generateP256();
            JoinRequest request = request(token, pair);
            requests.add(request);
            audited.add(audited(request, pair));
        }
        ExecutorService threads = Executors.newFixedThreadPool(racers);
        try {
            CountDownLatch start = new CountDownLatch(1);
            List<Future<Finish>> running = new ArrayList<>();
            for (int i = 0; i < racers; i++) {
                int racer = i;
                running.add(threads.submit(() -> {
                    start.await();
                    step();
                    Finish finish = join(requests.get(racer), audited.get(racer), racer);
                    step();
                    return finish;
                }));
            }
            start.countDown();
            List<Finish> finishes = new ArrayList<>();
            for (Future<Finish> each : running) {
                finishes.add(each.get(2 * PATIENCE.toSeconds(), TimeUnit.SECONDS));
            }
            return finishes;
        } finally {
            threads.shutdownNow();
        }
    }

    private void step() {
        if (steps.incrementAndGet() == happensAt) {
            event.run();
        }
    }

    /** Goes on with the same request, from manager to manager, until one decides. */
    private Finish join(JoinRequest request, String audited, int racer) {
        long deadline = System.nanoTime() + PATIENCE.toNanos();
        int unknown = 0;
        for (int attempt = 0; ; attempt++) {
            try {
                JoinAnswer answer = managers.get((racer + attempt) % managers.size())
                        .call("POST", "/v1/join", request, JoinAnswer.class);
                return new Finish(audited, answer.node().id().text(), unknown);
            } catch (ControlException e) {
                if (e.isRefusal()) {
                    return new Finish(audited, e.slug(), unknown);
                }
                assertTrue(System.nanoTime() < deadline, "nobody decides: " + e.getMessage());
                unknown += e.isWithoutEffect() ? 0 : 1;
                LockSupport.parkNanos(PAUSE_NANOS);
            }
        }
    }

    static JoinRequest request(String token, KeyPair pair) {
        return new JoinRequest(
                new RequestId(UUID.randomUUID().toString()),
                token,
                Role.PEER,
                null,
                new NodeKeys(newKey(), newKey()),
                new NodeEndpoints(List.of(Address.parse("192.0.2.1")), 51820, 51821),
                null,
                Certificates.request(pair));
    }

    private static PublicKey newKey() {
        byte[] bytes = new byte[PublicKey.BYTES];
        RANDOM.nextBytes(bytes);
        return PublicKey.of(bytes);
    }

    /** As the managers bind the asker's key to its request. */
    private static String audited(JoinRequest request, KeyPair pair) {
        Bytes bound = Bytes.sha256(
                request.request().text().getBytes(StandardCharsets.UTF_8),
                new byte[1],
                pair.getPublic().getEncoded());
        return "join:" + bound.hex();
    }
}
