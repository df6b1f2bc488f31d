package io.wgfabric.scale.dataplane;

import io.wgfabric.core.codec.Json;
import io.wgfabric.scale.bench.Table;
import io.wgfabric.scale.dataplane.Talker.Sent;
import io.wgfabric.scale.dataplane.Talker.Tally;
import io.wgfabric.simulation.lab.LabNode;
import io.wgfabric.simulation.netns.LabException;
import java.io.BufferedReader;
import java.io.BufferedWriter;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.OutputStreamWriter;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Predicate;

/** Datagrams both ways between pairs of nodes, until they are stopped and counted. Used by one thread. */
final class Conversations implements AutoCloseable {
    /** What is still under way when all have stopped to talk has arrived by then, or never will. */
    private static final Duration DRAIN = Duration.ofSeconds(3);

    private static final long POLL_NANOS = TimeUnit.MILLISECONDS.toNanos(50);

    private final List<LabNode> nodes;
    private final Map<LabNode, End> ends = new LinkedHashMap<>();

    private Conversations(List<LabNode> nodes) {
        this.nodes = nodes;
    }

    /** Two nodes that talk with each other. */
    record Pair(LabNode one, LabNode other) {
        private boolean has(LabNode node) {
            return one == node || other == node;
        }

        private LabNode partner(LabNode node) {
            return one == node ? other : one;
        }

        /** Every pair of the nodes. */
        static List<Pair> all(List<LabNode> nodes) {
            List<Pair> pairs = new ArrayList<>();
            for (int i = 0; i < nodes.size(); i++) {
                for (LabNode other : nodes.subList(i + 1, nodes.size())) {
                    pairs.add(new Pair(nodes.get(i), other));
                }
            }
            return pairs;
        }

        /** One node with each of the others. */
        static List<Pair> star(LabNode centre, List<LabNode> others) {
            return others.stream()
                    .filter(other -> other != centre)
                    .map(other -> new Pair(centre, other))
                    .toList();
        }
    }

    /** One direction of a conversation. */
    record Direction(LabNode from, LabNode to, long sent, Heard heard, double longestPauseMillis) {
        long lost() {
            return sent - heard.received();
        }

        boolean touches(LabNode node) {
            return from == node || to == node;
        }
    }

    /** What a process at one node is told, and answers. */
    private record End(Process process, BufferedWriter in, BufferedReader out) {
        static End of(Process process) {
            return new End(
                    process,
                    new BufferedWriter(new OutputStreamWriter(process.getOutputStream(), StandardCharsets.UTF_8)),
                    new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8)));
        }

        void say(String word) throws IOException {
            in.write(word + "\n");
            in.flush();
        }

        Tally hear() throws IOException {
            String line = out.readLine();
            if (line == null) {
                throw new IOException("the program at the other end of the line has ended");
            }
            return Json.mapper().readValue(line, Tally.class);
        }
    }

    /** @param period between two datagrams of a direction */
    static Conversations start(DataPlane plane, List<Pair> pairs, Duration period) {
        List<LabNode> nodes = plane.nodes().stream()
                .filter(node -> pairs.stream().anyMatch(pair -> pair.has(node)))
                .toList();
        Conversations started = new Conversations(nodes);
        try {
            for (LabNode node : nodes) {
                started.ends.put(node, End.of(started.launch(plane, node, pairs, period)));
            }
            started.hear();
            started.say("go");
            started.hear();
            return started;
        } catch (IOException e) {
            started.close();
            throw new LabException("no conversation can begin: " + e.getMessage(), e);
        }
    }

    private Process launch(DataPlane plane, LabNode node, List<Pair> pairs, Duration period) {
        List<String> command = new ArrayList<>(plane.program().main(Talker.class));
        command.add(Integer.toString(nodes.indexOf(node)));
        command.add(Long.toString(period.toMillis()));
        for (Pair pair : pairs) {
            if (pair.has(node)) {
                LabNode partner = pair.partner(node);
                command.add(nodes.indexOf(partner) + "=" + partner.v4().orElseThrow());
            }
        }
        return node.host().converse(Map.of(), plane.logs().resolve(node + "-talker.log"), command);
    }

    private void say(String word) throws IOException {
        for (End end : ends.values()) {
            end.say(word);
        }
    }

    private Map<LabNode, Tally> hear() throws IOException {
        Map<LabNode, Tally> tallies = new LinkedHashMap<>();
        for (Map.Entry<LabNode, End> end : ends.entrySet()) {
            tallies.put(end.getKey(), end.getValue().hear());
        }
        return tallies;
    }

    /** What was sent and what has come so far; a little is always under way. */
    List<Direction> sofar() {
        return ask("report");
    }

    private List<Direction> ask(String word) {
        try {
            say(word);
            return directions(hear());
        } catch (IOException e) {
            throw new LabException("a conversation is lost: " + e.getMessage(), e);
        }
    }

    /** Waits until in each direction, or in those that count, something was heard that was sent from now on. */
    Duration awaitAll(Predicate<Direction> counts, Duration limit) {
        long start = System.nanoTime();
        Map<String, Long> before = received(sofar());
        while (true) {
            List<Direction> now = sofar();
            Map<String, Long> after = received(now);
            List<String> silent = now.stream()
                    .filter(counts)
                    .map(Conversations::name)
                    .filter(name -> after.getOrDefault(name, 0L) <= before.getOrDefault(name, 0L))
                    .toList();
            Duration took = Duration.ofNanos(System.nanoTime() - start);
            if (silent.isEmpty()) {
                return took;
            }
            if (took.compareTo(limit) > 0) {
                throw new LabException("nothing comes after " + limit.toSeconds() + " s: " + silent);
            }
            LockSupport.parkNanos(POLL_NANOS);
        }
    }

    private static String name(Direction direction) {
        return direction.from() + " → " + direction.to();
    }

    private static Map<String, Long> received(List<Direction> directions) {
        Map<String, Long> counts = new TreeMap<>();
        directions.forEach(each -> counts.put(name(each), each.heard().received()));
        return counts;
    }

    /** Ends the talking, waits for what is under way, and counts. */
    List<Direction> stop() {
        List<Direction> counted = ask("stop");
        long deadline = System.nanoTime() + DRAIN.toNanos();
        while (counted.stream().anyMatch(each -> each.lost() > 0) && System.nanoTime() < deadline) {
            LockSupport.parkNanos(POLL_NANOS);
            counted = ask("report");
        }
        close();
        return counted;
    }

    private List<Direction> directions(Map<LabNode, Tally> tallies) {
        List<Direction> directions = new ArrayList<>();
        tallies.forEach((from, tally) -> {
            for (Sent sent : tally.sent()) {
                LabNode to = nodes.get(sent.to());
                Heard heard = Objects.requireNonNull(tallies.get(to)).heard().stream()
                        .filter(each -> each.from() == nodes.indexOf(from))
                        .findFirst()
                        .orElseThrow();
                directions.add(new Direction(from, to, sent.count(), heard, tally.longestPauseMillis()));
            }
        });
        return directions;
    }

    static String table(List<Direction> directions) {
        Table table = new Table(
                "direction",
                "sent",
                "received",
                "lost",
                "twice",
                "overtaken",
                "longest gap ms",
                "longest delay ms",
                "sender's longest pause ms");
        for (Direction each : directions) {
            table.row(
                    name(each),
                    Long.toString(each.sent()),
                    Long.toString(each.heard().received()),
                    Long.toString(each.lost()),
                    Long.toString(each.heard().duplicates()),
                    Long.toString(each.heard().overtaken()),
                    millis(each.heard().longestGapMillis()),
                    millis(each.heard().longestDelayMillis()),
                    millis(each.longestPauseMillis()));
        }
        return table.toString();
    }

    private static String millis(double value) {
        return String.format(Locale.ROOT, "%.0f", value);
    }

    @Override
    public void close() {
        ends.values().forEach(end -> end.process().destroyForcibly());
    }
}
