package io.wgfabric.scale.report;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/** Reports of runs that never were. As a program it writes them, for whoever changes how they look. */
final class Samples {
    private static final Instant THEN = Instant.parse("2026-01-02T03:04:05Z");

    private Samples() {}

    /** @param arguments the folder to write to */
    public static void main(String[] arguments) throws IOException {
        Path folder = Path.of(arguments[0]);
        System.out.println(large().write(folder.resolve("large")));
        System.out.println(small().write(folder.resolve("small")));
    }

    /** 103 nodes, 8 series, a node that is cut off in one direction. */
    static RunReport large() {
        RunReport report = new RunReport("3 managers and 100 peers: the leader killed, ten peers added", THEN);
        Random random = new Random(1);
        List<String> names = names(100);
        report.headline("peers", 100, "");
        report.headline("start to all joined", 47.31, "s");
        report.headline("joins a second", 2.11, "/s");
        report.headline("start to the full mesh", 61.4, "s");
        for (int i = 0; i < names.size(); i++) {
            double joined = i * 0.45 + random.nextDouble();
            Duration began = millis(joined * 1e3);
            report.event(began, Event.Kind.STARTED, names.get(i));
            report.event(began.plusMillis(2_000 + random.nextInt(800)), Event.Kind.JOINED, names.get(i));
            report.event(began.plusMillis(3_000 + random.nextInt(1_800)), Event.Kind.FIRST_HANDSHAKE, names.get(i));
            report.event(began.plusMillis(3_600 + random.nextInt(4_000)), Event.Kind.FIRST_PING, names.get(i));
        }
        report.event(Duration.ofSeconds(64), Event.Kind.KILLED, "m1");
        report.event(Duration.ofSeconds(66), Event.Kind.REVOKED, "token 4711");
        report.event(Duration.ofSeconds(70), Event.Kind.ROTATED, "peer-7");
        report.event(Duration.ofSeconds(83), Event.Kind.RESTARTED, "m1");
        for (int number = 1; number <= 8; number++) {
            Series series = report.series("series " + number + ": process start → first ping");
            for (int i = 0; i < Math.pow(4, number); i++) {
                series.record(millis(number * 30 * Math.exp(random.nextGaussian() / 2)));
            }
        }
        Reach.Builder late = Reach.of(names);
        names.stream().filter(name -> !name.equals("peer-40")).forEach(name -> late.failed("peer-40", name));
        report.reach(
                "while m1 is dead",
                late.failed("peer-3", "peer-90").failed("m1", "m2").build());
        report.machine();
        for (int manager = 1; manager <= 3; manager++) {
            report.fact("m" + manager, "memory at rest", 141.2 + manager, "MiB");
            report.fact("m" + manager, "CPU over 60 s", 1.4 + manager, "%");
        }
        return report;
    }

    /** 5 nodes, one series. */
    static RunReport small() {
        RunReport report = new RunReport("3 managers and 2 peers", THEN);
        List<String> names = names(2);
        Series series = report.series("join");
        for (int i = 0; i < names.size(); i++) {
            report.event(Duration.ofSeconds(i), Event.Kind.JOINED, names.get(i));
            series.record(Duration.ofMillis(800 + 37L * i));
        }
        report.reach("at the end", Reach.of(names).failed("m3", "peer-1").build());
        return report;
    }

    static List<String> names(int peers) {
        List<String> names = new ArrayList<>(List.of("m1", "m2", "m3"));
        for (int i = 1; i <= peers; i++) {
            names.add("peer-" + i);
        }
        return names;
    }

    private static Duration millis(double millis) {
        return Duration.ofNanos((long) (millis * 1e6));
    }
}
