package io.wgfabric.javalin.rest;

import io.javalin.http.Context;
import io.wgfabric.api.Cluster;
import io.wgfabric.api.Command;
import io.wgfabric.api.FabricView;
import io.wgfabric.api.MeshPolicy;
import io.wgfabric.api.Node;
import io.wgfabric.api.NodeName;
import io.wgfabric.api.PresharedKeys;
import io.wgfabric.api.RequestId;
import io.wgfabric.api.Topology;
import io.wgfabric.core.presence.Presence;
import io.wgfabric.core.wire.Heartbeat;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What is wanted of the mesh as a whole. */
final class MeshRoutes {

    /**
     * {@code GET /v1/mesh}.
     *
     * @param topology {@code mesh} or {@code hub}
     * @param rotateEverySeconds after which age keys are rotated unasked; absent for never
     * @param hubs the names of the nodes that forward between others
     * @param presharedKeys whether pairs get pre-shared keys
     * @param toBeRotated how many active nodes still have keys from before that was switched on or off
     */
    record Mesh(
            String topology,
            @Nullable Long rotateEverySeconds,
            List<NodeName> hubs,
            boolean presharedKeys,
            long toBeRotated) {
        static Mesh of(FabricView view, Presence presence) {
            MeshPolicy policy = view.cluster().map(Cluster::meshPolicy).orElse(MeshPolicy.FIRST);
            PresharedKeys preshared = view.cluster().map(Cluster::presharedKeys).orElse(PresharedKeys.NEVER);
            Duration every = policy.rotateEvery();
            return new Mesh(
                    policy.topology().text(),
                    every == null ? null : every.toSeconds(),
                    view.nodes().stream()
                            .filter(node -> node.isActive() && node.isHub())
                            .map(Node::name)
                            .toList(),
                    preshared.on(),
                    view.nodes().stream()
                            .filter(node -> node.isActive() && hasTunnel(node, presence))
                            .filter(node -> !node.keys().equals(node.keys().of(preshared.inForce())))
                            .count());
        }

        private static boolean hasTunnel(Node node, Presence presence) {
            return presence.last(node.id())
                    .map(sighting -> !sighting.heartbeat().backend().equals(Heartbeat.NO_TUNNEL))
                    .orElse(true);
        }
    }

    /**
     * {@code PUT /v1/mesh}: both together, as they shall be.
     *
     * @param topology {@code mesh} or {@code hub}
     * @param rotateEverySeconds null for never
     */
    record NewPolicy(@Nullable String topology, @Nullable Long rotateEverySeconds) {
        MeshPolicy policy() {
            if (topology == null) {
                throw Answers.invalid("field 'topology' is missing; it is mesh or hub");
            }
            try {
                return new MeshPolicy(
                        Topology.parse(topology),
                        rotateEverySeconds == null ? null : Duration.ofSeconds(rotateEverySeconds));
            } catch (IllegalArgumentException e) {
                throw Answers.invalid(String.valueOf(e.getMessage()));
            }
        }
    }

    /** {@code PUT /v1/mesh/preshared-keys}. */
    record OnOrOff(boolean on) {}

    private final Core core;
    private final Answers answers;

    MeshRoutes(Core core, Answers answers) {
        this.core = core;
        this.answers = answers;
    }

    void show(Context ctx) {
        answers.laterRead(ctx, answers.newest(), read -> Mesh.of(read.view(), core.presence()));
    }

    void change(Context ctx) {
        MeshPolicy policy = Answers.body(ctx, NewPolicy.class).policy();
        RequestId request = Answers.requestId(ctx);
        answers.later(
                ctx,
                core.fabric().submit(Answers.caller(ctx).actor(), request, new Command.SetMeshPolicy(policy)),
                200,
                outcome -> {
                    outcome.orThrow();
                    return Mesh.of(core.fabric().view(), core.presence());
                });
    }

    void setPresharedKeys(Context ctx) {
        boolean on = Answers.body(ctx, OnOrOff.class).on();
        RequestId request = Answers.requestId(ctx);
        answers.later(
                ctx,
                core.preshared().set(Answers.caller(ctx).actor(), request, on),
                200,
                keys -> Mesh.of(core.fabric().view(), core.presence()));
    }
}
