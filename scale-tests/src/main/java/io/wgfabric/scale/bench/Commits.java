package io.wgfabric.scale.bench;

import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;

/**
 * Commits per second of three members: our log, jgroups-raft as published, etcd. All sync to disk before they
 * acknowledge and speak mutual TLS between members; the client is another process, connected to the leader over
 * plaintext loopback, with values of 128 bytes, 1 and 64 in flight.
 *
 * <p>What differs: the first two have the same small TCP front and keep a counter; etcd has gRPC, is asked through
 * jetcd, and keeps a multi-version store. The systems run side by side and are measured in turn, 2 s each, so that what
 * else the machine does hits all of them; the ratios are of the same round.
 */
public final class Commits {
    private static final String OURS = "ours";
    private static final String STOCK = "jgroups-raft";
    private static final String ETCD = "etcd";
    private static final int SLICE_SECONDS = 2;
    private static final List<Integer> IN_FLIGHT = List.of(1, 64);

    private final Run run;
    private final Map<String, Load> systems = new LinkedHashMap<>();
    private final List<Figure> figures = new ArrayList<>();

    private Commits(Run run) {
        this.run = run;
    }

    /** One system in one round. */
    record Figure(
            int round,
            String system,
            int inFlight,
            double perSecond,
            double p50Millis,
            double p99Millis,
            long failed,
            double load) {}

    /** All that was measured. */
    record Result(String machine, String etcd, int seconds, List<Figure> figures) {}

    /** {@code -Dbench.rounds=}, {@code -Dbench.seconds=} and {@code -Dbench.warmup=} (seconds) change the length. */
    public static void main(String[] arguments) throws Exception {
        EtcdMembers.provide();
        int rounds = Run.number("rounds", 5);
        int seconds = Run.number("seconds", 10);
        try (Run run = Run.begin("commits")) {
            Authority authority = new Authority(run.folder().resolve("keys"));
            try (Members ours = Members.start(run.folder().resolve("ours"), authority, OurMember.class, true);
                    Members stock = Members.start(run.folder().resolve("stock"), authority, StockMember.class, false);
                    EtcdMembers etcd = EtcdMembers.start(run.folder().resolve("etcd"), authority)) {
                Commits commits = new Commits(run);
                commits.connect(OURS, "front", MemberPlan.text(ours.leader()));
                commits.connect(STOCK, "front", MemberPlan.text(stock.leader()));
                commits.connect(ETCD, "etcd", MemberPlan.text(etcd.client(etcd.leader())));
                try {
                    commits.measure(rounds, seconds);
                } finally {
                    commits.systems.values().forEach(Load::close);
                }
                commits.report(seconds);
            }
        }
    }

    private void connect(String system, String kind, String address) throws IOException {
        systems.put(system, Load.start(run.folder().resolve(system + "-client.log"), kind, address));
    }

    private void measure(int rounds, int seconds) throws IOException {
        int warmup = Run.number("warmup", 10);
        for (Load load : systems.values()) {
            load.run(64, warmup * 1000L);
            load.run(1, warmup * 300L);
        }
        List<String> order = new ArrayList<>(systems.keySet());
        for (int round = 1; round <= rounds; round++) {
            for (int inFlight : IN_FLIGHT) {
                measure(round, inFlight, Math.max(1, seconds / SLICE_SECONDS), order);
            }
        }
    }

    /** A round of so many slices of each system; none is always the first. */
    private void measure(int round, int inFlight, int slices, List<String> order) throws IOException {
        Map<String, LoadClient.Measured> sums = new LinkedHashMap<>();
        for (int slice = 0; slice < slices; slice++) {
            for (String system : order) {
                LoadClient.Measured one = load(system).run(inFlight, SLICE_SECONDS * 1000L);
                sums.merge(system, one, LoadClient.Measured::plus);
            }
            order.add(order.remove(0));
        }
        for (String system : systems.keySet()) {
            LoadClient.Measured sum = Objects.requireNonNull(sums.get(system));
            Figure figure = new Figure(
                    round, system, inFlight, sum.perSecond(), sum.millis(50), sum.millis(99), sum.failed(), run.load());
            figures.add(figure);
            Run.say(
                    "round %d, %2d in flight, %-12s %8.0f/s  p50 %6.2f ms  p99 %6.2f ms  failed %d  load %.1f",
                    round,
                    inFlight,
                    system,
                    figure.perSecond(),
                    figure.p50Millis(),
                    figure.p99Millis(),
                    figure.failed(),
                    figure.load());
        }
    }

    private Load load(String system) {
        return Objects.requireNonNull(systems.get(system));
    }

    private void report(int seconds) throws IOException {
        Table table = new Table(
                "system", "in flight", "commits/s", "least", "most", "p50 ms", "p99 ms", "x jgroups-raft", "x etcd");
        for (int inFlight : IN_FLIGHT) {
            for (String system : systems.keySet()) {
                List<Figure> own = of(system, inFlight);
                List<Double> rates = own.stream().map(Figure::perSecond).toList();
                table.row(
                        system,
                        Integer.toString(inFlight),
                        text("%.0f", Run.median(rates)),
                        text(
                                "%.0f",
                                rates.stream().mapToDouble(rate -> rate).min().orElse(0)),
                        text("%.0f", Run.worst(rates)),
                        text(
                                "%.2f",
                                Run.median(own.stream().map(Figure::p50Millis).toList())),
                        text(
                                "%.2f",
                                Run.median(own.stream().map(Figure::p99Millis).toList())),
                        text("%.2f", ratio(own, of(STOCK, inFlight))),
                        text("%.2f", ratio(own, of(ETCD, inFlight))));
            }
        }
        Run.say("%n%s", table);
        Run.say(
                "Medians over rounds of %d s, in slices of 2 s taken in turn; the ratios are medians of the rounds' ratios. Synced to disk, mutual TLS"
                        + " between members, plaintext loopback to the client. %s",
                seconds, run.machine());
        run.write(new Result(run.machine(), EtcdMembers.version(), seconds, figures));
    }

    private List<Figure> of(String system, int inFlight) {
        return figures.stream()
                .filter(figure -> figure.system().equals(system) && figure.inFlight() == inFlight)
                .toList();
    }

    private static double ratio(List<Figure> own, List<Figure> other) {
        List<Double> ratios = new ArrayList<>();
        for (int i = 0; i < own.size(); i++) {
            ratios.add(own.get(i).perSecond() / other.get(i).perSecond());
        }
        return Run.median(ratios);
    }

    private static String text(String format, double number) {
        return String.format(Locale.ROOT, format, number);
    }
}
