package io.wgfabric.javalin.rest;

import io.wgfabric.api.Edition;
import io.wgfabric.api.Fabric;
import io.wgfabric.api.FabricView;
import io.wgfabric.api.Node;
import io.wgfabric.api.RemovedNode;
import io.wgfabric.api.Revision;
import io.wgfabric.api.SigningKey;
import io.wgfabric.core.codec.Json;
import io.wgfabric.core.netmap.NetmapViews;
import io.wgfabric.core.netmap.PublishedNetmap;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.nio.charset.StandardCharsets;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * Tells all watchers when the configuration changes. One thread notices a change, has it signed and encoded once, and
 * drops the same announcement into every watcher's slot; other threads encrypt and send. So no client, however slow,
 * holds up the state or another client.
 */
final class WatchHub implements AutoCloseable {
    /** After so much silence a stream gets a ping, so that both ends know that it lives. */
    static final Duration PING = Duration.ofSeconds(2);

    /** A client that takes nothing for so long is dropped; it comes back and gets the newest state. */
    static final Duration STALL = Duration.ofSeconds(10);

    /** A manager that knows no leader for so long hears of no change, so its clients shall ask another. */
    static final Duration LEADERLESS = Duration.ofSeconds(5);

    /** A change is told at once, and those that follow it within so long together. */
    static final Duration TOGETHER = Duration.ofMillis(20);

    /** How many streams one manager serves. */
    static final int MAX_WATCHERS = 20_000;

    private static final Logger LOGGER = System.getLogger(WatchHub.class.getName());

    /**
     * A stream's last line.
     *
     * @param gone why its node is told no more
     * @param epoch of the state that says so
     * @param revision of it: a node that knows newer ignores it
     */
    private record Gone(String gone, long epoch, Revision revision) {}

    private final Core core;
    private final Set<Watcher> watchers = ConcurrentHashMap.newKeySet();

    /** Those of the watchers whose nodes wait for approval: what becomes of them is in no configuration. */
    private final Set<Watcher> waiting = ConcurrentHashMap.newKeySet();

    private final AtomicInteger count = new AtomicInteger();
    private final ScheduledExecutorService publisher;
    private final ExecutorService writers;
    private final AtomicBoolean publishing = new AtomicBoolean();
    private final Fabric.Subscription subscription;
    private final long stallNanos;

    /** Touched by the publisher's thread alone, like the next. */
    private @Nullable Announcement newest;

    private long publishedNanos = System.nanoTime() - TOGETHER.toNanos();

    /** When a leader was last known. Touched by the publisher's thread alone. */
    private long ledNanos = System.nanoTime();

    private volatile @Nullable String unfit;

    WatchHub(Core core, Duration stall) {
        this.core = core;
        stallNanos = stall.toNanos();
        publisher = Executors.newSingleThreadScheduledExecutor(task -> daemon(task, "fabric-publish"));
        int threads = Math.max(2, Math.min(4, Runtime.getRuntime().availableProcessors()));
        writers = Executors.newFixedThreadPool(threads, task -> daemon(task, "fabric-watch"));
        subscription = core.fabric().watch(view -> changed());
        var unused = publisher.scheduleWithFixedDelay(this::tend, 250, 250, TimeUnit.MILLISECONDS);
    }

    private static Thread daemon(Runnable task, String name) {
        Thread thread = new Thread(task, name);
        thread.setDaemon(true);
        return thread;
    }

    int size() {
        return count.get();
    }

    /** Why this manager can tell nobody what is decided, or null while it can. */
    @Nullable String unfit() {
        return unfit;
    }

    /** The generation of the authority that a verified certificate is from; while there was but one, nothing is computed. */
    int authorityOf(X509Certificate certificate) {
        return core.fabric().view().signing(SigningKey.AUTHORITY).newest() == 1
                ? 1
                : core.keyring().authorities().generationOf(certificate);
    }

    ExecutorService writers() {
        return writers;
    }

    /** Takes a place for a watcher; false if there is none left. */
    boolean reserve() {
        if (count.incrementAndGet() > MAX_WATCHERS) {
            count.decrementAndGet();
            return false;
        }
        return true;
    }

    /** Begins to serve a watcher that has a place, with the configuration as it is now. */
    void add(Watcher watcher) {
        watchers.add(watcher);
        // A client that went before it was added was taken out too early, and nothing would take it out again.
        if (watcher.isOver()) {
            watchers.remove(watcher);
            return;
        }
        onPublisher(() -> {
            publish();
            greet(watcher);
        });
    }

    /** Gives a watcher's place back. */
    void remove(Watcher watcher) {
        watchers.remove(watcher);
        waiting.remove(watcher);
        count.decrementAndGet();
    }

    private void greet(Watcher watcher) {
        Announcement current = newest;
        if (current != null) {
            tell(core.fabric().view(), watcher, current);
        }
    }

    /** What a node is told: the same as all others, or, as a spoke, what was signed for it alone. */
    private Announcement announcement(FabricView view, Watcher watcher, Announcement forAll) {
        if (!NetmapViews.isSpoke(view, watcher.node())) {
            return forAll;
        }
        PublishedNetmap published =
                core.netmaps().at(view, watcher.node(), watcher.told().seen()).orElseThrow();
        Announcement last = watcher.last();
        return last != null && last.published() == published ? last : new Announcement(published);
    }

    private void changed() {
        if (publishing.compareAndSet(false, true)) {
            onPublisher(this::publishInTime);
        }
    }

    private void publishInTime() {
        long early = TOGETHER.toNanos() - (System.nanoTime() - publishedNanos);
        if (early <= 0) {
            publish();
            return;
        }
        var unused = publisher.schedule(() -> onPublisher(this::publish), early, TimeUnit.NANOSECONDS);
    }

    private void onPublisher(Runnable task) {
        try {
            publisher.execute(() -> {
                try {
                    task.run();
                } catch (RuntimeException e) {
                    LOGGER.log(Level.WARNING, "a change was not published", e);
                }
            });
        } catch (RejectedExecutionException e) {
            LOGGER.log(Level.DEBUG, "closing: nothing is published any more");
        }
    }

    private void publish() {
        publishing.set(false);
        publishedNanos = System.nanoTime();
        FabricView view = core.fabric().view();
        PublishedNetmap published = core.netmaps().at(view, newestSeenAt(view)).orElse(null);
        if (published == null) {
            return;
        }
        Announcement last = newest;
        // The same object means that nothing changed which nodes are told: the membership of those in it neither.
        boolean news = last == null || last.published() != published;
        Announcement current = last == null || news ? new Announcement(published) : last;
        newest = current;
        for (Watcher watcher : news ? watchers : waiting) {
            tell(view, watcher, current);
        }
    }

    /** The newest of all that any node but a spoke was told, by another manager maybe, of what this one knows of too. */
    private Edition newestSeenAt(FabricView view) {
        Edition edition = view.edition();
        Edition newestSeen = Edition.NONE;
        for (Watcher watcher : watchers) {
            Edition seen = watcher.told().seen();
            if (NetmapViews.isSpoke(view, watcher.node())) {
                continue;
            }
            if (newestSeen.isBefore(seen) && !edition.isBefore(seen)) {
                newestSeen = seen;
            }
        }
        return newestSeen;
    }

    private void tell(FabricView view, Watcher watcher, Announcement announcement) {
        Optional<Node> node = view.node(watcher.node());
        if (node.isPresent() && node.get().isPending()) {
            if (waiting.add(watcher)) {
                watcher.retract();
                watcher.offer(encode(Map.of("pending", Who.waiting(node.get()))));
            }
            // It may have ended in between, and nothing would take it out again.
            if (watcher.isOver()) {
                waiting.remove(watcher);
            }
            return;
        }
        waiting.remove(watcher);
        if (node.isPresent() && node.get().isActive()) {
            watcher.announce(announcement(view, watcher, announcement));
        } else {
            String why = node.map(n -> "quarantined: " + n.stateCause())
                    .orElseGet(() -> "removed: "
                            + view.removedNode(watcher.node())
                                    .map(RemovedNode::cause)
                                    .orElse("it is no member any more"));
            watcher.finish(encode(new Gone(why, view.edition().epoch(), view.revision())));
        }
    }

    /** Pings who heard nothing, drops who takes nothing, and all of them when this manager itself hears nothing. */
    private void tend() {
        try {
            String why = whyUnfit();
            unfit = why;
            if (why != null) {
                watchers.forEach(watcher -> watcher.drop(why));
                return;
            }
            Instant now = core.clock().instant();
            int oldest = core.fabric().view().signing(SigningKey.AUTHORITY).oldest();
            byte[] ping = encode(Map.of("ping", core.fabric().view().revision()));
            for (Watcher watcher : watchers) {
                if (watcher.isExpired(now)) {
                    watcher.drop("the certificate of this stream has expired");
                } else if (watcher.isBefore(oldest)) {
                    watcher.drop("the certificate of this stream is from an authority that is retired");
                } else if (watcher.isStalled(stallNanos)) {
                    watcher.drop("the client has read nothing for " + stallNanos / 1_000_000_000 + " s");
                } else {
                    watcher.ping(ping, PING.toNanos());
                }
            }
        } catch (RuntimeException e) {
            LOGGER.log(Level.WARNING, "watch streams were not tended", e);
        }
    }

    private @Nullable String whyUnfit() {
        if (core.fabric().halted() != null) {
            return "this manager has stopped; ask another";
        }
        long now = System.nanoTime();
        if (core.fabric().log().status().leader() != null) {
            ledNanos = now;
        }
        return now - ledNanos >= LEADERLESS.toNanos() ? "this manager knows no leader; ask another" : null;
    }

    private static byte[] encode(Object message) {
        return (Json.mapper().writeValueAsString(message) + "\n").getBytes(StandardCharsets.UTF_8);
    }

    @Override
    public void close() {
        subscription.close();
        publisher.shutdownNow();
        watchers.forEach(watcher -> watcher.drop("this manager stops"));
        writers.shutdownNow();
    }
}
