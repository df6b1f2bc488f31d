package io.wgfabric.scale.agents;

import io.wgfabric.agent.ControlClient;
import io.wgfabric.agent.ControlException;
import io.wgfabric.api.NodeEndpoints;
import io.wgfabric.core.netmap.VerifiedNetmap;
import io.wgfabric.scale.report.Event;
import io.wgfabric.scale.report.RunReport;
import io.wgfabric.scale.report.Series;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;

/** All light agents of a run: lets them join, changes something, and sees when each has heard of it. */
final class Fleet implements AutoCloseable {
    /** One in so many verifies what it hears. */
    private static final int VERIFIES = 50;

    private static final int FIRST_PORT = 20_000;
    private static final long POLL_NANOS = TimeUnit.MILLISECONDS.toNanos(5);
    private static final Duration DECIDED = Duration.ofMinutes(3);

    /** What a node tells of where it is. */
    private record NewReach(NodeEndpoints endpoints) {}

    /**
     * A change that all shall hear of.
     *
     * @param revision of a configuration that has it
     * @param startNanos before it was asked for
     */
    record Changed(long revision, long startNanos) {}

    private final List<String> managers;
    private final RunReport report;
    private final ExecutorService work =
            Executors.newFixedThreadPool(4 * Runtime.getRuntime().availableProcessors(), Fleet::daemon);
    private final ScheduledExecutorService timer = Executors.newScheduledThreadPool(2, Fleet::daemon);
    private final List<LightAgent> agents = Collections.synchronizedList(new ArrayList<>());
    private final Counts counts = new Counts();
    private int changes;

    Fleet(List<String> managers, RunReport report) {
        this.managers = List.copyOf(managers);
        this.report = report;
    }

    private static Thread daemon(Runnable task) {
        Thread thread = new Thread(task, "light-agents");
        thread.setDaemon(true);
        return thread;
    }

    Counts counts() {
        return counts;
    }

    List<LightAgent> agents() {
        return List.copyOf(agents);
    }

    /**
     * Lets so many join, some at a time; each opens its stream as soon as it has joined.
     *
     * @return how long it took until the last had joined
     */
    Duration join(int count, String token, int together, Duration limit) throws InterruptedException {
        ExecutorService joining = Executors.newFixedThreadPool(together, Fleet::daemon);
        CountDownLatch told = new CountDownLatch(count);
        long start = System.nanoTime();
        try {
            for (int i = 0; i < count; i++) {
                int number = i;
                joining.execute(() -> join(number, token, told));
            }
            joining.shutdown();
            if (!joining.awaitTermination(limit.toMillis(), TimeUnit.MILLISECONDS)) {
                throw new IllegalStateException(agents.size() + " of " + count + " agents joined in time");
            }
        } finally {
            joining.shutdownNow();
        }
        Duration took = Duration.ofNanos(System.nanoTime() - start);
        if (!told.await(limit.toMillis(), TimeUnit.MILLISECONDS)) {
            throw new IllegalStateException(told.getCount() + " agents heard nothing");
        }
        return took;
    }

    private void join(int number, String token, CountDownLatch told) {
        String name = "light-" + (number + 1);
        report.event(Event.Kind.STARTED, name);
        long start = System.nanoTime();
        List<String> order = new ArrayList<>(managers);
        Collections.rotate(order, number % managers.size());
        Membership membership = null;
        while (membership == null) {
            try {
                membership = Membership.join(name, token, order, Membership.endpoints(number, FIRST_PORT));
            } catch (ControlException e) {
                if (e.isRefusal()) {
                    throw e;
                }
            }
        }
        report.series("join: from new keys to the certificate").recordSince(start);
        report.event(Event.Kind.JOINED, name);
        LightAgent agent = new LightAgent(membership, order, work, timer, counts, number % VERIFIES == 0);
        agents.add(agent);
        Series series = report.series("join: from new keys to the first line of the stream");
        agent.start(() -> {
            series.recordSince(start);
            told.countDown();
        });
    }

    /**
     * An agent that verifies, and so knows what is in its configuration, moves to another port, through these managers; asks until one has decided.
     *
     * @param acknowledged gets how long that took
     */
    Changed change(List<String> through, Series acknowledged) {
        agents().forEach(LightAgent::listen);
        LightAgent mover = agents().stream()
                .filter(agent -> agent.verified() != null)
                .findFirst()
                .orElseThrow();
        changes++;
        int port = FIRST_PORT + 2 * changes;
        ControlClient client = new ControlClient(mover.membership().tls(), through, null);
        NodeEndpoints endpoints = Membership.endpoints(0, port);
        String path = "/v1/nodes/" + mover.membership().node().id() + "/reach";
        long start = System.nanoTime();
        insist(client, path, new NewReach(endpoints));
        acknowledged.recordSince(start);
        if (!await(DECIDED, () -> has(mover, port))) {
            throw new IllegalStateException("a change that was acknowledged is in no configuration");
        }
        return new Changed(mover.revision(), start);
    }

    private static boolean has(LightAgent node, int port) {
        VerifiedNetmap netmap = node.verified();
        return netmap != null
                && netmap.netmap()
                        .member(node.membership().node().id())
                        .map(member -> member.endpoints().mainPort() == port)
                        .orElse(false);
    }

    private static void insist(ControlClient client, String path, NewReach body) {
        long deadline = System.nanoTime() + DECIDED.toNanos();
        while (true) {
            try {
                client.call("PUT", path, body, Void.class);
                return;
            } catch (ControlException e) {
                if (e.isRefusal() || System.nanoTime() > deadline) {
                    throw e;
                }
            }
        }
    }

    /**
     * Waits until all have it.
     *
     * @param series gets for each agent when it had it
     * @param sinceNanos from when on that is counted
     * @return how many do not have it by then
     */
    long awaitAll(Changed changed, Series series, long sinceNanos, Duration limit) {
        List<LightAgent> all = agents();
        var unused = await(limit, () -> all.stream().allMatch(agent -> agent.revision() >= changed.revision()));
        for (LightAgent agent : all) {
            agent.heardNanos(changed.revision())
                    .ifPresent(nanos -> series.record(Duration.ofNanos(nanos - sinceNanos)));
        }
        return all.stream()
                .filter(agent -> agent.revision() < changed.revision())
                .count();
    }

    private static boolean await(Duration limit, BooleanSupplier condition) {
        long deadline = System.nanoTime() + limit.toNanos();
        while (!condition.getAsBoolean()) {
            if (System.nanoTime() > deadline) {
                return false;
            }
            LockSupport.parkNanos(POLL_NANOS);
        }
        return true;
    }

    @Override
    public void close() {
        agents().forEach(LightAgent::close);
        timer.shutdownNow();
        work.shutdownNow();
    }
}
