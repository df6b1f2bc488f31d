package io.wgfabric.simulation.lab;

import io.wgfabric.simulation.netns.LabException;
import io.wgfabric.simulation.netns.PingCount;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import tools.jackson.databind.JsonNode;

/** A peer gets new keys while it is talked to. */
final class KeyRotation {
    private static final Duration LIMIT = Duration.ofSeconds(60);
    private static final long POLL_NANOS = TimeUnit.MILLISECONDS.toNanos(100);

    private final Fleet fleet;
    private final Report report;

    KeyRotation(Fleet fleet, Report report) {
        this.fleet = fleet;
        this.report = report;
    }

    /** The public keys of both planes. */
    private record KeyPair(String main, String spare) {
        static KeyPair of(JsonNode node) {
            JsonNode keys = node.path("keys");
            return new KeyPair(
                    keys.path("main").asString(""), keys.path("spare").asString(""));
        }

        boolean differsFrom(KeyPair other) {
            return !main.equals(other.main) && !spare.equals(other.spare);
        }
    }

    String rotate(LabNode node, LabNode other, LabNode manager) {
        KeyPair before = KeyPair.of(fleet.ask(manager, "node", "show", node.name()));
        try (Traffic traffic = Traffic.between(node, other)) {
            long start = System.nanoTime();
            fleet.ask(manager, "node", "rotate", node.name());
            KeyPair after = awaitEnd(node, manager, before, start);
            Duration took = Times.since(start);
            PingCount count = traffic.stop();
            String figure = Traffic.figure(count) + " both ways, " + Times.text(took);
            report.check("key rotation of " + node + " under traffic", count.lost() == 0, figure);
            boolean used =
                    node.host().require("wg", "show", "all", "public-key").out().contains(after.main());
            report.check(
                    node + " has new keys",
                    used && after.differsFrom(before),
                    "main " + shortened(before.main()) + " became " + shortened(after.main()) + ", spare "
                            + shortened(before.spare()) + " became " + shortened(after.spare()));
            return figure;
        }
    }

    private KeyPair awaitEnd(LabNode node, LabNode manager, KeyPair before, long start) {
        while (Times.since(start).compareTo(LIMIT) < 0) {
            JsonNode shown = fleet.ask(manager, "node", "show", node.name());
            KeyPair now = KeyPair.of(shown);
            if (shown.path("rotation").isMissingNode() || shown.path("rotation").isNull()) {
                if (now.differsFrom(before)) {
                    return now;
                }
            }
            LockSupport.parkNanos(POLL_NANOS);
        }
        throw new LabException("the rotation of " + node + " is not over after " + LIMIT.toSeconds() + " s");
    }

    private static String shortened(String key) {
        return key.substring(0, Math.min(8, key.length())) + "…";
    }
}
