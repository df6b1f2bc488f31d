package io.wgfabric.jgroups.scenario;

import java.util.List;
import java.util.Set;
import java.util.TreeSet;

/** What a scenario ends with when the log broke its promise. */
final class Violated extends AssertionError {
    private static final long serialVersionUID = 1;

    /** How a replicated log may break its promise. */
    enum Kind {
        /** An acknowledged command is on no disk of the members that are up, or was left out when they applied. */
        LOST,
        /** A command was acknowledged that fewer than a majority of the voters had stored. */
        MINORITY,
        /** Two members applied different commands at one place. */
        DIVERGED,
        /** Two members led in one term. */
        TWO_LEADERS,
        /** A linearizable read did not see a command that was acknowledged before it. */
        STALE_READ,
        /** A follower no longer has a command that it acknowledged. */
        DELETED,
        /** A majority is up and connected, and yet nothing is acknowledged. */
        STUCK,
        /** A request neither succeeds nor fails. */
        HANGS
    }

    /** @param detail for the reader */
    record Finding(Kind kind, String detail) {}

    private final transient List<Finding> findings;

    Violated(List<Finding> findings) {
        super(findings.toString());
        this.findings = List.copyOf(findings);
    }

    Set<Kind> kinds() {
        Set<Kind> kinds = new TreeSet<>();
        findings.forEach(finding -> kinds.add(finding.kind()));
        return kinds;
    }
}
