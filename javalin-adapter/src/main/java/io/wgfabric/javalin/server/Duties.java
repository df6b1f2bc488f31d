package io.wgfabric.javalin.server;

import io.wgfabric.api.Actor;
import io.wgfabric.api.Command.UpdateNode;
import io.wgfabric.api.Edition;
import io.wgfabric.api.FabricView;
import io.wgfabric.api.ManagerServices;
import io.wgfabric.api.Node;
import io.wgfabric.api.NodeId;
import io.wgfabric.api.RequestId;
import io.wgfabric.core.Conductor;
import io.wgfabric.core.RefusalLedger;
import io.wgfabric.core.ReplicatedFabric;
import io.wgfabric.core.crypto.Authorities;
import io.wgfabric.core.log.LogStatus;
import io.wgfabric.core.presence.Presence;
import io.wgfabric.core.wire.Heartbeat;
import io.wgfabric.javalin.Version;
import io.wgfabric.javalin.rest.Core;
import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** What a manager does unasked, by the clock, from start to close. */
final class Duties implements AutoCloseable {
    /** What is heard here the leader must know before it ends a phase of a rotation: there are four of them. */
    private static final Duration TELL = Duration.ofMillis(250);

    private static final Duration FLUSH = Duration.ofSeconds(10);
    private static final Duration LOOK = Duration.ofSeconds(2);

    /** A removed manager that keeps its vote so long is cut off, and stops all the same. */
    private static final Duration VOTE_KEPT = Duration.ofSeconds(60);

    /** Without a leader for so long, which is no election, it asks the others whether it still belongs to them. */
    private static final Duration LEADERLESS = Duration.ofSeconds(5);

    private static final Logger LOGGER = System.getLogger(Duties.class.getName());

    private final Core core;
    private final Settings settings;
    private final Reachable reachable;
    private final SealingKeeper sealing;
    private final CertificateKeeper certificate;
    private final DataFolder folder;
    private final MembershipQuestion.Source questions;
    private final Runnable onRemoval;
    private final Runnable onHalt;
    private final ScheduledExecutorService threads;
    private DataFolder.Managers saved;
    private volatile boolean reachTold;

    /** Touched by {@link #rememberAuthority} alone. */
    private @Nullable Authorities remembered;

    /** Touched by {@link #lookAround} alone, like the next. */
    private boolean over;

    private @Nullable Long removedNanos;
    private @Nullable Long leaderlessNanos;
    private @Nullable MembershipQuestion membership;

    /**
     * @param onRemoval called once this manager is no member any more and has no vote
     * @param onHalt called once this manager's replica has stopped
     */
    Duties(
            Core core,
            Settings settings,
            Reachable reachable,
            SealingKeeper sealing,
            CertificateKeeper certificate,
            DataFolder folder,
            MembershipQuestion.Source questions,
            Runnable onRemoval,
            Runnable onHalt)
            throws IOException {
        this.core = core;
        this.settings = settings;
        this.reachable = reachable;
        this.sealing = sealing;
        this.certificate = certificate;
        this.folder = folder;
        this.questions = questions;
        this.onRemoval = onRemoval;
        this.onHalt = onHalt;
        saved = folder.managers();
        threads = Executors.newScheduledThreadPool(2, task -> {
            Thread thread = new Thread(task, "fabric-duties");
            thread.setDaemon(true);
            return thread;
        });
    }

    void start() {
        ReplicatedFabric fabric = core.fabric();
        Presence presence = core.presence();
        RefusalLedger refusals = core.refusals();
        Conductor conductor = new Conductor(fabric, fabric.log(), presence, core.clock());
        every(Conductor.TICK, conductor::tick);
        every(TELL, () -> presence.tell(fabric.log()));
        every(FLUSH, () -> presence.retain(id -> fabric.view().node(id).isPresent()));
        every(FLUSH, () -> core.drift().retain(id -> fabric.view().node(id).isPresent()));
        every(FLUSH, () -> core.netmaps().retain(fabric.view()));
        every(LOOK, this::compare);
        every(FLUSH, () -> refusals.flush(fabric, core.self().text()));
        every(LOOK, this::lookAround);
        every(LOOK, () -> sealing.look(fabric.view()));
        every(LOOK, () -> certificate.look(fabric.view(), core.keyring()));
        every(LOOK, this::rememberAuthority);
        if (!settings.tunnel()) {
            every(Presence.HEARTBEAT, this::beat);
        }
    }

    private void every(Duration period, Runnable duty) {
        var unused = threads.scheduleWithFixedDelay(
                () -> {
                    try {
                        duty.run();
                    } catch (RuntimeException e) {
                        LOGGER.log(Level.WARNING, "a duty of this manager failed and is tried again", e);
                    }
                },
                0,
                period.toMillis(),
                TimeUnit.MILLISECONDS);
    }

    /** Without an agent nobody else says that this manager is there; it has no pairs, so all of them are settled. */
    private void beat() {
        Edition newest = core.fabric().view().edition();
        core.presence()
                .heard(
                        core.self(),
                        new Heartbeat(
                                newest.epoch(),
                                newest.revision(),
                                newest.revision(),
                                Version.text(),
                                Heartbeat.NO_TUNNEL,
                                0,
                                null,
                                certificate.authority()));
    }

    /** What the nodes have, as it is known to all managers. */
    private void compare() {
        for (Node node : core.fabric().view().nodes()) {
            if (node.isActive()) {
                core.presence()
                        .last(node.id())
                        .filter(seen -> core.presence().status(node.id()) == Presence.Status.ONLINE)
                        .ifPresent(seen -> core.compare(node.id(), seen.heartbeat(), false));
            }
        }
    }

    private void lookAround() {
        if (over) {
            return;
        }
        Throwable cause = core.fabric().halted();
        if (cause != null) {
            over = true;
            LOGGER.log(Level.ERROR, "this manager stops, because its replica has stopped: " + cause.getMessage());
            onHalt.run();
            return;
        }
        FabricView view = core.fabric().view();
        Optional<Node> node = view.node(core.self());
        if (node.isEmpty()) {
            stopOnceWithoutVote();
            return;
        }
        rememberManagers(view);
        tellReach(node.get());
        stopIfRemovedUnheard();
    }

    /** Who was cut off when it was removed is told by no log: the others do not speak with it any more. */
    private void stopIfRemovedUnheard() {
        long now = System.nanoTime();
        if (core.fabric().log().status().leader() != null) {
            leaderlessNanos = null;
            membership = null;
            return;
        }
        Long since = leaderlessNanos;
        if (since == null) {
            leaderlessNanos = now;
            return;
        }
        if (now - since < LEADERLESS.toNanos()) {
            return;
        }
        MembershipQuestion question = membership;
        if (question == null) {
            try {
                question = questions.open();
            } catch (IOException e) {
                LOGGER.log(Level.WARNING, e.getMessage());
                return;
            }
            membership = question;
        }
        try {
            question.check();
        } catch (IOException e) {
            over = true;
            LOGGER.log(Level.ERROR, "this manager stops: " + e.getMessage());
            onRemoval.run();
        }
    }

    /** While it has a vote the others may need it, and be it to decide that it has none any more. */
    private void stopOnceWithoutVote() {
        long now = System.nanoTime();
        Long since = removedNanos;
        if (since == null) {
            since = now;
            removedNanos = since;
            LOGGER.log(Level.ERROR, "this manager was removed from the cluster and stops once it has no vote");
        }
        LogStatus log = core.fabric().log().status();
        if (!log.voters().contains(log.self()) || now - since >= VOTE_KEPT.toNanos()) {
            over = true;
            onRemoval.run();
        }
    }

    /** So that a restart finds the others although the log tells nothing before they are found. */
    private void rememberManagers(FabricView view) {
        NodeId self = core.self();
        List<String> apis = view.nodes().stream()
                .map(Node::services)
                .filter(Objects::nonNull)
                .map(ManagerServices::api)
                .toList();
        DataFolder.Managers newest = new DataFolder.Managers(ReplicaPlace.others(view, self), apis);
        if (!newest.equals(saved)) {
            try {
                folder.saveManagers(newest);
                saved = newest;
            } catch (IOException e) {
                LOGGER.log(Level.WARNING, e.getMessage());
            }
        }
    }

    private void rememberAuthority() {
        Authorities newest = core.keyring().authorities();
        if (newest.equals(remembered)) {
            return;
        }
        try {
            folder.followAuthority(newest.used());
            remembered = newest;
        } catch (IOException e) {
            LOGGER.log(Level.WARNING, e.getMessage());
        }
    }

    /** A manager that came back elsewhere says so, until it is heard. */
    private void tellReach(Node node) {
        boolean known = node.endpoints().equals(reachable.endpoints())
                && reachable.services().equals(node.services());
        if (reachTold || known || core.fabric().log().status().leader() == null) {
            return;
        }
        reachTold = true;
        core.fabric()
                .submit(
                        new Actor(Actor.Kind.MANAGER, core.self().text(), ""),
                        new RequestId("reach:" + UUID.randomUUID()),
                        new UpdateNode(core.self(), reachable.endpoints(), reachable.services()))
                .whenComplete((outcome, failure) -> {
                    if (failure != null) {
                        reachTold = false;
                    }
                });
    }

    @Override
    public void close() {
        threads.shutdown();
        try {
            // A duty that writes a file is not interrupted, or the file would be lost.
            if (!threads.awaitTermination(1, TimeUnit.SECONDS)) {
                threads.shutdownNow();
            }
        } catch (InterruptedException e) {
            threads.shutdownNow();
            Thread.currentThread().interrupt();
        }
    }
}
