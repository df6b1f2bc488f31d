package io.wgfabric.agent;

import io.wgfabric.api.Address;
import io.wgfabric.api.NodeEndpoints;
import io.wgfabric.api.Plane;
import io.wgfabric.api.PublicKey;
import io.wgfabric.api.Revision;
import io.wgfabric.api.Role;
import io.wgfabric.core.codec.Json;
import io.wgfabric.core.netmap.Netmap;
import io.wgfabric.core.netmap.VerifiedNetmap;
import io.wgfabric.core.presence.Presence;
import io.wgfabric.core.wire.Heartbeat;
import io.wgfabric.core.wire.HeartbeatAnswer;
import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Supplier;

/**
 * What this node tells managers: that it lives and how far its interfaces are, its new keys, and where it is. All of it is
 * said on the talking thread; {@link #report} and {@link #publish} are called by the one that reconciles, and never block.
 */
final class Reporting {
    private static final Logger LOGGER = System.getLogger(Reporting.class.getName());

    /** Until the next heartbeat, while it matters where this node is and that is not settled. */
    private static final Duration SOON = Duration.ofMillis(500);

    /** How long a node that has just started asks that often where it is seen. */
    private static final Duration YOUNG = Duration.ofSeconds(10);

    /**
     * One heartbeat in so many goes to a second manager too: the one that the node listens to may be taken over, and lie
     * to the others about what the node has.
     */
    private static final int SECOND_OPINION = 5;

    private static final String VERSION = "0.1.0";

    private final NodeStore.Identity identity;
    private final String backend;
    private final ControlClient client;
    private final Hearing hearing;
    private final CertificateRenewal renewal;
    private final LocalNetworks networks;
    private final ExitWay exitWay;
    private final Supplier<WireGuardKeys> keys;
    private final ScheduledExecutorService talking;
    private final InstantSource clock;
    private final Instant begun;

    /** Written by the reconciling thread alone. */
    private volatile Progress progress = Progress.NONE;

    /** Set by the reconciling thread, unset by the talking one. */
    private final AtomicBoolean publishing = new AtomicBoolean();

    /** These are touched by the talking thread alone. */
    private final Whereabouts whereabouts = new Whereabouts();

    private final PairTurns turns = new PairTurns();

    /** Until a manager refuses it: one whose software is older cannot read a heartbeat that tells of single pairs. */
    private boolean ofPairs = true;

    private int beats;
    private boolean again;

    /**
     * @param backend what the tunnel is made with
     * @param keys those that this node has now
     * @param talking of one thread; who shuts it down ends this too
     */
    Reporting(
            NodeStore.Identity identity,
            String backend,
            ControlClient client,
            Hearing hearing,
            CertificateRenewal renewal,
            LocalNetworks networks,
            ExitWay exitWay,
            Supplier<WireGuardKeys> keys,
            ScheduledExecutorService talking,
            InstantSource clock) {
        this.identity = identity;
        this.backend = backend;
        this.client = client;
        this.hearing = hearing;
        this.renewal = renewal;
        this.networks = networks;
        this.exitWay = exitWay;
        this.keys = keys;
        this.talking = talking;
        this.clock = clock;
        begun = clock.instant();
    }

    void start() {
        long period = Presence.HEARTBEAT.toMillis();
        ScheduledFuture<?> unused = talking.scheduleWithFixedDelay(this::heartbeat, 0, period, TimeUnit.MILLISECONDS);
    }

    Progress progress() {
        return progress;
    }

    /** Goes with the next heartbeat; that the interfaces have settled is said at once, since a rotation waits for it. */
    void report(Progress now) {
        boolean news = progress.settled().isBefore(now.settled());
        progress = now;
        if (news) {
            talking.execute(this::heartbeat);
        }
    }

    /** Tells the new key of a plane, unless one is being told; who finds that the others do not know it yet asks again. */
    void publish(Plane plane, PublicKey key) {
        if (publishing.compareAndSet(false, true)) {
            talking.execute(() -> tellKey(plane, key));
        }
    }

    /** What a node tells of its new key. */
    record NewKey(Plane plane, PublicKey key) {}

    private void tellKey(Plane plane, PublicKey key) {
        try {
            client.call(
                    "POST",
                    "/v1/nodes/" + identity.node() + "/keys",
                    new NewKey(plane, key),
                    Void.class,
                    UUID.randomUUID().toString());
        } catch (ControlException e) {
            LOGGER.log(Level.INFO, "the new key is not published yet: {0}", e.getMessage());
        } finally {
            publishing.set(false);
        }
    }

    private void heartbeat() {
        if (talking.isShutdown() || hearing.removedBecause() != null) {
            return;
        }
        try {
            Netmap current = hearing.netmap();
            if (current != null) {
                networks.look(current.pools());
            }
            exitWay.resolve(client.managers());
            if (renewal.look()) {
                hearing.reopen();
            }
            if (hearing.isQuarantined()) {
                // Nobody hears it; that it is let in again, the watch tells.
                return;
            }
            askForKeys();
            Heartbeat heartbeat = beat();
            if (beats++ % SECOND_OPINION == 0) {
                client.tellAnother("/v1/heartbeat", heartbeat, Presence.HEARTBEAT);
            }
            String answer = client.call("POST", "/v1/heartbeat", heartbeat, String.class, Presence.HEARTBEAT);
            hear(client.managers().get(0), answer);
            reportReach();
        } catch (ControlException e) {
            LOGGER.log(Level.DEBUG, "heartbeat not heard: {0}", e.getMessage());
            if (e.slug().equals("certificate-expired")) {
                renewal.expired();
            }
            ofPairs &= !e.slug().equals("invalid");
        } catch (RuntimeException | IOException e) {
            LOGGER.log(Level.WARNING, "heartbeat failed", e);
        }
    }

    private Heartbeat beat() {
        Progress now = progress;
        VerifiedNetmap have = hearing.verified();
        return new Heartbeat(
                now.applied().epoch(),
                now.applied().revision(),
                now.settled().epoch() == now.applied().epoch() ? now.settled().revision() : Revision.ZERO,
                VERSION,
                backend,
                now.vitals().livePeers(),
                now.vitals().traffic(),
                renewal.authority(),
                have != null && have.edition().equals(now.applied()) ? have.digest() : null,
                hearing.refused(),
                now.awaited(),
                ofPairs ? turns.next(now.vitals().pairs()) : null);
    }

    /**
     * A backup may have other keys of this node than it has by now, and the node has not kept those: a rotation gives it
     * new ones that everybody knows.
     */
    private void askForKeys() {
        Netmap.Member self = hearing.self();
        if (self != null && DesiredNetworks.lacksKeys(self, keys.get())) {
            LOGGER.log(Level.WARNING, "the cluster has keys of this node that it has not; it asks for new ones");
            client.call("POST", "/v1/nodes/" + identity.node() + "/rotate", null, Void.class);
        }
    }

    /** What a node tells of where it is. */
    record NewReach(NodeEndpoints endpoints) {}

    /** A peer that is not where it was before tells so; a manager tells it itself. */
    private void reportReach() throws IOException {
        Netmap.Member self = hearing.self();
        if (self == null || identity.role() != Role.PEER) {
            return;
        }
        List<Address> own = Reach.addresses(identity.advertise(), client.managers());
        whereabouts.retain(client.managers());
        whereabouts.another(client.managers(), own).ifPresent(this::askAnother);
        Optional<NodeEndpoints> news = whereabouts.news(own, identity.advertise() == null, self.endpoints());
        if (news.isPresent()) {
            try {
                client.call("PUT", "/v1/nodes/" + identity.node() + "/reach", new NewReach(news.get()), Void.class);
            } catch (ControlException e) {
                // Such as a cluster with managers that cannot read it yet.
                LOGGER.log(Level.DEBUG, "where this node is was not told: {0}", e.getMessage());
            }
        }
        boolean young = clock.instant().isBefore(begun.plus(YOUNG));
        if (whereabouts.isUnsettled(self.endpoints()) || (young && !whereabouts.isSeen())) {
            soon();
        }
    }

    private void soon() {
        if (!again) {
            again = true;
            ScheduledFuture<?> unused = talking.schedule(
                    () -> {
                        again = false;
                        heartbeat();
                    },
                    SOON.toMillis(),
                    TimeUnit.MILLISECONDS);
        }
    }

    private void askAnother(String manager) {
        try {
            hear(manager, client.callAt(manager, "POST", "/v1/heartbeat", beat(), String.class, Presence.HEARTBEAT));
        } catch (ControlException e) {
            LOGGER.log(Level.DEBUG, "not asked where this node is: {0}", e.getMessage());
        }
    }

    /** Managers of the first release answer with nothing. */
    private void hear(String manager, String answer) {
        if (!answer.isBlank()) {
            whereabouts.seen(
                    manager,
                    Json.mapper().readValue(answer, HeartbeatAnswer.class).seen());
        }
    }
}
