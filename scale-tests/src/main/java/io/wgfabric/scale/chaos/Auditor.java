package io.wgfabric.scale.chaos;

import io.wgfabric.api.Actor;
import io.wgfabric.api.AuditEntry;
import io.wgfabric.api.Bytes;
import io.wgfabric.core.codec.Json;
import io.wgfabric.core.state.AuditChain;
import io.wgfabric.scale.chaos.Ledger.Expected;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/**
 * Copies the audit chain while it grows, from whichever manager answers, and holds the answers of clients against it:
 * every decided request has one entry, and one alone. That all entries fit into one chain is what shows that no manager
 * ever had another history. Runs on a thread of its own.
 */
final class Auditor {
    private static final int PAGE = 1_000;

    private final ChaosCluster cluster;
    private final Ledger ledger;
    private final Random random;
    private final Map<String, String> outcomes = new HashMap<>();
    private final Map<String, Integer> joins = new HashMap<>();
    private final Thread thread = new Thread(this::run, "chaos-auditor");
    private long last;
    private @Nullable Bytes hash = Bytes.of(new byte[32]);
    private int gaps;
    private volatile boolean stopped;

    Auditor(ChaosCluster cluster, Ledger ledger, long seed) {
        this.cluster = cluster;
        this.ledger = ledger;
        random = new Random(seed);
        thread.setDaemon(true);
    }

    void start() {
        thread.start();
    }

    private void run() {
        while (!stopped) {
            List<ManagerHost> members = cluster.members();
            try {
                copy(members.get(random.nextInt(members.size())));
            } catch (RuntimeException e) {
                if (!stopped) {
                    ledger.violation("the audit chain cannot be read: " + e);
                }
                return;
            }
            LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(1_000));
        }
    }

    void stop() throws InterruptedException {
        stopped = true;
        thread.join(TimeUnit.SECONDS.toMillis(20));
    }

    /** Copies what a manager has beyond what is known; answers whether a majority confirmed that this is all. */
    synchronized boolean copy(ManagerHost host) {
        while (true) {
            Optional<JsonNode> page = host.isAlive() && !host.isPaused()
                    ? cluster.look(host, "/v1/audit?limit=" + PAGE + "&after=" + last)
                    : Optional.empty();
            if (page.isEmpty()) {
                return false;
            }
            List<AuditEntry> items =
                    List.of(Json.mapper().treeToValue(page.get().path("items"), AuditEntry[].class));
            items.forEach(entry -> add(host, entry));
            if (items.size() < PAGE) {
                return !page.get().path("stale").asBoolean(false);
            }
        }
    }

    private void add(ManagerHost host, AuditEntry entry) {
        Bytes before = hash;
        if (entry.number() != last + 1) {
            gaps++;
            before = null;
        }
        if (before != null && !AuditChain.verifies(before, entry)) {
            ledger.violation("the audit chain of " + host + " breaks at entry " + entry.number()
                    + ": it does not follow from what others have shown before it");
        }
        last = entry.number();
        hash = entry.hash();
        String request = asked(entry);
        String known = outcomes.putIfAbsent(request, entry.outcome());
        if (known != null) {
            ledger.violation("decided twice: request " + request + ", " + known + " and " + entry.outcome());
        }
        if (entry.action().equals("join-node") && entry.outcome().equals("accepted")) {
            joins.merge(entry.actor().id(), 1, Integer::sum);
        }
    }

    /** Whose request ids are not unique in this run is told apart by name. */
    private static String asked(AuditEntry entry) {
        Actor.Kind kind = entry.actor().kind();
        boolean client = kind == Actor.Kind.OPERATOR || kind == Actor.Kind.TOKEN;
        return kind + (client ? "" : "/" + entry.actor().id()) + "/" + entry.request();
    }

    synchronized long entries() {
        return last;
    }

    synchronized int gaps() {
        return gaps;
    }

    /** How many joins the chain has with this token. */
    synchronized int joins(String token) {
        return joins.getOrDefault(token, 0);
    }

    /**
     * Holds what clients were told until now against the chain.
     *
     * @return how many acknowledged requests it does not have
     */
    int missing(Duration limit) {
        List<Expected> due = new ArrayList<>();
        for (Expected next = ledger.expected.poll(); next != null; next = ledger.expected.poll()) {
            due.add(next);
        }
        if (!copyFromAny(cluster.members(), limit)) {
            ledger.violation("no manager shows a confirmed audit chain within " + limit.toSeconds() + " s");
            return 0;
        }
        return compare(due);
    }

    /** Asks until one of these has a confirmed chain: for a moment after a fault there may be no leader to confirm it. */
    boolean copyFromAny(List<ManagerHost> hosts, Duration limit) {
        long deadline = System.nanoTime() + limit.toNanos();
        while (System.nanoTime() < deadline) {
            for (ManagerHost host : hosts) {
                if (copy(host)) {
                    return true;
                }
            }
        }
        return false;
    }

    private synchronized int compare(List<Expected> due) {
        int missing = 0;
        for (Expected expected : due) {
            String kind = expected.request().startsWith("join:") ? "TOKEN" : "OPERATOR";
            String found = outcomes.get(kind + "/" + expected.request());
            if (found == null && gaps == 0) {
                missing++;
                ledger.violation("acknowledged and missing in the audit chain: " + expected);
            } else if (found != null && expected.outcome() != null && !found.equals(expected.outcome())) {
                ledger.violation("told " + expected.outcome() + " and decided " + found + ": " + expected.request());
            }
        }
        return missing;
    }
}
