package io.wgfabric.javalin.rest;

import io.javalin.http.Context;
import io.wgfabric.api.Command;
import io.wgfabric.api.Endpoint;
import io.wgfabric.api.FabricView;
import io.wgfabric.api.Limits;
import io.wgfabric.api.ManagerServices;
import io.wgfabric.api.Node;
import io.wgfabric.api.NodeEndpoints;
import io.wgfabric.api.NodeId;
import io.wgfabric.api.NodeName;
import io.wgfabric.api.Plane;
import io.wgfabric.api.Prefix;
import io.wgfabric.api.PublicKey;
import io.wgfabric.api.RejectedException;
import io.wgfabric.api.Rejection;
import io.wgfabric.api.RemovedNode;
import io.wgfabric.api.RequestId;
import io.wgfabric.core.crypto.CryptoException;
import io.wgfabric.core.log.LogStatus;
import io.wgfabric.core.wire.Heartbeat;
import io.wgfabric.core.wire.HeartbeatAnswer;
import io.wgfabric.core.wire.PresharedKeyRequest;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Membership, from outside and from the nodes themselves. */
final class NodeRoutes {
    /** {@code POST /v1/nodes/ID/keys}: the new key of a plane that is being rotated. */
    record NewKey(Plane plane, PublicKey key) {
        NewKey {
            Objects.requireNonNull(plane);
            Objects.requireNonNull(key);
        }
    }

    /** {@code PUT /v1/nodes/ID/reach}: where a node is reached now. */
    record Reach(NodeEndpoints endpoints, @Nullable ManagerServices services) {
        Reach {
            Objects.requireNonNull(endpoints);
        }
    }

    /**
     * {@code POST /v1/nodes/ID/quarantine}.
     *
     * @param seconds after which it ends by itself; until it is released if left out
     */
    record Reason(String reason, @Nullable Long seconds) {}

    /** {@code PUT /v1/nodes/ID/hub}. */
    record HubOrNot(boolean hub) {}

    /** {@code PUT /v1/nodes/ID/routes} and {@code /offered-routes}: all of them, each time. */
    record Networks(List<Prefix> networks) {
        Networks {
            networks = List.copyOf(networks);
        }
    }

    private final Core core;
    private final Answers answers;

    NodeRoutes(Core core, Answers answers) {
        this.core = core;
        this.answers = answers;
    }

    void list(Context ctx) {
        answers.laterRead(
                ctx,
                answers.newest(),
                read -> Answers.page(
                        ctx,
                        read,
                        all(read.view(), Answers.flag(ctx, "all")),
                        listed -> listed.id().text(),
                        listed -> listed.row().get()));
    }

    /** Its row is made only if it is among those that are shown. */
    private record Listed(NodeId id, Supplier<NodeRow> row) {}

    /** Members, and those that were, in the order of their ids. */
    private Stream<Listed> all(FabricView view, boolean removedToo) {
        Stream<Listed> members = view.nodes().stream().map(node -> new Listed(node.id(), () -> row(node, null)));
        return removedToo
                ? Stream.concat(
                                members,
                                view.removedNodes().stream()
                                        .map(removed -> new Listed(removed.id(), () -> NodeRow.of(removed))))
                        .sorted(Comparator.comparing(Listed::id))
                : members;
    }

    private NodeRow row(Node node, @Nullable Boolean stale) {
        return NodeRow.of(node, core, stale);
    }

    void show(Context ctx) {
        String named = ctx.pathParam("id");
        answers.laterRead(
                ctx,
                answers.newestFor(ctx),
                read -> removed(read.view(), named)
                        .filter(removed -> Answers.flag(ctx, "all"))
                        .map(NodeRow::of)
                        .orElseGet(() -> row(find(read.view(), named), read.staleMark())));
    }

    void netmap(Context ctx) {
        Answers.markStale(ctx, answers.isLeaderless());
        FabricView view = core.fabric().view();
        Optional<String> netmap = Answers.caller(ctx) instanceof Caller.Member member
                ? core.netmaps().signed(view, member.node().id())
                : core.netmaps().signed(view);
        String signed =
                netmap.orElseThrow(() -> new ProblemException(503, Problem.UNAVAILABLE, "there is no cluster yet"));
        Answers.whole(ctx, "application/jose", signed.getBytes(StandardCharsets.US_ASCII));
    }

    void heartbeat(Context ctx) {
        Endpoint seen = null;
        if (Answers.caller(ctx) instanceof Caller.Member member) {
            NodeId node = member.node().id();
            Heartbeat heartbeat = Answers.body(ctx, Heartbeat.class);
            core.presence().heard(node, member.actor().from(), heartbeat);
            seen = core.vantage().of(node).orElse(null);
            if (member.node().isActive()) {
                core.compare(node, heartbeat, true);
            }
        }
        Answers.json(ctx, 200, new HeartbeatAnswer(seen));
    }

    void publishKey(Context ctx) {
        NewKey body = Answers.body(ctx, NewKey.class);
        change(ctx, node -> new Command.PublishKey(node, body.plane(), body.key()));
    }

    void presharedKeys(Context ctx) {
        PresharedKeyRequest body = Answers.body(ctx, PresharedKeyRequest.class);
        if (!(Answers.caller(ctx) instanceof Caller.Member member)) {
            throw new IllegalStateException("only a member is one end of a pair");
        }
        ctx.header("Cache-Control", "no-store");
        try {
            Answers.json(ctx, 200, core.preshared().answer(member.node().id(), body));
        } catch (CryptoException e) {
            throw new ProblemException(
                    503, Problem.UNAVAILABLE, "this manager cannot open the cluster's secrets now; ask another one");
        }
    }

    void updateReach(Context ctx) {
        Reach body = Answers.body(ctx, Reach.class);
        change(ctx, node -> new Command.UpdateNode(node, body.endpoints(), body.services()));
    }

    void rotate(Context ctx) {
        change(ctx, Command.RotateNodeKey::new);
    }

    void quarantine(Context ctx) {
        Reason body = Answers.body(ctx, Reason.class);
        String reason = body.reason();
        if (reason == null || reason.isBlank()) {
            throw Answers.invalid("field 'reason' says why the node is quarantined");
        }
        Long seconds = body.seconds();
        if (seconds != null && (seconds < 1 || seconds > Limits.QUARANTINE.toSeconds())) {
            throw Answers.invalid("field 'seconds' lies between 1 and " + Limits.QUARANTINE.toSeconds());
        }
        Duration period = seconds == null ? null : Duration.ofSeconds(seconds);
        change(ctx, node -> new Command.QuarantineNode(node, reason, period));
    }

    void approve(Context ctx) {
        change(ctx, Command.ApproveNode::new);
    }

    void setHub(Context ctx) {
        HubOrNot body = Answers.body(ctx, HubOrNot.class);
        change(ctx, node -> new Command.SetHub(node, body.hub()));
    }

    void offerRoutes(Context ctx) {
        Networks body = Answers.body(ctx, Networks.class);
        change(ctx, node -> new Command.OfferRoutes(node, body.networks()));
    }

    void approveRoutes(Context ctx) {
        Networks body = Answers.body(ctx, Networks.class);
        change(ctx, node -> new Command.ApproveRoutes(node, body.networks()));
    }

    void release(Context ctx) {
        change(ctx, Command.ReleaseNode::new);
    }

    void remove(Context ctx) {
        Caller caller = Answers.caller(ctx);
        RequestId request = Answers.requestId(ctx);
        String named = ctx.pathParam("id");
        String reason = ctx.queryParam("reason");
        answers.laterEmpty(ctx, lookUp(named).thenCompose(node -> {
            requireQuorumWithout(node);
            boolean itself =
                    caller instanceof Caller.Member member && member.node().id().equals(node);
            return core.fabric()
                    .submit(
                            caller.actor(),
                            request,
                            new Command.RemoveNode(
                                    node, reason != null && !reason.isBlank() ? reason : itself ? "left" : "removed"))
                    .thenApply(outcome -> outcome.orThrow());
        }));
    }

    /**
     * A voter that goes while too few of the others are there would leave managers that can decide nothing, not even to
     * take one in. A repeat, once the node is gone, is for the command to answer.
     */
    private void requireQuorumWithout(NodeId node) {
        LogStatus log = core.fabric().log().status();
        String member = node.equals(core.self()) ? log.self() : node.text();
        if (log.voters().size() < 2
                || !log.voters().contains(member)
                || core.fabric().view().node(node).isEmpty()) {
            return;
        }
        int rest = log.voters().size() - 1;
        long there = log.voters().stream()
                .filter(voter -> !voter.equals(member) && log.connected().contains(voter))
                .count();
        int majority = rest / 2 + 1;
        if (there < majority) {
            throw new ProblemException(
                    409,
                    Problem.QUORUM_AT_RISK,
                    "without this manager " + there + " of " + rest + " managers with a vote are connected and "
                            + majority + " must be; bring the others back, or remove those that stay away first");
        }
    }

    private void change(Context ctx, Function<NodeId, Command> command) {
        Caller caller = Answers.caller(ctx);
        RequestId request = Answers.requestId(ctx);
        String named = ctx.pathParam("id");
        answers.later(
                ctx,
                lookUp(named)
                        .thenCompose(node -> core.fabric()
                                .submit(caller.actor(), request, command.apply(node))
                                .thenApply(outcome -> {
                                    outcome.orThrow();
                                    return node;
                                })),
                200,
                node -> row(find(core.fabric().view(), node.text()), null));
    }

    /**
     * An id needs no looking up: the command decides whether it exists, and a repeat of a removal is answered as the
     * first was. A name is looked up in the newest state.
     */
    private CompletionStage<NodeId> lookUp(String named) {
        return NodeId.isValid(named)
                ? CompletableFuture.completedFuture(new NodeId(named))
                : answers.newest().thenApply(read -> find(read.view(), named).id());
    }

    static Node find(FabricView view, String named) {
        Optional<Node> found = NodeId.isValid(named) ? view.node(new NodeId(named)) : byName(view, named);
        return found.orElseThrow(() -> new RejectedException(
                new Rejection(Rejection.Reason.NODE_UNKNOWN, "no node has this id or name; see 'fabric node list'")));
    }

    /** A node that was a member, if no member has this id or name; of several the newest. */
    private static Optional<RemovedNode> removed(FabricView view, String named) {
        if (NodeId.isValid(named)) {
            return view.removedNode(new NodeId(named));
        }
        return byName(view, named).isPresent()
                ? Optional.empty()
                : view.removedNodes().stream()
                        .filter(removed -> removed.node().name().text().equals(named))
                        .reduce((older, newer) -> newer);
    }

    private static Optional<Node> byName(FabricView view, String named) {
        try {
            return view.node(new NodeName(named));
        } catch (IllegalArgumentException e) {
            return Optional.empty();
        }
    }
}
