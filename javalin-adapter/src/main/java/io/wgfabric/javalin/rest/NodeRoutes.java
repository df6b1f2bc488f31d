package io.wgfabric.javalin.rest;

import io.javalin.http.Context;
import io.wgfabric.api.Command;
import io.wgfabric.api.FabricView;
import io.wgfabric.api.ManagerServices;
import io.wgfabric.api.Node;
import io.wgfabric.api.NodeEndpoints;
import io.wgfabric.api.NodeId;
import io.wgfabric.api.NodeName;
import io.wgfabric.api.Plane;
import io.wgfabric.api.PublicKey;
import io.wgfabric.api.RejectedException;
import io.wgfabric.api.Rejection;
import io.wgfabric.api.RequestId;
import io.wgfabric.core.log.LogStatus;
import io.wgfabric.core.wire.Heartbeat;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Function;
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

    /** {@code POST /v1/nodes/ID/quarantine}. */
    record Reason(String reason) {}

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
                        read.view().nodes().stream(),
                        node -> node.id().text(),
                        node -> NodeRow.of(node, core.presence())));
    }

    void show(Context ctx) {
        String named = ctx.pathParam("id");
        answers.laterRead(
                ctx,
                answers.newestFor(ctx),
                read -> NodeRow.of(find(read.view(), named), core.presence(), read.staleMark()));
    }

    void netmap(Context ctx) {
        Answers.markStale(ctx, answers.isLeaderless());
        ctx.contentType("application/jose")
                .result(core.netmaps()
                        .signed(core.fabric().view())
                        .orElseThrow(() -> new ProblemException(503, Problem.UNAVAILABLE, "there is no cluster yet")));
    }

    void heartbeat(Context ctx) {
        if (Answers.caller(ctx) instanceof Caller.Member member) {
            core.presence().heard(member.node().id(), Answers.body(ctx, Heartbeat.class));
        }
        ctx.status(204);
    }

    void publishKey(Context ctx) {
        NewKey body = Answers.body(ctx, NewKey.class);
        change(ctx, node -> new Command.PublishKey(node, body.plane(), body.key()));
    }

    void updateReach(Context ctx) {
        Reach body = Answers.body(ctx, Reach.class);
        change(ctx, node -> new Command.UpdateNode(node, body.endpoints(), body.services()));
    }

    void rotate(Context ctx) {
        change(ctx, Command.RotateNodeKey::new);
    }

    void quarantine(Context ctx) {
        String reason = Answers.body(ctx, Reason.class).reason();
        if (reason == null || reason.isBlank()) {
            throw Answers.invalid("field 'reason' says why the node is quarantined");
        }
        change(ctx, node -> new Command.QuarantineNode(node, reason));
    }

    void release(Context ctx) {
        change(ctx, Command.ReleaseNode::new);
    }

    void remove(Context ctx) {
        Caller caller = Answers.caller(ctx);
        RequestId request = Answers.requestId(ctx);
        String named = ctx.pathParam("id");
        answers.laterEmpty(ctx, lookUp(named).thenCompose(node -> {
            requireQuorumWithout(node);
            boolean itself =
                    caller instanceof Caller.Member member && member.node().id().equals(node);
            return core.fabric()
                    .submit(caller.actor(), request, new Command.RemoveNode(node, itself ? "left" : "removed"))
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
                node -> NodeRow.of(find(core.fabric().view(), node.text()), core.presence()));
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

    private static Node find(FabricView view, String named) {
        Optional<Node> found = NodeId.isValid(named) ? view.node(new NodeId(named)) : byName(view, named);
        return found.orElseThrow(() -> new RejectedException(
                new Rejection(Rejection.Reason.NODE_UNKNOWN, "no node has this id or name; see 'fabric node list'")));
    }

    private static Optional<Node> byName(FabricView view, String named) {
        try {
            return view.node(new NodeName(named));
        } catch (IllegalArgumentException e) {
            return Optional.empty();
        }
    }
}
