package io.wgfabric.simulation.lab;

import io.wgfabric.simulation.netns.LabException;
import io.wgfabric.simulation.netns.PingCount;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/** The leader is killed under traffic, the others go on, and it comes back. */
final class Failover {
    private static final Duration LIMIT = Duration.ofSeconds(45);
    private static final long POLL_NANOS = TimeUnit.MILLISECONDS.toNanos(100);

    private final Fleet fleet;
    private final Steps steps;
    private @Nullable LabNode killed;
    private long killedAt;
    private @Nullable Traffic traffic;

    Failover(Fleet fleet, Steps steps) {
        this.fleet = fleet;
        this.steps = steps;
    }

    private LabNode killed() {
        LabNode node = killed;
        if (node == null) {
            throw new IllegalStateException("no manager was killed yet");
        }
        return node;
    }

    LabNode survivor() {
        return fleet.managers().stream()
                .filter(node -> node != killed)
                .findFirst()
                .orElseThrow(() -> new LabException("no manager survives"));
    }

    List<LabNode> alive() {
        return fleet.nodes().stream().filter(node -> node != killed).toList();
    }

    /** Kills the leader's process; its interface stays with the system, or with its own process. */
    String kill() {
        LabNode leader = fleet.leader(fleet.managers().get(0));
        traffic = Traffic.between(fleet.peers().get(0), fleet.peers().get(1));
        leader.process().destroyForcibly();
        leader.setState("killed");
        killedAt = System.nanoTime();
        killed = leader;
        return leader + " was the leader";
    }

    /** Tries until a manager gives out a token; answers the token. */
    Fleet.Issued takeOver(Duration usual) {
        long start = System.nanoTime();
        LabException last = new LabException("never tried");
        while (Times.since(start).compareTo(LIMIT) < 0) {
            try {
                Fleet.Issued issued = fleet.createToken(survivor(), "peer", 1);
                String figure = killed == null
                        ? Times.text(Times.since(start)) + " for a new token"
                        : Times.text(Times.since(killedAt)) + " from the kill to a new token";
                steps.report()
                        .check(
                                "a manager decides after the kill",
                                true,
                                figure + "; before the kill it took " + Times.text(usual));
                return issued;
            } catch (LabException e) {
                last = e;
            }
        }
        throw last;
    }

    /** Ends the traffic that went on since before the kill. */
    String countLosses(String during) {
        Traffic flowing = traffic;
        if (flowing == null) {
            throw new IllegalStateException("no traffic flows");
        }
        PingCount count = flowing.stop();
        steps.report().check("tunnels across " + during, count.lost() == 0, Traffic.figure(count));
        return Traffic.figure(count);
    }

    /** The killed manager starts from its folder and catches up. */
    String comeBack() {
        LabNode back = killed();
        Duration took = fleet.restart(back);
        killed = null;
        return back + " serves again after " + Times.text(took);
    }

    /** Every manager has the same revision and the same digest of its state. */
    String checkAgreement() {
        long start = System.nanoTime();
        List<String> shown = new ArrayList<>();
        while (Times.since(start).compareTo(LIMIT) < 0) {
            Set<String> different = new HashSet<>();
            shown.clear();
            for (LabNode manager : fleet.managers()) {
                JsonNode status = fleet.ask(manager, "status");
                String digest = status.path("digest").asString("");
                String state = "revision " + status.path("revision").asLong(-1) + ", digest "
                        + digest.substring(0, Math.min(12, digest.length()));
                String answerer = status.path("manager").path("name").asString("");
                different.add(answerer.equals(manager.name()) ? state : manager + " does not answer itself");
                shown.add(manager + ": " + state + ", answered by " + answerer);
            }
            if (different.size() == 1) {
                String figure =
                        different.iterator().next() + " on " + fleet.managers().size() + " managers";
                steps.report().check("all managers hold the same state", true, figure);
                return figure;
            }
            LockSupport.parkNanos(POLL_NANOS);
        }
        steps.report().check("all managers hold the same state", false, shown.toString());
        return "they differ: " + shown;
    }
}
