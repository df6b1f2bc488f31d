package io.wgfabric.scale.chaos;

import io.wgfabric.scale.chaos.Ledger.NodeFact;
import io.wgfabric.scale.chaos.Ledger.TokenFact;
import io.wgfabric.simulation.history.AddressLease;
import io.wgfabric.simulation.history.Operation;
import io.wgfabric.simulation.netns.LabException;
import java.time.Duration;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import tools.jackson.databind.JsonNode;

/** What must be true once all is healed and nothing is asked any more. */
final class Verification {
    private static final Duration LIMIT = Duration.ofSeconds(60);
    private static final long POLL_NANOS = TimeUnit.MILLISECONDS.toNanos(50);

    private final ChaosCluster cluster;
    private final Ledger ledger;
    private final Workload workload;
    private final Auditor auditor;

    Verification(ChaosCluster cluster, Ledger ledger, Workload workload, Auditor auditor) {
        this.cluster = cluster;
        this.ledger = ledger;
        this.workload = workload;
        this.auditor = auditor;
    }

    /** All that can be said without the histories; while it runs no client may change anything. */
    void state() {
        int missing = auditor.missing(LIMIT);
        equalDigests();
        long invoked = System.nanoTime();
        Map<String, JsonNode> tokens = list("tokens");
        Map<String, JsonNode> nodes = list("nodes");
        long returned = System.nanoTime();
        for (TokenFact token : ledger.tokens.values()) {
            JsonNode row = tokens.get(token.id());
            if (row == null) {
                ledger.violation("acknowledged and missing: token " + token.id());
                continue;
            }
            workload.tokenSeen(token, row, invoked, returned);
            int used = row.path("used").asInt(-1);
            if (used != auditor.joins(token.id()) || used > token.uses()) {
                ledger.violation("token " + token.id() + " of " + token.uses() + " uses counts " + used
                        + ", and the audit chain has " + auditor.joins(token.id()) + " joins with it");
            }
        }
        nodes(nodes, invoked, returned);
        if (missing > 0) {
            ledger.violation(missing + " acknowledged requests are missing");
        }
    }

    private void nodes(Map<String, JsonNode> nodes, long invoked, long returned) {
        for (NodeFact node : ledger.nodes.values()) {
            workload.nodeSeen(node, nodes.getOrDefault(node.id(), ChaosCluster.tree("{}")), invoked, returned);
        }
        Map<String, String> holders = new HashMap<>();
        Map<String, String> names = new HashMap<>();
        nodes.forEach((id, row) -> {
            String name = row.path("name").asString("");
            row.path("addresses").forEach(address -> {
                String before = holders.put(address.asString(""), id);
                if (before != null) {
                    ledger.violation("address " + address + " belongs to " + before + " and to " + id);
                }
                names.put(address.asString(""), name);
            });
            if (row.path("role").asString("").equals("peer") && !ledger.nodes.containsKey(name)) {
                ledger.violation("a node that nobody was told of: " + row);
            }
        });
        Set<String> fixed = new HashSet<>();
        ledger.tokens.values().forEach(token -> {
            if (token.address() != null && fixed.add(token.address())) {
                ledger.addressHistories.add(
                        token.address(),
                        Operation.of(
                                "look",
                                invoked,
                                returned,
                                new AddressLease.Look(),
                                new AddressLease.Held(names.get(token.address()))));
            }
        });
    }

    /** At one revision all have one digest. */
    void equalDigests() {
        long deadline = System.nanoTime() + LIMIT.toNanos();
        Map<String, Long> seen = new TreeMap<>();
        while (System.nanoTime() < deadline) {
            seen.clear();
            List<ManagerHost> members = cluster.members();
            for (ManagerHost host : members) {
                cluster.look(host, "/v1/status").ifPresent(status -> {
                    long revision = status.path("revision").asLong(0);
                    ledger.digest(host.name(), revision, status.path("digest").asString(""));
                    seen.put(host.name(), revision);
                });
            }
            if (seen.size() == members.size() && new HashSet<>(seen.values()).size() == 1) {
                return;
            }
            LockSupport.parkNanos(POLL_NANOS);
        }
        ledger.violation("the managers do not come to one revision: " + seen);
    }

    /** A whole list, confirmed by a majority, by id. */
    private Map<String, JsonNode> list(String what) {
        long deadline = System.nanoTime() + LIMIT.toNanos();
        while (System.nanoTime() < deadline) {
            Map<String, JsonNode> rows = new TreeMap<>();
            for (ManagerHost host : cluster.members()) {
                if (readAll(host, what, rows)) {
                    return rows;
                }
            }
        }
        throw new LabException("no manager shows a confirmed list of " + what);
    }

    private boolean readAll(ManagerHost host, String what, Map<String, JsonNode> rows) {
        rows.clear();
        String after = "";
        while (true) {
            Optional<JsonNode> page =
                    cluster.look(host, "/v1/" + what + "?limit=1000" + (after.isEmpty() ? "" : "&after=" + after));
            if (page.isEmpty() || page.get().path("stale").asBoolean(false)) {
                return false;
            }
            page.get().path("items").forEach(row -> rows.put(row.path("id").asString(""), row));
            after = page.get().path("next").asString("");
            if (after.isEmpty()) {
                return true;
            }
        }
    }

    /** What the checker says of the histories: how many objects and operations of each kind. */
    Map<String, Histories.Judged> histories() {
        Map<String, Histories.Judged> judged = new TreeMap<>();
        judged.put("tokens", ledger.tokenHistories.judge(ledger::violation));
        judged.put("nodes", ledger.nodeHistories.judge(ledger::violation));
        judged.put("addresses", ledger.addressHistories.judge(ledger::violation));
        judged.put("requests", ledger.answerHistories.judge(ledger::violation));
        return judged;
    }
}
