package io.wgfabric.scale.chaos;

import io.wgfabric.scale.chaos.Parcel.End;
import io.wgfabric.scale.chaos.Parcel.Reply;
import java.time.Duration;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/** How a client asks: its manager first, then any, always under the same request id. Thread-safe. */
final class Asker {
    private static final Duration TIMEOUT = Duration.ofMillis(2_500);
    private static final long PAUSE_NANOS = TimeUnit.MILLISECONDS.toNanos(40);

    /** @param key the request id */
    record Request(
            String method,
            String path,
            String key,
            @Nullable Object body) {}

    /** What a client knows after it has asked. */
    sealed interface Told {}

    /** @param slug of the problem, or empty */
    record Answer(int status, JsonNode body, String slug) implements Told {
        boolean ok() {
            return status < 300;
        }
    }

    /** Nothing was done. */
    record NotDone() implements Told {}

    /** It may have been done. */
    record Unknown() implements Told {}

    private final ChaosCluster cluster;
    private final Ledger ledger;

    Asker(ChaosCluster cluster, Ledger ledger) {
        this.cluster = cluster;
        this.ledger = ledger;
    }

    /** Once. */
    Told once(ManagerHost host, Request request) {
        return told(cluster.ask(host, request.method(), request.path(), request.key(), request.body(), TIMEOUT));
    }

    private Told told(Reply reply) {
        if (reply.end() == End.NOT_CONNECTED) {
            return new NotDone();
        }
        if (reply.end() == End.NO_ANSWER) {
            return new Unknown();
        }
        JsonNode body = ChaosCluster.tree(reply.body().isEmpty() ? "{}" : reply.body());
        String type = body.path("type").asString("");
        String slug = type.substring(type.lastIndexOf(':') + 1);
        if (reply.status() == 503 && slug.equals("unavailable")) {
            return new NotDone();
        }
        if (reply.status() >= 500) {
            if (reply.status() != 503) {
                ledger.internalErrors.increment();
                System.out.println("internal error: " + reply.status() + " " + reply.body());
            }
            return new Unknown();
        }
        return new Answer(reply.status(), body, slug);
    }

    /** Until it is answered, for at most a while. */
    Told until(ManagerHost first, Request request, Random random, Duration patience) {
        long deadline = System.nanoTime() + patience.toNanos();
        boolean maybe = false;
        ManagerHost host = first;
        while (true) {
            Told told = once(host, request);
            if (told instanceof Answer) {
                return told;
            }
            maybe |= told instanceof Unknown;
            if (System.nanoTime() > deadline || Thread.currentThread().isInterrupted()) {
                return maybe ? new Unknown() : new NotDone();
            }
            LockSupport.parkNanos(PAUSE_NANOS);
            List<ManagerHost> members = cluster.members();
            host = members.get(random.nextInt(members.size()));
        }
    }
}
