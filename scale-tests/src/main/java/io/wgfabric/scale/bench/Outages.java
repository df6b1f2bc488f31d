package io.wgfabric.scale.bench;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Random;

/**
 * How long a client waits when the leader is killed ({@code kill -9}) while it joins peers: three managers as operators
 * run them and the agent's client, beside etcd with its default timings (heartbeat 100 ms, election 1000 ms) and a
 * client that puts values. One request at a time, 10 ms between them, at once the next member on failure, the same
 * request again. The outage is the longest time between two successive acknowledgements around the kill.
 *
 * <p>The two take turns. In half of the kills the client is at the leader, in the other half at a follower, which
 * forwards. A join is more than a put (keys, a certificate, the signed configuration, TLS to the client; etcd's client
 * has plaintext). One try of etcd's client takes 250 ms at most, in its favour: a follower forwards a put to the dead
 * leader and leaves it unanswered for 7 s, so a patient client would wait that long. Ours has the agent's patience, 12 s
 * a try: its follower asks the new leader by itself.
 */
public final class Outages {
    private static final Duration LIMIT = Duration.ofMinutes(2);
    private static final int SETTLED = 20;
    private static final long WATCH_NANOS = 2_500_000_000L;

    private final Run run;
    private final Random random = new Random();
    private final List<Figure> figures = new ArrayList<>();

    private Outages(Run run) {
        this.run = run;
    }

    /** One of the compared. */
    interface Cluster {
        int leader();

        void kill(int member) throws InterruptedException;

        /** Returns when the member votes again. */
        void revive(int member) throws IOException;
    }

    private record Subject(Cluster cluster, Acknowledgements client) {}

    /** One kill. */
    record Figure(int kill, String system, String clientAt, double outageMillis, double usualMillis, double load) {}

    /** All that was measured. */
    record Result(String machine, String etcd, List<Figure> figures) {}

    /** {@code -Dbench.kills=} says how many kills of each; 20 unless told otherwise. */
    public static void main(String[] arguments) throws Exception {
        EtcdMembers.provide();
        int kills = Run.number("kills", 20);
        try (Run run = Run.begin("outages")) {
            Authority authority = new Authority(run.folder().resolve("keys"));
            try (FabricManagers fabric =
                            FabricManagers.start(run.folder().resolve("fabric"), List.of("-Xms256m", "-Xmx256m"));
                    EtcdMembers etcd = EtcdMembers.start(run.folder().resolve("etcd"), authority);
                    Acknowledgements joins = Acknowledgements.start(
                            run.folder().resolve("joins.log"), List.of("join", fabric.token("peer", 0)));
                    Acknowledgements puts = Acknowledgements.start(run.folder().resolve("puts.log"), puts(etcd))) {
                Map<String, Subject> subjects = new LinkedHashMap<>();
                subjects.put("fabric", new Subject(new Fabric(fabric), joins));
                subjects.put("etcd", new Subject(new Etcd(etcd), puts));
                new Outages(run).measure(subjects, kills);
            }
        }
    }

    private static List<String> puts(EtcdMembers etcd) {
        List<String> arguments = new ArrayList<>(List.of("put"));
        etcd.clients().forEach(address -> arguments.add(MemberPlan.text(address)));
        return arguments;
    }

    private void measure(Map<String, Subject> subjects, int kills) throws IOException, InterruptedException {
        for (int kill = 1; kill <= kills; kill++) {
            for (Map.Entry<String, Subject> subject : subjects.entrySet()) {
                Figure figure = kill(kill, subject.getKey(), subject.getValue());
                figures.add(figure);
                Run.say(
                        "kill %2d  %-6s  client at %-8s  outage %6.0f ms  (usual gap %.0f ms, load %.1f)",
                        kill,
                        figure.system(),
                        figure.clientAt(),
                        figure.outageMillis(),
                        figure.usualMillis(),
                        figure.load());
            }
        }
        report(subjects);
    }

    private Figure kill(int number, String system, Subject subject) throws IOException, InterruptedException {
        Acknowledgements client = subject.client();
        int leader = subject.cluster().leader();
        boolean atLeader = number % 2 == 1;
        client.tell("prefer " + (atLeader ? leader : (leader + 1) % Members.COUNT));
        client.clear();
        client.tell("go");
        Child.await("the client of " + system + " goes", LIMIT, () -> client.count() >= SETTLED);
        Thread.sleep(random.nextInt(1000));
        double usual = client.medianGapMillis();
        int victim = subject.cluster().leader();
        long killed = System.nanoTime();
        subject.cluster().kill(victim);
        Child.await(
                "the client of " + system + " goes on",
                LIMIT,
                () -> System.nanoTime() - killed > WATCH_NANOS && client.countSince(killed) >= SETTLED);
        client.tell("stop");
        double outage = client.longestGapMillis(killed);
        double load = run.load();
        subject.cluster().revive(victim);
        String at = victim == leader ? atLeader ? "leader" : "follower" : "unknown";
        return new Figure(number, system, at, outage, usual, load);
    }

    private void report(Map<String, Subject> subjects) throws IOException {
        Table table = new Table("system", "client at", "kills", "median s", "least s", "worst s");
        for (String system : subjects.keySet()) {
            for (String at : List.of("leader", "follower", "any")) {
                List<Double> outages = figures.stream()
                        .filter(figure -> figure.system().equals(system))
                        .filter(figure -> at.equals("any") || figure.clientAt().equals(at))
                        .map(figure -> figure.outageMillis() / 1000)
                        .toList();
                table.row(
                        system,
                        at,
                        Integer.toString(outages.size()),
                        seconds(Run.median(outages)),
                        seconds(outages.stream().mapToDouble(each -> each).min().orElse(Double.NaN)),
                        seconds(Run.worst(outages)));
            }
        }
        Run.say("%n%s", table);
        Run.say("%s; etcd with its default timings", run.machine());
        run.write(new Result(run.machine(), EtcdMembers.version(), figures));
    }

    private static String seconds(double number) {
        return String.format(Locale.ROOT, "%.2f", number);
    }

    private record Fabric(FabricManagers managers) implements Cluster {
        @Override
        public int leader() {
            return managers.leader();
        }

        @Override
        public void kill(int member) throws InterruptedException {
            managers.child(member).kill();
        }

        @Override
        public void revive(int member) throws IOException {
            managers.restart(member);
            managers.awaitAll();
            managers.removePeers();
        }
    }

    private record Etcd(EtcdMembers members) implements Cluster {
        @Override
        public int leader() {
            return members.leader();
        }

        @Override
        public void kill(int member) throws InterruptedException {
            members.child(member).kill();
        }

        @Override
        public void revive(int member) throws IOException {
            members.restart(member);
            members.awaitAll();
        }
    }
}
