package io.wgfabric.scale.bench;

import io.wgfabric.simulation.netns.LabNetwork;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.TimeUnit;

/**
 * How fast a lost leader is replaced, and how often one is suspected that lives, by the timing of elections and
 * heartbeats. A cluster for each setting, side by side in one network of namespaces, hurt in turn. An outage is the
 * longest wait of a client of a member that was not hurt; nothing is asked twice. A false suspicion is a term that grew
 * without a fault.
 */
public final class Detection {
    private static final int BUSY = 4;

    /** A timing in milliseconds. */
    record Setting(int election, int heartbeat) {
        @Override
        public String toString() {
            return election + "/" + heartbeat;
        }
    }

    /** {@code -Dbench.elections=} says which election timeouts, in ms; a heartbeat is a fifth of it. */
    private static final List<Setting> SETTINGS = Arrays.stream(
                    System.getProperty("bench.elections", "150,300,600,1000").split(",", -1))
            .map(Integer::parseInt)
            .map(election -> new Setting(election, election / 5))
            .toList();

    /** One figure: an outage in milliseconds, or a number of changes. */
    record Figure(String setting, String what, double value, double load) {}

    /** All that was measured. */
    record Result(String machine, List<Figure> figures) {}

    private final Run run;
    private final Map<Setting, LabMembers> clusters = new LinkedHashMap<>();
    private final List<Figure> figures = new ArrayList<>();

    private Detection(Run run) {
        this.run = run;
    }

    /**
     * {@code -Dbench.faults=} says how many of each kind, {@code -Dbench.pauses=} how many pauses, {@code -Dbench.calm=}
     * how many seconds without a fault.
     */
    public static void main(String[] arguments) throws Exception {
        LabNetwork.whyNot().ifPresent(why -> {
            throw new IllegalStateException(why);
        });
        try (Run run = Run.begin("detection");
                LabNetwork network = LabNetwork.open(LabNetwork.Layout.BRIDGE)) {
            Authority authority = new Authority(run.folder().resolve("keys"));
            network.keepLogs(Boolean.getBoolean("bench.keep"));
            Detection detection = new Detection(run);
            for (int i = 0; i < SETTINGS.size(); i++) {
                Setting setting = SETTINGS.get(i);
                detection.clusters.put(
                        setting, LabMembers.start(network, i + 1, authority, setting.election(), setting.heartbeat()));
            }
            detection.measure(Run.number("faults", 10), Run.number("calm", 60));
            detection.report();
        }
    }

    private void measure(int faults, int seconds) throws IOException, InterruptedException {
        rest("changes, idle", seconds);
        List<Process> busy = new ArrayList<>();
        try {
            for (int i = 0; i < BUSY; i++) {
                busy.add(new ProcessBuilder("sh", "-c", "while :; do :; done").start());
            }
            rest("changes, " + BUSY + " busy processes", seconds);
        } finally {
            busy.forEach(Process::destroyForcibly);
        }
        pauses("changes, a follower stops for 2 s", false, 2000);
        pauses("changes, the leader stops for 0.2 s", true, 200);
        pauses("changes, the leader stops for 0.5 s", true, 500);
        for (int i = 0; i < faults; i++) {
            for (Fault fault : Fault.values()) {
                for (Map.Entry<Setting, LabMembers> each : clusters.entrySet()) {
                    Fault.Waits waits = fault.strike(each.getValue());
                    note(each.getKey(), fault.toString(), waits.outage());
                    note(each.getKey(), fault + ", its return", waits.comeback());
                }
            }
        }
    }

    private void note(Setting setting, String what, double value) {
        Figure figure = new Figure(setting.toString(), what, value, run.load());
        figures.add(figure);
        Run.say("%-9s %-36s %6.0f  (load %.1f)", figure.setting(), what, value, figure.load());
    }

    /** All clusters at once, since nothing is done to them. */
    private void rest(String what, int seconds) throws InterruptedException {
        Map<Setting, Long> terms = new LinkedHashMap<>();
        clusters.forEach((setting, members) -> {
            members.awaitCalm();
            terms.put(setting, members.log().highestTerm());
        });
        long begin = System.nanoTime();
        TimeUnit.SECONDS.sleep(seconds);
        clusters.forEach((setting, members) -> {
            ProbeLog log = members.log();
            long before = Objects.requireNonNull(terms.get(setting));
            note(setting, what, (double) (log.highestTerm() - before));
            double gap = 0;
            for (int i = 0; i < Members.COUNT; i++) {
                gap = Math.max(gap, log.longestGapMillis(i, begin));
            }
            note(setting, what.replace("changes", "longest wait ms"), gap);
        });
    }

    private void pauses(String what, boolean ofLeader, long millis) throws InterruptedException {
        int times = Run.number("pauses", 5);
        for (Map.Entry<Setting, LabMembers> each : clusters.entrySet()) {
            int changes = 0;
            for (int i = 0; i < times; i++) {
                changes += Fault.pause(each.getValue(), ofLeader, millis) ? 1 : 0;
            }
            note(each.getKey(), what + " (of " + times + ")", changes);
        }
    }

    private void report() throws IOException {
        List<String> headings = new ArrayList<>(List.of("election/heartbeat, ms"));
        SETTINGS.forEach(setting -> headings.add(setting.toString()));
        Table table = new Table(headings.toArray(String[]::new));
        figures.stream().map(Figure::what).distinct().forEach(what -> {
            List<String> row = new ArrayList<>(List.of(what));
            SETTINGS.forEach(setting -> row.add(cell(setting, what)));
            table.row(row.toArray(String[]::new));
        });
        Run.say("%n%s", table);
        Run.say("Outages in ms: median, least to most of so many. %s", run.machine());
        run.write(new Result(run.machine(), figures));
    }

    private String cell(Setting setting, String what) {
        List<Double> values = figures.stream()
                .filter(figure -> figure.setting().equals(setting.toString())
                        && figure.what().equals(what))
                .map(Figure::value)
                .toList();
        if (values.size() == 1) {
            return String.format(Locale.ROOT, "%.0f", values.get(0));
        }
        return String.format(
                Locale.ROOT,
                "%.0f, %.0f to %.0f of %d",
                Run.median(values),
                values.stream().mapToDouble(value -> value).min().orElse(Double.NaN),
                Run.worst(values),
                values.size());
    }
}
