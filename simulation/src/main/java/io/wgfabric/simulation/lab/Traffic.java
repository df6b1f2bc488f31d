package io.wgfabric.simulation.lab;

import io.wgfabric.simulation.containers.FabricNode;
import io.wgfabric.simulation.netns.Flow;
import io.wgfabric.simulation.netns.LabException;
import io.wgfabric.simulation.netns.PingCount;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/** Echo requests both ways between two nodes, over the overlay, while something is done to the fabric. */
final class Traffic implements AutoCloseable {
    private static final Duration INTERVAL = Duration.ofMillis(20);
    private static final Duration LIMIT = Duration.ofSeconds(20);
    private static final long POLL_NANOS = TimeUnit.MILLISECONDS.toNanos(20);

    /** So much is seen to flow before and after. */
    private static final int MARGIN = 25;

    private final List<Flow> flows;

    private Traffic(List<Flow> flows) {
        this.flows = flows;
    }

    /** Returns once answers flow both ways. */
    static Traffic between(LabNode one, LabNode other) {
        return flowing(List.of(
                one.host().ping(other.v4().orElseThrow(), INTERVAL),
                other.host().ping(one.v4().orElseThrow(), INTERVAL)));
    }

    /** Returns once answers flow both ways. */
    static Traffic between(FabricNode<?> one, FabricNode<?> other) {
        return flowing(List.of(
                one.echo(other.overlay().get(0), INTERVAL),
                other.echo(one.overlay().get(0), INTERVAL)));
    }

    private static Traffic flowing(List<Flow> flows) {
        Traffic traffic = new Traffic(flows);
        traffic.awaitMore();
        return traffic;
    }

    private void awaitMore() {
        long deadline = System.nanoTime() + LIMIT.toNanos();
        for (Flow flow : flows) {
            long wanted = flow.answers() + MARGIN;
            while (flow.answers() < wanted) {
                if (System.nanoTime() > deadline) {
                    throw new LabException("no answers flow over the overlay");
                }
                LockSupport.parkNanos(POLL_NANOS);
            }
        }
    }

    /** Lets it flow a little longer, ends it and counts both ways together. */
    PingCount stop() {
        awaitMore();
        PingCount sum = new PingCount(0, 0, 0);
        for (Flow flow : flows) {
            PingCount count = flow.stop();
            sum = new PingCount(
                    sum.sent() + count.sent(),
                    sum.lost() + count.lost(),
                    Math.max(sum.longestRun(), count.longestRun()));
        }
        return sum;
    }

    static String figure(PingCount count) {
        return count.lost() + " of " + count.sent() + " packets lost"
                + (count.lost() == 0
                        ? ""
                        : ", at most " + count.longestRun() * INTERVAL.toMillis() + " ms without an answer");
    }

    @Override
    public void close() {
        flows.forEach(Flow::close);
    }
}
