package io.wgfabric.simulation.lab;

import io.wgfabric.simulation.netns.LabException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Collectors;

/** The fabric comes into being, from the first manager to the last peer. */
final class Joining {
    private final Fleet fleet;
    private final Steps steps;

    Joining(Fleet fleet, Steps steps) {
        this.fleet = fleet;
        this.steps = steps;
    }

    String bootstrap() {
        LabNode first = fleet.managers().get(0);
        Duration took = fleet.found(first);
        first.joined(took);
        first.readOverlay();
        return first + " serves at " + first.host().address();
    }

    /** The managers join one after another while the others serve. */
    String managers(String token) {
        List<LabNode> joining = fleet.managers().stream().skip(1).toList();
        for (LabNode node : joining) {
            steps.activity(node + " joins");
            node.joined(fleet.joinManager(node, token));
        }
        return joining.stream()
                .map(node -> node + " " + node.joinedIn().map(Times::text).orElse("-"))
                .collect(Collectors.joining(", "));
    }

    /** The peers join as they come, a few at once. */
    String peers(List<LabNode> joining, String token, LabNode target) throws InterruptedException {
        ExecutorService workers = Executors.newFixedThreadPool(Reachability.parallelism());
        try {
            List<Future<Duration>> pending = new ArrayList<>();
            for (LabNode node : joining) {
                pending.add(workers.submit(() -> {
                    Duration took = fleet.joinPeer(node, token, target);
                    steps.activity(node + " joined");
                    return took;
                }));
            }
            List<Duration> times = new ArrayList<>();
            for (Future<Duration> each : pending) {
                times.add(each.get());
            }
            return "start to first ping: median " + Times.text(Times.median(times)) + ", worst "
                    + Times.text(Times.worst(times));
        } catch (ExecutionException e) {
            if (e.getCause() instanceof LabException failure) {
                throw failure;
            }
            throw new LabException("a peer did not join: " + e.getCause(), e);
        } finally {
            workers.shutdownNow();
        }
    }
}
