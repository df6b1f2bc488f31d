package io.wgfabric.agent;

import io.wgfabric.agent.paths.Echoes;
import io.wgfabric.agent.paths.Path;
import io.wgfabric.agent.paths.Paths;
import io.wgfabric.agent.wireguard.ActualNetwork;
import io.wgfabric.agent.wireguard.ActualPeer;
import io.wgfabric.agent.wireguard.DesiredNetwork;
import io.wgfabric.agent.wireguard.FirstHandshakes;
import io.wgfabric.agent.wireguard.Forwarding;
import io.wgfabric.agent.wireguard.Plan;
import io.wgfabric.agent.wireguard.PrivateKey;
import io.wgfabric.agent.wireguard.Reconciler;
import io.wgfabric.agent.wireguard.Tunnel;
import io.wgfabric.agent.wireguard.TunnelException;
import io.wgfabric.agent.wireguard.Tunnels;
import io.wgfabric.api.Address;
import io.wgfabric.api.Edition;
import io.wgfabric.api.Endpoint;
import io.wgfabric.api.NodeEndpoints;
import io.wgfabric.api.NodeId;
import io.wgfabric.api.Plane;
import io.wgfabric.api.Prefix;
import io.wgfabric.api.PublicKey;
import io.wgfabric.api.Revision;
import io.wgfabric.api.Role;
import io.wgfabric.core.codec.Json;
import io.wgfabric.core.crypto.CryptoException;
import io.wgfabric.core.netmap.GapException;
import io.wgfabric.core.netmap.Netmap;
import io.wgfabric.core.netmap.NetmapVerifier;
import io.wgfabric.core.netmap.SignedNetmap;
import io.wgfabric.core.netmap.VerifiedNetmap;
import io.wgfabric.core.presence.Presence;
import io.wgfabric.core.wire.Heartbeat;
import io.wgfabric.core.wire.HeartbeatAnswer;
import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * The agent of a node that has joined. Three threads, so that nobody waits for a network that is not there: one hears
 * configurations, one reconciles the interfaces, one talks to managers. With every manager gone it goes on with the last
 * configuration that it verified, and so does the next agent on this node.
 */
public final class Agent implements AutoCloseable {
    private static final Logger LOGGER = System.getLogger(Agent.class.getName());

    /** How often the interfaces are compared without a configuration; with one, the paths say it. */
    private static final Duration REPAIR = Duration.ofSeconds(5);

    /** How often they are compared while something is under way. */
    private static final Duration BUSY = Duration.ofMillis(60);

    /** After an error of the system. */
    private static final Duration RETRY = Duration.ofSeconds(1);

    /** Until the next heartbeat, while it matters where this node is and that is not settled. */
    private static final Duration SOON = Duration.ofMillis(500);

    /** How long a node that has just started asks that often where it is seen. */
    private static final Duration YOUNG = Duration.ofSeconds(10);

    /** How old what the interfaces showed may be when a manager tells a node where it is. */
    private static final Duration STALE = Duration.ofSeconds(2);

    /**
     * One heartbeat in so many goes to a second manager too: the one that the node listens to may be taken over, and lie
     * to the others about what the node has.
     */
    private static final int SECOND_OPINION = 5;

    private static final String VERSION = "0.1.0";

    private final NodeStore store;
    private final NodeStore.Identity identity;
    private final NetmapGuard guard;
    private final ControlClient client;
    private final InstantSource clock = InstantSource.system();
    private final Tunnel tunnel;
    private final String backend;
    private final CertificateRenewal renewal;
    private final Watch watch;
    private final Thread reconciling;
    private final ScheduledExecutorService talking;
    private final CountDownLatch ended = new CountDownLatch(1);
    private final AtomicBoolean publishing = new AtomicBoolean();
    private final FirstHandshakes firstHandshakes;
    private final PairKeys pairKeys;

    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    private boolean pending;

    private volatile WireGuardKeys keys;
    private volatile @Nullable Netmap netmap;
    private volatile @Nullable String removedBecause;
    private volatile boolean quarantined;
    private volatile boolean waiting;
    private volatile boolean closed;
    /** Touched by the talking thread alone. */
    private int beats;

    private final Instant begun = clock.instant();
    private final AtomicBoolean again = new AtomicBoolean();
    private final Whereabouts whereabouts = new Whereabouts();
    private final Paths paths = new Paths();
    private final Echoes echoes = new Echoes();
    private final Forwarding forwarding;
    private final ExitWay exitWay;
    private volatile @Nullable Sight sight;
    private List<HostNetworks.Overlap> overlaps = List.of();
    private volatile Set<Prefix> attached = Set.of();
    private volatile Edition applied = Edition.NONE;
    private volatile Edition settled = Edition.NONE;
    private volatile List<NodeId> awaited = List.of();
    private volatile Vitals vitals = Vitals.NONE;

    private Agent(NodeStore store, List<String> preferredManagers, Tunnel tunnel) throws IOException {
        this.store = store;
        this.tunnel = tunnel;
        identity = store.identity();
        firstHandshakes = new FirstHandshakes(identity.node().text());
        keys = store.keys();
        guard = new NetmapGuard(store, identity.node(), new NetmapVerifier(identity.cluster(), store::believed, clock));
        client = NodeClients.of(store, preferredManagers.isEmpty() ? identity.managers() : preferredManagers);
        backend = tunnel.backend();
        String interfaceName = identity.interfaceName();
        forwarding = new Forwarding(interfaceName == null ? Set.of() : Tunnels.interfaceNames(interfaceName));
        exitWay = new ExitWay(store);
        renewal = new CertificateRenewal(store, client, clock);
        watch = new Watch(client, new Ears());
        reconciling = new Thread(this::reconcileUntilClosed, "fabric-reconcile");
        reconciling.setDaemon(true);
        talking = Executors.newSingleThreadScheduledExecutor(task -> {
            Thread thread = new Thread(task, "fabric-talk");
            thread.setDaemon(true);
            return thread;
        });
        pairKeys = new PairKeys(store, client, identity.node(), talking, this::wake);
    }

    /**
     * Starts the agent of a node that has joined: brings up the interfaces from the stored configuration, then follows
     * the managers.
     *
     * @param preferredManagers whom to ask before those of the stored configuration, {@code HOST:PORT}; may be empty
     * @throws IOException if the node's folder cannot be read
     * @throws TunnelException if this system cannot have a tunnel
     */
    public static Agent start(NodeStore store, List<String> preferredManagers) throws IOException {
        String interfaceName = store.identity().interfaceName();
        if (interfaceName == null) {
            throw new IOException("this node takes no part in the mesh");
        }
        return start(
                store,
                preferredManagers,
                Tunnels.open(interfaceName, store.keys().allPublic()));
    }

    /**
     * The same with a tunnel of the application's own.
     *
     * @param tunnel used by the agent's threads one after the other; it stays when the agent is closed
     */
    public static Agent start(NodeStore store, List<String> preferredManagers, Tunnel tunnel) throws IOException {
        Agent agent = new Agent(store, preferredManagers, tunnel);
        Optional<SignedNetmap> stored = store.netmap();
        if (stored.isPresent()) {
            agent.restore(stored.get(), preferredManagers);
        }
        agent.lookAround();
        agent.reconcileOnce();
        agent.reconciling.start();
        agent.watch.start();
        long period = Presence.HEARTBEAT.toMillis();
        ScheduledFuture<?> unused =
                agent.talking.scheduleWithFixedDelay(agent::heartbeat, 0, period, TimeUnit.MILLISECONDS);
        return agent;
    }

    /** Whom it was told to ask may be wrong, or gone by now: it asks those that it knows too. */
    private void restore(SignedNetmap stored, List<String> preferredManagers) {
        try {
            NetmapVerifier.Restored found = guard.restore(stored);
            if (found.damage() != null) {
                LOGGER.log(
                        Level.WARNING,
                        "of the stored configuration only what is before its damage is used: {0}",
                        found.damage());
            }
            Netmap restored = found.verified().netmap();
            netmap = restored;
            Set<String> managers = new LinkedHashSet<>(preferredManagers);
            managers.addAll(restored.managerApis());
            client.setManagers(List.copyOf(managers));
        } catch (CryptoException e) {
            LOGGER.log(Level.ERROR, "the stored configuration is not used, waiting for a manager: {0}", e.getMessage());
        }
    }

    public NodeStore.Identity identity() {
        return identity;
    }

    /** Blocks until the node was removed from the fabric, and says why. */
    public String awaitRemoval() throws InterruptedException {
        ended.await();
        String why = removedBecause;
        return why == null ? "the agent was closed" : why;
    }

    /** The newest revision at which all of this node's pairs are where they belong. */
    public Revision settled() {
        return settled.revision();
    }

    /** What the interfaces showed at last, and of which configuration. */
    private record Sight(Netmap netmap, ActualNetwork actual, Instant at) {}

    /**
     * Where another node's WireGuard is on the main plane, as this node's sees it. Never blocks: what is old is looked
     * at again for the next time.
     */
    public Optional<Endpoint> sees(NodeId node) {
        Sight last = sight;
        if (last == null) {
            return Optional.empty();
        }
        Instant now = clock.instant();
        Optional<Endpoint> seen = last.netmap()
                .member(node)
                .map(member -> last.actual().main().peers().get(member.keys().main()))
                .filter(entry -> entry.isLive(now))
                .map(ActualPeer::endpoint);
        boolean roams = last.netmap()
                .member(node)
                .map(member -> member.endpoints().reflexive() != null)
                .orElse(true);
        if ((roams || seen.isEmpty()) && last.at().plus(STALE).isBefore(now)) {
            wake();
        }
        return seen;
    }

    /** Ends the agent; the tunnels stay. */
    @Override
    public void close() {
        closed = true;
        watch.close();
        talking.shutdownNow();
        echoes.close();
        wake();
        ended.countDown();
    }

    private void wake() {
        lock.lock();
        try {
            pending = true;
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    /** What the managers say. */
    private final class Ears implements Watch.Listener {
        @Override
        public String query() {
            return guard.query(quarantined || waiting);
        }

        @Override
        public boolean netmap(SignedNetmap signed) {
            return hear(() -> guard.admit(signed));
        }

        @Override
        public boolean delta(String line) {
            return hear(() -> guard.admitDelta(line)) && !guard.needsFull();
        }

        /** Whether this manager's stream is of use to this node. */
        private boolean hear(Admission admission) {
            try {
                accept(admission.admit());
                return true;
            } catch (GapException e) {
                LOGGER.log(Level.INFO, "asking for the whole configuration: {0}", e.getMessage());
            } catch (CryptoException e) {
                LOGGER.log(Level.WARNING, "refused a configuration and keep the one I have: {0}", e.getMessage());
                client.moveOn();
            } catch (IOException e) {
                LOGGER.log(Level.ERROR, e.getMessage());
            }
            return false;
        }

        @Override
        public void pending(String message) {
            if (!waiting) {
                LOGGER.log(Level.WARNING, "{0}; this agent goes on by itself once that is done", message);
                waiting = true;
            }
        }

        @Override
        public boolean gone(String slug, String message, Edition asOf) {
            if (asOf.isBefore(guard.seen())) {
                LOGGER.log(
                        Level.INFO,
                        "a manager at {0} does not know this node, which has seen {1}: {2}",
                        asOf,
                        guard.seen(),
                        message);
                return false;
            }
            if (slug.equals("node-removed")) {
                removedBecause = message;
                wake();
            } else if (slug.equals("node-quarantined") && !quarantined) {
                LOGGER.log(Level.WARNING, "this node is quarantined, its interfaces go down: {0}", message);
                quarantined = true;
                wake();
            } else if (slug.equals("certificate-expired")) {
                renewal.expired();
            }
            return slug.equals("node-quarantined");
        }
    }

    /** What takes a configuration in. */
    private interface Admission {
        Netmap admit() throws IOException;
    }

    /** Uses what was admitted, if this node is in it. */
    private void accept(Netmap offered) {
        if (offered.member(identity.node()).isEmpty()) {
            return;
        }
        netmap = offered;
        if (waiting) {
            LOGGER.log(Level.INFO, "this node was approved");
            waiting = false;
        }
        quarantined = false;
        client.setManagers(offered.managerApis());
        wake();
    }

    private void reconcileUntilClosed() {
        while (!closed && removedBecause == null) {
            Duration pause = reconcileOnce();
            lock.lock();
            try {
                if (!pending) {
                    pending = changed.await(pause.toNanos(), TimeUnit.NANOSECONDS);
                }
                pending = false;
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                return;
            } finally {
                lock.unlock();
            }
        }
        if (removedBecause != null && !closed) {
            leaveNothing();
        }
    }

    private void leaveNothing() {
        LOGGER.log(Level.WARNING, "this node is no longer a member, its interfaces go down: {0}", removedBecause);
        try {
            tunnel.tearDown();
            forwarding.set(Forwarding.Duty.NONE);
            exitWay.leave();
            if (identity.role() == Role.PEER) {
                store.erase();
            }
        } catch (TunnelException | IOException e) {
            LOGGER.log(Level.ERROR, e.getMessage());
        }
        ended.countDown();
    }

    /** One comparison and its changes; answers how long to wait for the next. */
    private Duration reconcileOnce() {
        Netmap current = netmap;
        try {
            if (quarantined) {
                tunnel.tearDown();
                return REPAIR;
            }
            Netmap.Member self =
                    current == null ? null : current.member(identity.node()).orElse(null);
            if (current == null || self == null) {
                return REPAIR;
            }
            ActualNetwork actual = tunnel.read();
            turnKeys(self, actual);
            pairKeys.follow(current, self);
            Instant now = clock.instant();
            sight = new Sight(current, actual, now);
            Map<NodeId, Path> chosen = paths.decide(current, self, actual, echoes::of, now);
            echoes.ask(current, paths.watched());
            int mtu = Underlay.mtu(current.mtu(), self.endpoints());
            NodeId exit = exitWay.follow(current, self, client.managers());
            DesiredNetworks.Surroundings around =
                    new DesiredNetworks.Surroundings(chosen, paths.hub(), mtu, attached, exit, pairKeys::of);
            DesiredNetwork desired = firstHandshakes.pace(DesiredNetworks.of(current, self, keys, around), actual, now);
            Plan plan = Reconciler.reconcile(desired, actual, now);
            tunnel.apply(plan.changes());
            tunnel.apply(firstHandshakes.retry(desired, actual, now));
            forwarding.set(DesiredNetworks.forwarding(current, self));
            vitals = Vitals.of(actual, now);
            // In this order: who reads them in the other one never takes an old list for one of the new configuration.
            awaited = awaited(plan);
            applied = current.edition();
            if (plan.settled()) {
                boolean news = settled.isBefore(current.edition());
                settled = current.edition();
                if (news) {
                    talking.execute(this::heartbeat);
                }
            }
            if (plan.changes().isEmpty()) {
                publishNextKey(self, actual);
            }
            return plan.settled() && !firstHandshakes.isWaiting() ? paths.pause() : BUSY;
        } catch (TunnelException | IOException e) {
            LOGGER.log(Level.ERROR, e.getMessage());
            return RETRY;
        } catch (RuntimeException e) {
            // This thread is all that keeps the tunnels as they shall be: it outlives whatever one round met.
            LOGGER.log(Level.ERROR, "the interfaces could not be compared, trying again", e);
            return RETRY;
        }
    }

    /** Stored before they are used: a key that an interface has is one that the next agent knows. */
    private void turnKeys(Netmap.Member self, ActualNetwork actual) throws IOException {
        WireGuardKeys turned = keys.turned(self, actual, () -> PrivateKey.generate(new SecureRandom()));
        if (!turned.equals(keys)) {
            store.saveKeys(turned);
            keys = turned;
        }
    }

    /** Whom this node waits for, if that is all that it waits for, and if they are few enough to be told. */
    private static List<NodeId> awaited(Plan plan) {
        boolean told = plan.changes().isEmpty() && plan.awaited().size() <= Heartbeat.MAX_AWAITED;
        return told ? plan.awaited().stream().map(NodeId::new).toList() : List.of();
    }

    /** The next key is stored, the spare plane has it, and nothing is left to be done: now the others may hear of it. */
    private void publishNextKey(Netmap.Member self, ActualNetwork actual) {
        for (Plane plane : Plane.values()) {
            PrivateKey next = keys.next(plane);
            boolean rekeys = DesiredNetworks.phase(self) == DesiredNetworks.phaseThatRekeys(plane);
            boolean ready = plane == Plane.MAIN
                    || (next != null
                            && Objects.equals(next.publicKey(), actual.spare().publicKey()));
            if (rekeys && next != null && ready && publishing.compareAndSet(false, true)) {
                PublicKey key = next.publicKey();
                talking.execute(() -> publish(plane, key));
            }
        }
    }

    /** What a node tells of its new key. */
    record NewKey(Plane plane, PublicKey key) {}

    private void publish(Plane plane, PublicKey key) {
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

    /** What a node tells of where it is. */
    record NewReach(NodeEndpoints endpoints) {}

    /** A peer that is not where it was before tells so; a manager tells it itself. */
    private void reportReach() throws IOException {
        Netmap current = netmap;
        Netmap.Member self =
                current == null ? null : current.member(identity.node()).orElse(null);
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
        if (again.compareAndSet(false, true)) {
            ScheduledFuture<?> unused = talking.schedule(
                    () -> {
                        again.set(false);
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

    /** Says once what this machine's own networks have in common with the pools, since either may have come later. */
    private void lookAround() {
        Netmap current = netmap;
        String interfaceName = identity.interfaceName();
        if (current == null || interfaceName == null) {
            return;
        }
        Set<String> own = Tunnels.interfaceNames(interfaceName);
        List<HostNetworks.Attached> found = HostNetworks.attached();
        attached = HostNetworks.networks(found, own);
        notice(HostNetworks.overlaps(current.pools(), found, own));
    }

    private void notice(List<HostNetworks.Overlap> found) {
        for (String line : HostNetworks.news(overlaps, found)) {
            LOGGER.log(Level.WARNING, line);
        }
        overlaps = found;
    }

    /**
     * A backup may have other keys of this node than it has by now, and the node has not kept those: a rotation gives it
     * new ones that everybody knows.
     */
    private void askForKeys() {
        Netmap current = netmap;
        Netmap.Member self =
                current == null ? null : current.member(identity.node()).orElse(null);
        if (self != null && DesiredNetworks.lacksKeys(self, keys)) {
            LOGGER.log(Level.WARNING, "the cluster has keys of this node that it has not; it asks for new ones");
            client.call("POST", "/v1/nodes/" + identity.node() + "/rotate", null, Void.class);
        }
    }

    private Heartbeat beat() {
        Edition heard = applied;
        Edition quiet = settled;
        Vitals pairs = vitals;
        VerifiedNetmap have = guard.have();
        return new Heartbeat(
                heard.epoch(),
                heard.revision(),
                quiet.epoch() == heard.epoch() ? quiet.revision() : Revision.ZERO,
                VERSION,
                backend,
                pairs.livePeers(),
                pairs.traffic(),
                renewal.authority(),
                have != null && have.edition().equals(heard) ? have.digest() : null,
                guard.refused(),
                awaited);
    }

    private void heartbeat() {
        if (closed || removedBecause != null) {
            return;
        }
        try {
            lookAround();
            exitWay.resolve(client.managers());
            if (renewal.look()) {
                watch.reopen();
            }
            if (quarantined) {
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
        } catch (RuntimeException | IOException e) {
            LOGGER.log(Level.WARNING, "heartbeat failed", e);
        }
    }
}
