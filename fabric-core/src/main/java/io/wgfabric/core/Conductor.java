package io.wgfabric.core;

import io.wgfabric.api.Actor;
import io.wgfabric.api.Command.AdvanceRotation;
import io.wgfabric.api.Fabric;
import io.wgfabric.api.FabricView;
import io.wgfabric.api.Node;
import io.wgfabric.api.NodeId;
import io.wgfabric.api.RequestId;
import io.wgfabric.api.Rotation;
import io.wgfabric.core.log.Log;
import io.wgfabric.core.log.LogStatus;
import io.wgfabric.core.presence.Presence;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/**
 * What the leading manager does unasked: makes the quorum follow the membership, and takes rotations from phase to
 * phase. Level-triggered and idempotent: each tick looks at what is and does what is missing, so a new leader goes on
 * where the old one died. Confined to the thread that ticks.
 */
public final class Conductor {
    /** How often it looks. */
    public static final Duration TICK = Duration.ofMillis(200);

    /** How long all nodes must have been settled before a plane is given a new key: packets under way still arrive. */
    static final Duration LINGER = Duration.ofMillis(500);

    /** How long a change of the quorum may take; a learner may have much to catch up. */
    private static final Duration CHANGE_TIMEOUT = Duration.ofSeconds(30);

    private static final Logger LOGGER = System.getLogger(Conductor.class.getName());

    private final Fabric fabric;
    private final Log log;
    private final Presence presence;
    private final InstantSource clock;
    private final Map<NodeId, Settled> settled = new HashMap<>();
    private CompletionStage<?> change = CompletableFuture.completedFuture(null);

    /** Since when all others have been settled for a phase of a node's rotation. */
    private record Settled(Rotation rotation, Instant since) {}

    public Conductor(Fabric fabric, Log log, Presence presence, InstantSource clock) {
        this.fabric = fabric;
        this.log = log;
        this.presence = presence;
        this.clock = clock;
    }

    /** Looks once; never blocks on the network. */
    public void tick() {
        LogStatus status = log.status();
        if (!status.isLeader()) {
            settled.clear();
            return;
        }
        FabricView view = fabric.view();
        changeQuorum(view, status);
        for (Node node : view.nodes()) {
            Rotation rotation = node.rotation();
            if (rotation != null) {
                advance(view, node, rotation);
            }
        }
        settled.keySet().removeIf(id -> view.node(id).map(Node::rotation).isEmpty());
    }

    /** One change of the quorum at a time, as Raft wants it. */
    private void changeQuorum(FabricView view, LogStatus status) {
        if (!change.toCompletableFuture().isDone()) {
            return;
        }
        Optional<String> joining = view.nodes().stream()
                .filter(Node::isManager)
                .map(node -> node.id().text())
                .filter(id ->
                        !status.voters().contains(id) && status.connected().contains(id))
                .findFirst();
        Optional<String> leaving = status.voters().stream()
                .filter(id -> NodeId.isValid(id) && view.node(new NodeId(id)).isEmpty())
                .filter(id -> !view.nodes().isEmpty())
                .findFirst();
        if (joining.isPresent()) {
            change = logged("add", joining.get(), log.addVoter(joining.get(), CHANGE_TIMEOUT));
        } else if (leaving.isPresent()) {
            change = logged("remove", leaving.get(), log.removeVoter(leaving.get(), CHANGE_TIMEOUT));
        }
    }

    private static CompletionStage<?> logged(String what, String voter, CompletionStage<Void> change) {
        return change.whenComplete((done, failure) -> {
            if (failure == null) {
                LOGGER.log(Level.INFO, "quorum changed: {0} {1}", what, voter);
            } else {
                LOGGER.log(Level.INFO, "quorum not changed yet: {0} {1}: {2}", what, voter, failure.getMessage());
            }
        });
    }

    private void advance(FabricView view, Node node, Rotation rotation) {
        boolean gone = presence.status(node.id()) == Presence.Status.OFFLINE;
        switch (rotation.phase()) {
            case MOVE_OUT, MOVE_BACK -> {
                if (allSettled(view, rotation)) {
                    Settled before = settled.get(node.id());
                    if (before == null || !before.rotation().equals(rotation)) {
                        settled.put(node.id(), new Settled(rotation, clock.instant()));
                    } else if (!clock.instant().isBefore(before.since().plus(LINGER))) {
                        submit(node, rotation, gone && rotation.phase() == Rotation.Phase.MOVE_OUT);
                    }
                } else {
                    settled.remove(node.id());
                }
            }
            case WAITING, REKEY_SPARE, READY, REKEY_MAIN -> {
                if (gone) {
                    submit(node, rotation, true);
                }
            }
        }
    }

    /** Whether every node that is online has its pairs where the phase wants them; who is offline catches up later. */
    private boolean allSettled(FabricView view, Rotation rotation) {
        return view.nodes().stream()
                .filter(Node::isActive)
                .filter(node -> presence.status(node.id()) != Presence.Status.OFFLINE)
                .allMatch(node -> presence.last(node.id())
                        .map(sighting -> !sighting.heartbeat().settled().isBefore(rotation.since()))
                        .orElse(false));
    }

    private void submit(Node node, Rotation rotation, boolean abort) {
        RequestId request = new RequestId(
                "rotation:" + node.id() + ":" + rotation.phase() + ":" + rotation.since() + (abort ? ":abort" : ""));
        fabric.submit(Actor.system("conductor"), request, new AdvanceRotation(node.id(), rotation.phase(), abort))
                .whenComplete((outcome, failure) -> {
                    if (failure != null) {
                        LOGGER.log(
                                Level.DEBUG, "rotation of {0} not advanced yet: {1}", node.id(), failure.getMessage());
                    }
                });
    }
}
