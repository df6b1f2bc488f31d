package io.wgfabric.javalin.rest;

import io.javalin.http.Context;
import io.wgfabric.api.FabricView;
import io.wgfabric.api.Node;
import io.wgfabric.api.NodeId;
import io.wgfabric.api.NodeName;
import io.wgfabric.core.wire.PairReport;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** What nodes say of their pairs: how they reach each other. It is of heartbeats, and no majority confirms it. */
final class PairRoutes {
    /** Of so many nodes a manager tells at once how they reach the others: with 1,500 nodes that is 4 MB. */
    static final int MAX_NODES = 100;

    private static final String DIRECT = "direct";
    private static final String RELAYED = "relayed";

    /**
     * A pair as one of its ends tells of it.
     *
     * @param node the other end
     * @param path {@code direct} or {@code relayed}
     * @param via the node that forwards between the two; absent if they are direct
     * @param handshakeSeconds how long ago the newest handshake of the two was; absent if there was none, and of relayed ones
     */
    record PairRow(
            NodeId node,
            NodeName name,
            String path,
            @Nullable NodeName via,
            @Nullable Long handshakeSeconds) {}

    /** All that a node tells of its pairs, in few words. */
    record NodePairs(NodeId node, List<PairReport> pairs) {}

    private final Core core;
    private final Answers answers;

    PairRoutes(Core core, Answers answers) {
        this.core = core;
        this.answers = answers;
    }

    /** {@code GET /v1/nodes/ID/pairs}. */
    void ofNode(Context ctx) {
        String named = ctx.pathParam("id");
        answers.laterRead(
                ctx,
                answers.newestFor(ctx),
                read -> Answers.page(
                        ctx,
                        read,
                        ofMembers(read.view(), NodeRoutes.find(read.view(), named)).stream(),
                        report -> report.other().text(),
                        report -> row(read.view(), report)));
    }

    /** {@code GET /v1/mesh/pairs}. */
    void ofMesh(Context ctx) {
        answers.laterRead(
                ctx,
                answers.newest(),
                read -> Answers.page(
                        ctx,
                        MAX_NODES,
                        read,
                        read.view().nodes().stream(),
                        node -> node.id().text(),
                        node -> new NodePairs(node.id(), ofMembers(read.view(), node))));
    }

    /** Of pairs that are meant to be: a node that is not in the mesh now has none, whatever was said of it before. */
    private List<PairReport> ofMembers(FabricView view, Node node) {
        return node.isActive()
                ? core.presence().pairs(node.id()).stream()
                        .filter(report -> active(view, report.other()).isPresent())
                        .toList()
                : List.of();
    }

    private static Optional<Node> active(FabricView view, NodeId id) {
        return view.node(id).filter(Node::isActive);
    }

    private static PairRow row(FabricView view, PairReport report) {
        NodeId via = report.via();
        return new PairRow(
                report.other(),
                view.node(report.other()).orElseThrow().name(),
                via == null ? DIRECT : RELAYED,
                via == null ? null : view.node(via).map(Node::name).orElse(null),
                report.handshakeSeconds());
    }
}
