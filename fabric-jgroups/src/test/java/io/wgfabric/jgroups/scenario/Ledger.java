package io.wgfabric.jgroups.scenario;

import io.wgfabric.jgroups.scenario.Violated.Finding;
import io.wgfabric.jgroups.scenario.Violated.Kind;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** What was promised to clients and what members did, and every contradiction between them (figure 3.2). */
final class Ledger {
    private final Map<Long, String> leaders = new HashMap<>();
    private final List<String> history = new ArrayList<>();
    private final Set<String> acknowledged = new LinkedHashSet<>();
    private final List<Finding> findings = new ArrayList<>();

    void found(Kind kind, String detail) {
        Finding finding = new Finding(kind, detail);
        if (!findings.contains(finding)) {
            findings.add(finding);
        }
    }

    /** Election safety. */
    void leads(String member, long term) {
        String other = leaders.putIfAbsent(term, member);
        if (other != null && !other.equals(member)) {
            found(Kind.TWO_LEADERS, other + " and " + member + " in term " + term);
        }
    }

    /** State-machine safety. Places are counted in commands. */
    void applied(String member, int place, String command) {
        if (place == history.size()) {
            history.add(command);
        } else if (place > history.size() || !history.get(place).equals(command)) {
            String known = place < history.size() ? history.get(place) : "nothing";
            found(Kind.DIVERGED, member + " applied " + command + " where " + known + " was applied before");
        }
    }

    /** @param stored how many of {@code voters} have it on disk */
    void acknowledged(String command, long stored, int voters) {
        acknowledged.add(command);
        if (stored <= voters / 2) {
            found(Kind.MINORITY, command + " was acknowledged with " + stored + " of " + voters);
        }
    }

    void read(String member, Set<String> before, List<String> seen) {
        for (String command : before) {
            if (!seen.contains(command)) {
                found(Kind.STALE_READ, member + " read " + seen + ", without " + command);
            }
        }
    }

    Set<String> acknowledged() {
        return Set.copyOf(acknowledged);
    }

    void check() {
        if (!findings.isEmpty()) {
            throw new Violated(findings);
        }
    }
}
