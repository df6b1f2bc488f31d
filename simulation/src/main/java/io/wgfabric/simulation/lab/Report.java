package io.wgfabric.simulation.lab;

import java.util.ArrayList;
import java.util.List;

/** What was checked, and what came out. Thread-safe. */
final class Report {

    /**
     * One thing that must be true.
     *
     * @param figure what was measured
     */
    record Check(String name, boolean passed, String figure) {}

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
    static List<String> nodeLines(List<LabNode> nodes) {
        TextTable table = new TextTable("NODE", "ROLE", "IPV4", "IPV6", "JOINED IN", "STATE");
        for (LabNode node : nodes) {
            table.row(
                    node.name(),
                    node.isManager() ? "manager" : "peer",
                    node.v4().map(Object::toString).orElse("-"),
                    node.v6().map(Object::toString).orElse("-"),
                    node.joinedIn().map(Times::text).orElse("-"),
                    node.state());
        }
        return table.lines();
    }
}
