package io.wgfabric.core;

import io.wgfabric.api.Actor;
import io.wgfabric.api.Cluster;
import io.wgfabric.api.Command;
import io.wgfabric.api.Command.AdvanceRotation;
import io.wgfabric.api.Command.EndQuarantine;
import io.wgfabric.api.Command.RaiseLevel;
import io.wgfabric.api.Command.RemoveNode;
import io.wgfabric.api.Command.RetireSigningKey;
import io.wgfabric.api.Command.RotateNodeKey;
import io.wgfabric.api.Command.UseSigningKey;
import io.wgfabric.api.Edition;
import io.wgfabric.api.Fabric;
import io.wgfabric.api.FabricView;
import io.wgfabric.api.ManagerServices;
import io.wgfabric.api.Node;
import io.wgfabric.api.NodeId;
import io.wgfabric.api.Outcome;
import io.wgfabric.api.RequestId;
import io.wgfabric.api.Rotation;
import io.wgfabric.api.SigningKey;
import io.wgfabric.api.SigningKeys;
import io.wgfabric.api.Token;
import io.wgfabric.core.crypto.CertificateAuthority;
import io.wgfabric.core.crypto.Renewal;
import io.wgfabric.core.log.Log;
import io.wgfabric.core.log.LogStatus;
import io.wgfabric.core.netmap.NetmapViews;
import io.wgfabric.core.presence.Presence;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/**
 * What the leading manager does unasked: makes the quorum follow the membership, raises the cluster's level once every
 * manager knows the next, rotates keys that are old, takes rotations from phase to phase, removes ephemeral nodes that
 * have gone, and ends quarantines whose time is over. Level-triggered and idempotent: each tick looks at what is and does what is missing,
 * so a new leader goes on where the old one died. Confined to the thread that ticks.
 */
public final class Conductor {
    /** How often it looks. */
    public static final Duration TICK = Duration.ofMillis(200);

    /** How long all nodes must have been settled before a plane is given a new key: packets under way still arrive. */
    static final Duration LINGER = Duration.ofMillis(500);

    /** How long a phase may take: a node that cannot do its part must not keep the others from theirs. */
    static final Duration PHASE_LIMIT = Duration.ofMinutes(4);

    /** How long a new signing key is known before it signs: managers that are in touch hear of it in far less. */
    static final Duration KEY_KNOWN = Duration.ofSeconds(5);

    /** How long configurations signed with the old key are still believed, for managers that lag behind. */
    static final Duration CONFIG_OVERLAP = Duration.ofMinutes(1);

    /**
     * How long the old authority is believed: who has a certificate of it and was away comes back so long as it could
     * renew it.
     */
    static final Duration AUTHORITY_OVERLAP = CertificateAuthority.NODE_LIFE.plus(Renewal.GRACE);

    /** How long a change of the quorum may take; a learner may have much to catch up. */
    private static final Duration CHANGE_TIMEOUT = Duration.ofSeconds(30);

    private static final Logger LOGGER = System.getLogger(Conductor.class.getName());

    private final Fabric fabric;
    private final Log log;
    private final Presence presence;
    private final InstantSource clock;
    private final Map<NodeId, Watched> watched = new HashMap<>();
    private final KeyAges ages = new KeyAges();

    /** When ephemeral nodes whose heartbeats are not heard on purpose were last excused. */
    private final Map<NodeId, Instant> excused = new HashMap<>();

    /** Since when this manager leads without a break, by the clock of presence. */
    private @Nullable Instant leadingSince;

    private CompletionStage<?> change = CompletableFuture.completedFuture(null);
    private CompletionStage<?> raise = CompletableFuture.completedFuture(null);
    private CompletionStage<?> turn = CompletableFuture.completedFuture(null);

    /**
     * A phase of a node's rotation as this leader has seen it.
     *
     * @param began when this leader first saw the phase
     * @param settled since when all others have been settled, or null
     */
    private record Watched(
            Rotation rotation, Instant began, @Nullable Instant settled) {}

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
            watched.clear();
            excused.clear();
            ages.forget();
            leadingSince = null;
            return;
        }
        Instant led = leadingSince == null ? presence.now() : leadingSince;
        leadingSince = led;
        FabricView view = fabric.view();
        changeQuorum(view, status);
        raiseLevel(view);
        for (SigningKey key : SigningKey.values()) {
            turnKeys(view, key);
        }
        rotateOldKeys(view);
        for (Node node : view.nodes()) {
            Rotation rotation = node.rotation();
            if (rotation != null) {
                advance(view, node, rotation);
            }
            if (node.ephemeral()) {
                removeIfAway(node, led);
            }
            endQuarantineIfOver(view, node);
        }
        excused.keySet().removeIf(id -> view.node(id).isEmpty());
        watched.keySet().removeIf(id -> view.node(id).map(Node::rotation).isEmpty());
    }

    private void rotateOldKeys(FabricView view) {
        Instant now = later(clock.instant(), view.time());
        for (Node node : ages.due(view, presence, now)) {
            ages.begin(view, node.id(), now);
            var unused = submit("rotate:" + node.id() + ":" + view.revision(), new RotateNodeKey(node.id()));
        }
    }

    /**
     * An ephemeral node goes after its grace time, counted from the newest time that any manager has heard of it, but not
     * from before this manager led: it may not have been told yet what the others heard. Who is quarantined is not heard
     * and stays, for an operator to look at.
     */
    private void removeIfAway(Node node, Instant led) {
        Instant now = presence.now();
        if (node.isQuarantined()) {
            excused.put(node.id(), now);
            return;
        }
        Instant from = later(later(presence.silentSince(node.id()), led), excused.getOrDefault(node.id(), led));
        Duration grace = node.graceOrDefault();
        if (Duration.between(from, now).compareTo(grace) >= 0) {
            var unused = submit(
                    "ephemeral:" + node.id(),
                    new RemoveNode(node.id(), "ephemeral, and away for " + grace.toSeconds() + " s"));
        }
    }

    private static Instant later(Instant one, Instant other) {
        return one.isBefore(other) ? other : one;
    }

    private void endQuarantineIfOver(FabricView view, Node node) {
        Instant until = node.stateUntil();
        if (node.isQuarantined()
                && until != null
                && !later(clock.instant(), view.time()).isBefore(until)) {
            var unused = submit("quarantine:" + node.id() + ":" + until, new EndQuarantine(node.id(), until));
        }
    }

    /** To the highest level that every manager knows; whether they still do is for the machine to say. */
    private void raiseLevel(FabricView view) {
        int level = view.cluster().map(Cluster::level).orElse(Integer.MAX_VALUE);
        OptionalInt known = view.nodes().stream()
                .map(Node::services)
                .filter(Objects::nonNull)
                .mapToInt(ManagerServices::supports)
                .min();
        if (known.isPresent()
                && known.getAsInt() > level
                && raise.toCompletableFuture().isDone()) {
            int to = known.getAsInt();
            raise = submit("level:" + to + ":" + view.revision(), new RaiseLevel(to));
        }
    }

    /** Uses a signing key that is known, and retires one whose work is done. */
    private void turnKeys(FabricView view, SigningKey key) {
        SigningKeys keys = view.signing(key);
        if (keys.isAtRest() || !turn.toCompletableFuture().isDone()) {
            return;
        }
        String step = "signing-key:" + key.text() + ":" + keys.oldest() + ":" + view.revision();
        if (keys.used() < keys.newest()) {
            if (!clock.instant().isBefore(keys.since().plus(KEY_KNOWN))) {
                turn = submit(step, new UseSigningKey(key, keys.newest()));
            }
        } else if (isSpent(view, key, keys)) {
            turn = submit(step, new RetireSigningKey(key, keys.oldest()));
        }
    }

    /** Whether nothing that still counts depends on the old key. */
    private boolean isSpent(FabricView view, SigningKey key, SigningKeys keys) {
        return switch (key) {
            case CONFIG -> isOver(keys, CONFIG_OVERLAP);
            case TOKEN -> noTokenAdmits(view, keys.since());
            case AUTHORITY -> isOver(keys, AUTHORITY_OVERLAP) && noTokenAdmits(view, keys.since());
        };
    }

    private boolean isOver(SigningKeys keys, Duration overlap) {
        return !clock.instant().isBefore(keys.since().plus(overlap));
    }

    /** Tokens made up to then have the old key's signature, and the old authority's pin. */
    private boolean noTokenAdmits(FabricView view, Instant madeUpTo) {
        Instant now = clock.instant();
        return view.tokens().stream()
                .filter(token -> !token.created().isAfter(madeUpTo))
                .map(token -> token.stateAt(now))
                .noneMatch(state -> state == Token.State.VALID || state == Token.State.NOT_YET_VALID);
    }

    /** One change of the quorum at a time, as Raft wants it. */
    private void changeQuorum(FabricView view, LogStatus status) {
        if (!change.toCompletableFuture().isDone()) {
            return;
        }
        Optional<String> joining = view.nodes().stream()
                .filter(node -> node.isManager() && node.isActive())
                .map(node -> node.id().text())
                .filter(id ->
                        !status.voters().contains(id) && status.connected().contains(id))
                .findFirst();
        Optional<String> leaving = status.voters().stream()
                .filter(id -> NodeId.isValid(id) && mustLeave(view, status, new NodeId(id)))
                .findFirst();
        // First out, then in: one that never catches up must not keep a dead one in the quorum.
        if (leaving.isPresent()) {
            change = logged("remove", leaving.get(), log.removeVoter(leaving.get(), CHANGE_TIMEOUT));
        } else if (joining.isPresent()) {
            change = logged("add", joining.get(), log.addVoter(joining.get(), CHANGE_TIMEOUT));
        }
    }

    /** Who is quarantined gets its vote back when it is released, so it must not cost the others their majority. */
    private static boolean mustLeave(FabricView view, LogStatus status, NodeId id) {
        Optional<Node> node = view.node(id);
        if (node.isEmpty()) {
            return !view.nodes().isEmpty();
        }
        long there = status.voters().stream()
                .filter(voter -> !voter.equals(id.text()) && status.connected().contains(voter))
                .count();
        return !node.get().isActive() && there >= (status.voters().size() - 1) / 2 + 1;
    }

    private static CompletionStage<?> logged(String what, String voter, CompletionStage<Void> change) {
        return change.whenComplete((done, failure) -> {
            if (failure == null) {
                LOGGER.log(Level.INFO, "quorum changed: {0} {1}", what, voter);
            } else {
                LOGGER.log(Level.DEBUG, "quorum not changed yet: {0} {1}: {2}", what, voter, failure.getMessage());
            }
        });
    }

    private void advance(FabricView view, Node node, Rotation rotation) {
        Watched before = watched.get(node.id());
        if (before == null || !before.rotation().equals(rotation)) {
            before = new Watched(rotation, clock.instant(), null);
        }
        boolean settled = allSettled(view, node, rotation);
        Instant since = before.settled() == null ? clock.instant() : before.settled();
        watched.put(node.id(), new Watched(rotation, before.began(), settled ? since : null));
        boolean gone = presence.status(node.id()) == Presence.Status.OFFLINE;
        boolean late = !clock.instant().isBefore(before.began().plus(PHASE_LIMIT));
        boolean lingered = settled && !clock.instant().isBefore(since.plus(LINGER));
        switch (rotation.phase()) {
            case MOVE_OUT -> {
                if (lingered || late) {
                    submit(node, rotation, gone || late);
                }
            }
            case MOVE_BACK -> {
                // Who has not moved back by now talks to a plane that goes: that pair pays for all the others.
                if (lingered || late) {
                    submit(node, rotation, false);
                }
            }
            case WAITING -> {
                if (gone) {
                    submit(node, rotation, true);
                }
            }
            case REKEY_SPARE, READY, REKEY_MAIN -> {
                if (gone || late) {
                    submit(node, rotation, true);
                }
            }
        }
    }

    /**
     * Whether every node that is online, and is told of the rotating one, has its pairs where the phase wants them; who
     * is offline catches up later.
     */
    private boolean allSettled(FabricView view, Node rotating, Rotation rotation) {
        // Whoever has not heard of this epoch yet is where the dead one wanted it.
        Edition wanted = new Edition(view.edition().epoch(), rotation.since());
        return view.nodes().stream()
                .filter(Node::isActive)
                .filter(node -> NetmapViews.concerns(view, rotating, node))
                .filter(node -> presence.status(node.id()) != Presence.Status.OFFLINE)
                .allMatch(node -> presence.last(node.id())
                        .map(sighting -> sighting.heartbeat()
                                .isSettledAt(wanted, id -> presence.status(id) == Presence.Status.OFFLINE))
                        .orElse(false));
    }

    private void submit(Node node, Rotation rotation, boolean abort) {
        var unused = submit(
                "rotation:" + node.id() + ":" + rotation.phase() + ":" + rotation.since() + (abort ? ":abort" : ""),
                new AdvanceRotation(node.id(), rotation.phase(), abort));
    }

    private CompletionStage<?> submit(String request, Command command) {
        return fabric.submit(Actor.system("conductor"), new RequestId(request), command)
                .whenComplete((outcome, failure) -> {
                    if (failure != null) {
                        LOGGER.log(Level.DEBUG, "not decided yet: {0}: {1}", request, failure.getMessage());
                    } else if (outcome instanceof Outcome.Rejected rejected) {
                        LOGGER.log(
                                Level.DEBUG,
                                "{0}: {1}",
                                request,
                                rejected.rejection().message());
                    }
                });
    }
}
