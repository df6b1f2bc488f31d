package io.wgfabric.scale.agents;

import io.wgfabric.api.Revision;
import io.wgfabric.core.codec.Json;
import io.wgfabric.core.crypto.CryptoException;
import io.wgfabric.core.netmap.GapException;
import io.wgfabric.core.netmap.SignedNetmap;
import io.wgfabric.core.netmap.VerifiedNetmap;
import io.wgfabric.core.presence.Presence;
import io.wgfabric.core.wire.Heartbeat;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.net.http.HttpResponse.BodySubscribers;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Executor;
import java.util.concurrent.Flow;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * A member of the fabric that has no tunnel. It follows one manager's watch stream over a connection of its own, asks the
 * next one when that ends or is silent, with an agent's waits, and sends heartbeats. What it hears it takes as it comes;
 * some verify every line as an agent does.
 */
final class LightAgent {
    /** An agent's: of a connection, and after a round of managers that were slower; of silence, and of waits. */
    private static final Duration CONNECT = Duration.ofMillis(1_500);

    private static final Duration LONG_CONNECT = Duration.ofSeconds(8);
    private static final int OK = 200;
    private static final Duration ANSWER = Duration.ofSeconds(12);
    private static final long SILENCE_NANOS = Duration.ofSeconds(5).toNanos();
    private static final long GUARD_MILLIS = 500;
    private static final long MIN_PAUSE_MILLIS = 100;
    private static final long MAX_PAUSE_MILLIS = 3_000;

    /** When which revision was heard of first. */
    private record Heard(long revision, long nanos) {}

    /** A line with a full configuration. */
    private record Full(String netmap, @Nullable List<String> deltas) {}

    private final Membership membership;
    private final List<String> managers;
    private final HttpClient client;
    private final ScheduledExecutorService timer;
    private final Counts counts;
    private final List<Future<?>> tasks = new CopyOnWriteArrayList<>();

    /** Guarded by this. */
    private final List<Heard> heard = new ArrayList<>();

    private final boolean verifies;

    private volatile Told told;
    private volatile @Nullable VerifiedNetmap verified;
    private volatile int at;
    private volatile long lastLineNanos = System.nanoTime();
    private volatile @Nullable Lines stream;
    private volatile @Nullable Runnable firstLine;
    private volatile boolean closed;

    /** Guarded by this, like the next. */
    private int failures;

    private long pauseMillis = MIN_PAUSE_MILLIS;

    /**
     * @param managers the first is asked first
     * @param executor where all agents' connections do their work
     * @param verifies whether it believes only what is signed
     */
    LightAgent(
            Membership membership,
            List<String> managers,
            Executor executor,
            ScheduledExecutorService timer,
            Counts counts,
            boolean verifies) {
        this.membership = membership;
        this.managers = List.copyOf(managers);
        this.timer = timer;
        this.counts = counts;
        this.verifies = verifies;
        told = membership.told();
        verified = verifies ? membership.verifier().verify(membership.netmap(), 1) : null;
        client = HttpClient.newBuilder()
                .sslContext(membership.tls())
                .version(HttpClient.Version.HTTP_2)
                .connectTimeout(LONG_CONNECT)
                .executor(executor)
                .build();
    }

    Membership membership() {
        return membership;
    }

    /** What it has, of one that verifies. */
    @Nullable VerifiedNetmap verified() {
        return verified;
    }

    /** @param whenTold runs once, when a manager has told the first thing */
    void start(Runnable whenTold) {
        firstLine = whenTold;
        open();
        long period = Presence.HEARTBEAT.toMillis();
        long offset = ThreadLocalRandom.current().nextLong(period);
        tasks.add(timer.scheduleWithFixedDelay(this::beat, offset, period, TimeUnit.MILLISECONDS));
        tasks.add(timer.scheduleWithFixedDelay(this::guard, period, GUARD_MILLIS, TimeUnit.MILLISECONDS));
    }

    long revision() {
        return told.revision();
    }

    /** Forgets what was heard until now. */
    synchronized void listen() {
        heard.clear();
    }

    /** When it had this revision or a later one, of those since {@link #listen}. */
    synchronized Optional<Long> heardNanos(long revision) {
        return heard.stream()
                .filter(each -> each.revision() >= revision)
                .map(Heard::nanos)
                .findFirst();
    }

    private HttpRequest.Builder request(String path) {
        return HttpRequest.newBuilder(URI.create("https://" + managers.get(at) + path));
    }

    private void open() {
        if (closed) {
            return;
        }
        // A client for each way would be another thread for each agent; up to the answer a stream takes no time else.
        Duration limit = isPatient() ? ANSWER : CONNECT;
        HttpRequest request = request("/v1/watch" + told.query()).timeout(limit).build();
        Lines lines = new Lines();
        stream = lines;
        counts.opened.increment();
        var unused = client.sendAsync(
                        request,
                        info -> info.statusCode() == OK
                                ? BodySubscribers.fromLineSubscriber(lines)
                                : BodySubscribers.replacing(null))
                .whenComplete((answer, failure) -> ended(lines, answer));
    }

    private synchronized boolean isPatient() {
        return failures >= managers.size();
    }

    /** A stream is over, or there was none: the next manager at once, and after a round of them a pause. */
    private synchronized void ended(Lines lines, @Nullable HttpResponse<?> answer) {
        if (stream != lines || closed) {
            return;
        }
        stream = null;
        boolean streamed = lines.subscription != null;
        if (answer != null && !streamed) {
            counts.refused.increment();
        }
        if (streamed) {
            failures = 0;
        } else {
            failures++;
            at = (at + 1) % managers.size();
        }
        if (failures % managers.size() != 0) {
            open();
            return;
        }
        long pause = pauseMillis / 2 + ThreadLocalRandom.current().nextLong(pauseMillis);
        pauseMillis = Math.min(MAX_PAUSE_MILLIS, 2 * pauseMillis);
        var unused = timer.schedule(this::open, pause, TimeUnit.MILLISECONDS);
    }

    /** Ends a stream whose manager has died without a word. */
    private void guard() {
        Lines lines = stream;
        if (lines != null && lines.subscription != null && System.nanoTime() - lastLineNanos > SILENCE_NANOS) {
            counts.silences.increment();
            drop(lines);
        }
    }

    private void drop(Lines lines) {
        lines.cancel();
        ended(lines, null);
    }

    private void beat() {
        Told current = told;
        Revision revision = new Revision(current.revision());
        Heartbeat heartbeat = new Heartbeat(current.epoch(), revision, revision, "light", Heartbeat.NO_TUNNEL, 0);
        HttpRequest request = request("/v1/heartbeat")
                .timeout(Presence.HEARTBEAT)
                .header("Content-Type", "application/json")
                .POST(BodyPublishers.ofByteArray(Json.mapper().writeValueAsBytes(heartbeat)))
                .build();
        var unused = client.sendAsync(request, BodyHandlers.discarding()).whenComplete((answer, failure) -> {
            boolean taken = answer != null && answer.statusCode() < 300;
            (taken ? counts.beats : counts.lostBeats).increment();
        });
    }

    /** One stream. */
    private final class Lines implements Flow.Subscriber<String> {
        private volatile Flow.@Nullable Subscription subscription;

        @Override
        public void onSubscribe(Flow.Subscription begun) {
            lastLineNanos = System.nanoTime();
            subscription = begun;
            begun.request(Long.MAX_VALUE);
        }

        @Override
        public void onNext(String line) {
            lastLineNanos = System.nanoTime();
            hear(this, line);
        }

        @Override
        public void onError(Throwable failure) {
            // The request ends with it.
        }

        @Override
        public void onComplete() {
            // The request ends with it.
        }

        void cancel() {
            Flow.Subscription begun = subscription;
            if (begun != null) {
                begun.cancel();
            }
        }
    }

    private void hear(Lines from, String line) {
        counts.characters.add(line.length());
        Told now = told;
        try {
            if (line.startsWith("{\"signature\":")) {
                counts.deltas.increment();
                now = now.after(line);
                follow(line);
            } else if (line.startsWith("{\"netmap\":")) {
                counts.fulls.increment();
                Full full = Json.mapper().readValue(line, Full.class);
                SignedNetmap signed =
                        new SignedNetmap(full.netmap(), full.deltas() == null ? List.of() : full.deltas());
                now = Told.of(signed);
                verified = verifies ? membership.verifier().verify(signed, 1) : null;
            } else if (line.startsWith("{\"gone\":")) {
                counts.gone.increment();
            }
        } catch (GapException e) {
            counts.gaps.increment();
            now = now.withoutSigner();
            timer.execute(() -> drop(from));
        } catch (CryptoException e) {
            counts.disbelieved.increment();
        }
        took(now);
    }

    private void follow(String line) throws GapException {
        VerifiedNetmap have = verified;
        if (have != null) {
            verified = membership.verifier().follow(have, line, 1);
        }
    }

    private synchronized void took(Told now) {
        if (now.revision() > told.revision()) {
            heard.add(new Heard(now.revision(), System.nanoTime()));
        }
        told = now;
        pauseMillis = MIN_PAUSE_MILLIS;
        Runnable first = firstLine;
        if (first != null) {
            firstLine = null;
            first.run();
        }
    }

    void close() {
        closed = true;
        tasks.forEach(task -> task.cancel(false));
        Lines lines = stream;
        if (lines != null) {
            lines.cancel();
        }
    }
}
