package io.wgfabric.javalin.rest;

import io.javalin.http.Context;
import io.wgfabric.api.AuditEntry;
import io.wgfabric.api.Bytes;
import io.wgfabric.api.Cluster;
import io.wgfabric.api.Edition;
import io.wgfabric.api.FabricView;
import io.wgfabric.api.Node;
import io.wgfabric.api.NodeId;
import io.wgfabric.api.Revision;
import io.wgfabric.core.log.LogStatus;
import io.wgfabric.core.state.AuditChain;
import io.wgfabric.core.state.Levels;
import io.wgfabric.javalin.Version;
import io.wgfabric.javalin.rest.StatusAnswer.ManagerRef;
import io.wgfabric.javalin.rest.StatusAnswer.ManagerRow;
import io.wgfabric.javalin.rest.StatusAnswer.RaftRow;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** What is asked about the cluster as a whole. */
final class StatusRoutes {
    private static final int AUDIT_LIMIT = 100;
    private static final int AUDIT_MAX = 1_000;

    /** A digest costs as much as a snapshot, so the newest one is kept. */
    private record Digest(Edition edition, String hex) {}

    /**
     * @param next what to ask for as {@code ?after=} to get what follows
     * @param first the number of the oldest entry that can be had: those before it were dropped
     * @param before the hash of the entry before the first of the items, which its own hash covers
     */
    record AuditPage(
            List<AuditEntry> items,
            long next,
            long first,
            Bytes before,
            Revision revision,
            @Nullable Boolean stale) {}

    record Health(String status) {}

    /** @param managers who have the new key */
    record Rotated(int generation, List<NodeId> managers) {}

    private final Core core;
    private final Answers answers;
    private volatile @Nullable Digest newest;

    StatusRoutes(Core core, Answers answers) {
        this.core = core;
        this.answers = answers;
    }

    void status(Context ctx) {
        answers.laterRead(ctx, answers.newestFor(ctx), this::answer);
    }

    private LogStatus log() {
        return core.fabric().log().status();
    }

    private StatusAnswer answer(Answers.Read read) {
        FabricView view = read.view();
        LogStatus log = log();
        Cluster cluster = view.cluster()
                .orElseThrow(() -> new ProblemException(503, Problem.UNAVAILABLE, "there is no cluster yet"));
        return new StatusAnswer(
                cluster.id(),
                view.node(core.self())
                        .map(StatusRoutes::ref)
                        .orElseThrow(() -> new ProblemException(
                                503, Problem.UNAVAILABLE, "this manager is no member of the cluster any more")),
                leader(view, log).map(StatusRoutes::ref).orElse(null),
                cluster.level(),
                cluster.epoch(),
                view.sealing().generation(),
                view.revision(),
                digest(view),
                read.staleMark(),
                view.nodes().stream()
                        .filter(Node::isManager)
                        .map(node -> row(node, log))
                        .toList(),
                log.voters().stream().map(id -> nodeId(id, log)).toList(),
                counts(view),
                view.tokens().size(),
                cluster.pools(),
                new RaftRow(
                        log.role().name().toLowerCase(Locale.ROOT), log.term(), log.commitIndex(), log.appliedIndex()),
                Version.text());
    }

    private static ManagerRef ref(Node node) {
        return new ManagerRef(node.id(), node.name());
    }

    /** A log within one process knows its one member by another name. */
    private String nodeId(String member, LogStatus log) {
        return member.equals(log.self()) ? core.self().text() : member;
    }

    private Optional<Node> leader(FabricView view, LogStatus log) {
        return Optional.ofNullable(log.leader())
                .map(member -> nodeId(member, log))
                .filter(NodeId::isValid)
                .flatMap(id -> view.node(new NodeId(id)));
    }

    private ManagerRow row(Node node, LogStatus log) {
        return new ManagerRow(
                node.id(),
                node.name(),
                role(node, log),
                node.services() == null ? "" : node.services().api(),
                NodeRow.status(node, core.presence()),
                node.services() == null ? Levels.FIRST : node.services().supports());
    }

    private String role(Node node, LogStatus log) {
        String member = node.id().equals(core.self()) ? log.self() : node.id().text();
        if (!node.isActive()) {
            return NodeRow.QUARANTINED;
        }
        if (!log.connected().contains(member)) {
            return "unreachable";
        }
        if (!log.voters().contains(member)) {
            return "learner";
        }
        return member.equals(log.leader()) ? "leader" : "follower";
    }

    private SortedMap<String, Integer> counts(FabricView view) {
        return counts(core, view);
    }

    /** How many nodes there are of each status. */
    static SortedMap<String, Integer> counts(Core core, FabricView view) {
        TreeMap<String, Integer> counts = new TreeMap<>(
                Map.of("online", 0, "suspect", 0, "offline", 0, NodeRow.PENDING, 0, NodeRow.QUARANTINED, 0));
        for (Node node : view.nodes()) {
            counts.merge(NodeRow.status(node, core.presence()), 1, Integer::sum);
        }
        counts.put("total", view.nodes().size());
        return counts;
    }

    private String digest(FabricView view) {
        Digest known = newest;
        if (known == null || !known.edition().equals(view.edition())) {
            known = new Digest(view.edition(), view.digest().hex());
            newest = known;
        }
        return known.hex();
    }

    /** {@code POST /v1/sealing-key/rotate}. */
    void rotateSealingKey(Context ctx) {
        answers.later(
                ctx,
                core.sealing().rotate(Answers.caller(ctx).actor(), Answers.requestId(ctx)),
                200,
                sealing -> new Rotated(
                        sealing.generation(), List.copyOf(sealing.wrapped().keySet())));
    }

    void audit(Context ctx) {
        int limit = Answers.number(ctx, "limit", AUDIT_LIMIT, 1, AUDIT_MAX);
        long after = Answers.number(ctx, "after", -1L, 0, Long.MAX_VALUE);
        answers.laterRead(ctx, answers.newest(), read -> audit(read, after, limit));
    }

    /**
     * From a place in the chain on, or else its end. Once older entries were dropped, the oldest that is kept serves for
     * its hash alone, so that each entry that is shown can be verified.
     */
    private static AuditPage audit(Answers.Read read, long after, int limit) {
        List<AuditEntry> all = read.view().audit();
        boolean whole = all.isEmpty() || all.get(0).number() == 1;
        List<AuditEntry> shown = whole ? all : all.subList(1, all.size());
        long first = shown.isEmpty() ? 1 : shown.get(0).number();
        long wanted = after >= 0 ? after - first + 1 : (long) shown.size() - limit;
        int from = (int) Math.max(0, Math.min(shown.size(), wanted));
        List<AuditEntry> items = shown.subList(from, Math.min(shown.size(), from + limit));
        int previous = from - 1 + (whole ? 0 : 1);
        Bytes before = previous < 0 ? AuditChain.START : all.get(previous).hash();
        long next = items.isEmpty()
                ? Math.max(after, 0)
                : items.get(items.size() - 1).number();
        return new AuditPage(items, next, first, before, read.view().revision(), read.staleMark());
    }

    /** Whether the process is up and its replica goes on. */
    void healthy(Context ctx) {
        boolean ok = core.fabric().halted() == null && log().role() != LogStatus.Role.HALTED;
        probe(ctx, ok, "this replica has stopped; the log of this manager says why");
    }

    /** Whether this manager can do its work: its state is there and a leader is known. */
    void ready(Context ctx) {
        boolean ok = core.fabric().halted() == null
                && log().leader() != null
                && core.fabric().view().node(core.self()).isPresent();
        probe(ctx, ok, "no leader is known, or the state is not restored yet");
    }

    private static void probe(Context ctx, boolean ok, String otherwise) {
        if (!ok) {
            throw new ProblemException(503, Problem.UNAVAILABLE, otherwise);
        }
        Answers.json(ctx, 200, new Health("ok"));
    }
}
