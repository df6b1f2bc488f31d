package io.wgfabric.simulation.lab;

import io.wgfabric.api.Address;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** What was checked, and what came out. Thread-safe. */
final class Report {

    /**
     * One thing that must be true.
     *
     * @param figure what was measured
     */
    record Check(String name, boolean passed, String figure) {}

    /** What a node came to, as the summary shows it. */
    record NodeRow(String name, boolean manager, List<Address> overlay, Optional<Duration> joinedIn, String state) {
        private String address(boolean v4) {
            return overlay.stream()
                    .filter(address -> address.isV4() == v4)
                    .findFirst()
                    .map(Address::toString)
                    .orElse("-");
        }
    }

    private final List<Check> checks = new ArrayList<>();

    /** A check that fails does not end the lab: what comes after it may tell why. */
    synchronized void check(String name, boolean passed, String figure) {
        checks.add(new Check(name, passed, figure));
    }

    synchronized List<Check> checks() {
        return List.copyOf(checks);
    }

    synchronized long failures() {
        return checks.stream().filter(check -> !check.passed()).count();
    }

    /** The checks as a table. */
    List<String> checkLines() {
        TextTable table = new TextTable("CHECK", "RESULT", "MEASURED");
        checks().forEach(check -> table.row(check.name(), check.passed() ? "ok" : "FAILED", check.figure()));
        return table.lines();
    }

    /** The nodes as a table. */
    static List<String> nodeLines(List<NodeRow> nodes) {
        TextTable table = new TextTable("NODE", "ROLE", "IPV4", "IPV6", "JOINED IN", "STATE");
        for (NodeRow node : nodes) {
            table.row(
                    node.name(),
                    node.manager() ? "manager" : "peer",
                    node.address(true),
                    node.address(false),
                    node.joinedIn().map(Times::text).orElse("-"),
                    node.state());
        }
        return table.lines();
    }

    /** Both tables and the last word, after so long a lab. */
    void show(Console console, List<NodeRow> nodes, Duration took) {
        for (List<String> table : List.of(nodeLines(nodes), checkLines())) {
            console.line("");
            console.line(console.bold(table.get(0)));
            table.stream().skip(1).forEach(console::line);
        }
        console.line("");
        long failures = failures();
        String verdict = failures == 0
                ? "All " + checks().size() + " checks passed in "
                : failures + " of " + checks().size() + " checks FAILED in ";
        console.line(console.verdict(failures == 0, verdict + Times.text(took)));
    }
}
