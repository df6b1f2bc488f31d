package io.wgfabric.agent.paths;

import io.wgfabric.api.Address;
import io.wgfabric.api.NodeId;
import io.wgfabric.core.netmap.Netmap;
import java.io.IOException;
import java.net.InetAddress;
import java.time.Duration;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;

/**
 * Echo requests over the overlay, to notice that a way has died: WireGuard itself says so only after minutes. Where raw
 * sockets are not allowed, Java asks TCP's echo port, and a refusal is an answer as good. Thread-safe; {@link #ask} never
 * blocks.
 */
public final class Echoes implements AutoCloseable {
    /** How often a node is asked. */
    static final Duration EVERY = Duration.ofMillis(2_500);

    /** How long an answer may take. */
    static final Duration LIMIT = Duration.ofSeconds(2);

    /** As many nodes can be silent at once without delaying the others. */
    private static final int THREADS = 4;

    /** More are asked less often. */
    private static final int QUEUE = 64;

    private final Map<NodeId, Echo> found = new ConcurrentHashMap<>();
    private final Set<NodeId> underWay = ConcurrentHashMap.newKeySet();
    private final ThreadPoolExecutor threads = new ThreadPoolExecutor(
            THREADS, THREADS, EVERY.toMillis() * 4, TimeUnit.MILLISECONDS, new LinkedBlockingQueue<>(QUEUE), task -> {
                Thread thread = new Thread(task, "fabric-echo");
                thread.setDaemon(true);
                return thread;
            });

    private long lastNanos = System.nanoTime() - EVERY.toNanos();

    /** Without threads until somebody is asked. */
    public Echoes() {
        threads.allowCoreThreadTimeOut(true);
    }

    /** What was found of a node at last. */
    public Echo of(NodeId node) {
        return found.getOrDefault(node, Echo.NONE);
    }

    /** Asks these nodes if it is time again, and forgets those that are no members. */
    public synchronized void ask(Netmap netmap, Set<NodeId> nodes) {
        long now = System.nanoTime();
        if (now - lastNanos < EVERY.toNanos()) {
            return;
        }
        lastNanos = now;
        found.keySet().removeIf(node -> netmap.member(node).isEmpty());
        for (NodeId node : nodes) {
            netmap.member(node)
                    .flatMap(member -> member.addresses().stream().findFirst())
                    .ifPresent(address -> {
                        if (underWay.add(node)) {
                            start(node, address);
                        }
                    });
        }
    }

    private void start(NodeId node, Address address) {
        try {
            threads.execute(() -> {
                try {
                    found.put(node, new Echo(0, roundTrip(address.toInetAddress())));
                } catch (IOException e) {
                    found.merge(
                            node, new Echo(1, null), (before, lost) -> new Echo(before.lost() + 1, before.roundTrip()));
                } finally {
                    underWay.remove(node);
                }
            });
        } catch (RejectedExecutionException e) {
            underWay.remove(node);
        }
    }

    /**
     * Blocks until one echo request is answered.
     *
     * @throws IOException if none came within the limit, or the network refuses
     */
    public static Duration roundTrip(InetAddress address) throws IOException {
        long start = System.nanoTime();
        if (!address.isReachable((int) LIMIT.toMillis())) {
            throw new IOException("no answer");
        }
        return Duration.ofNanos(System.nanoTime() - start);
    }

    @Override
    public void close() {
        threads.shutdownNow();
    }
}
