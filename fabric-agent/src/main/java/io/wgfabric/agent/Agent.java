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
import io.wgfabric.api.Endpoint;
import io.wgfabric.api.NodeId;
import io.wgfabric.api.Plane;
import io.wgfabric.api.Revision;
import io.wgfabric.api.Role;
import io.wgfabric.core.netmap.Netmap;
import io.wgfabric.core.netmap.NetmapVerifier;
import io.wgfabric.core.netmap.SignedNetmap;
import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * The agent of a node that has joined. Three threads, so that nobody waits for a network that is not there: one hears
 * configurations ({@link Hearing}), one reconciles the interfaces, one talks to managers ({@link Reporting}). With every
 * manager gone it goes on with the last configuration that it verified, and so does the next agent on this node.
 */
public final class Agent implements AutoCloseable {
    private static final Logger LOGGER = System.getLogger(Agent.class.getName());

    /** How often the interfaces are compared without a configuration; with one, the paths say it. */
    private static final Duration REPAIR = Duration.ofSeconds(5);

    /** How often they are compared while something is under way. */
    private static final Duration BUSY = Duration.ofMillis(60);

    /**
     * So many times as long as a look took the next one waits: where a hundred nodes share a machine and all of them are
     * busy, they would leave nothing for the managers, and for WireGuard itself.
     */
    private static final int SPARING = 8;

    /** After an error of the system. */
    private static final Duration RETRY = Duration.ofSeconds(1);

    /** How old what the interfaces showed may be when a manager tells a node where it is. */
    private static final Duration STALE = Duration.ofSeconds(2);

    private final NodeStore store;
    private final NodeStore.Identity identity;
    private final ControlClient client;
    private final InstantSource clock = InstantSource.system();
    private final Tunnel tunnel;
    private final Hearing hearing;
    private final Reporting reporting;
    private final Thread reconciling;
    private final ScheduledExecutorService talking;
    private final CountDownLatch ended = new CountDownLatch(1);
    private final FirstHandshakes firstHandshakes;
    private final PairKeys pairKeys;

    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    private boolean pending;

    /** Changed by the reconciling thread alone. */
    private volatile WireGuardKeys keys;

    private volatile boolean closed;

    private final Paths paths = new Paths();
    private final Echoes echoes = new Echoes();
    private final Forwarding forwarding;
    private final ExitWay exitWay;
    private final LocalNetworks networks;
    private volatile @Nullable Sight sight;

    private Agent(NodeStore store, List<String> preferredManagers, Tunnel tunnel) throws IOException {
        this.store = store;
        this.tunnel = tunnel;
        identity = store.identity();
        firstHandshakes = new FirstHandshakes(identity.node().text());
        keys = store.keys();
        client = NodeClients.of(store, preferredManagers.isEmpty() ? identity.managers() : preferredManagers);
        String interfaceName = identity.interfaceName();
        forwarding = new Forwarding(interfaceName == null ? Set.of() : Tunnels.interfaceNames(interfaceName));
        exitWay = new ExitWay(store);
        networks = new LocalNetworks(interfaceName);
        reconciling = new Thread(this::reconcileUntilClosed, "fabric-reconcile");
        reconciling.setDaemon(true);
        talking = Executors.newSingleThreadScheduledExecutor(task -> {
            Thread thread = new Thread(task, "fabric-talk");
            thread.setDaemon(true);
            return thread;
        });
        pairKeys = new PairKeys(store, client, identity.node(), talking, this::wake);
        CertificateRenewal renewal = new CertificateRenewal(store, client, clock);
        hearing = new Hearing(
                identity.node(),
                new NetmapGuard(store, identity.node(), new NetmapVerifier(identity.cluster(), store::believed, clock)),
                client,
                renewal,
                this::wake);
        reporting = new Reporting(
                identity, tunnel.backend(), client, hearing, renewal, networks, exitWay, () -> keys, talking, clock);
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
            agent.hearing.restore(stored.get(), preferredManagers);
        }
        Netmap restored = agent.hearing.netmap();
        if (restored != null) {
            agent.networks.look(restored.pools());
        }
        agent.reconcileOnce();
        agent.reconciling.start();
        agent.hearing.start();
        agent.reporting.start();
        return agent;
    }

    public NodeStore.Identity identity() {
        return identity;
    }

    /** Blocks until the node was removed from the fabric, and says why. */
    public String awaitRemoval() throws InterruptedException {
        ended.await();
        String why = hearing.removedBecause();
        return why == null ? "the agent was closed" : why;
    }

    /** The newest revision at which all of this node's pairs are where they belong. */
    public Revision settled() {
        return reporting.progress().settled().revision();
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
        hearing.close();
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

    private void reconcileUntilClosed() {
        Duration before = Duration.ZERO;
        while (!closed && hearing.removedBecause() == null) {
            long began = System.nanoTime();
            Duration wanted = reconcileOnce();
            Duration took = Duration.ofNanos(System.nanoTime() - began);
            Duration pause = sparing(wanted, took, before);
            before = took;
            lock.lock();
            try {
                if (!pending) {
                    pending = changed.await(pause.toNanos(), TimeUnit.NANOSECONDS);
                }
                pending = false;
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                closed = true;
            } finally {
                lock.unlock();
            }
        }
        String why = hearing.removedBecause();
        if (why != null && !closed) {
            leaveNothing(why);
        }
        tunnel.release();
    }

    private void leaveNothing(String why) {
        LOGGER.log(Level.WARNING, "this node is no longer a member, its interfaces go down: {0}", why);
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

    /** One slow look alone, such as the first, which makes the interface, is no sign of a machine that is overloaded. */
    static Duration sparing(Duration wanted, Duration took, Duration before) {
        Duration shorter = took.compareTo(before) < 0 ? took : before;
        Duration least = shorter.multipliedBy(SPARING);
        if (least.compareTo(REPAIR) > 0) {
            least = REPAIR;
        }
        return wanted.compareTo(least) < 0 ? least : wanted;
    }

    /** One comparison and its changes; answers how long to wait for the next. */
    private Duration reconcileOnce() {
        Netmap current = hearing.netmap();
        try {
            if (hearing.isQuarantined()) {
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
                    new DesiredNetworks.Surroundings(chosen, paths.hub(), mtu, networks.attached(), exit, pairKeys::of);
            DesiredNetwork desired = firstHandshakes.pace(DesiredNetworks.of(current, self, keys, around), actual, now);
            Plan plan = Reconciler.reconcile(desired, actual, now);
            tunnel.apply(plan.changes());
            tunnel.apply(firstHandshakes.retry(desired, actual, now));
            forwarding.set(DesiredNetworks.forwarding(current, self));
            reporting.report(
                    reporting.progress().after(current.edition(), plan, Vitals.of(current, chosen, actual, now)));
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

    /** The next key is stored, the spare plane has it, and nothing is left to be done: now the others may hear of it. */
    private void publishNextKey(Netmap.Member self, ActualNetwork actual) {
        for (Plane plane : Plane.values()) {
            PrivateKey next = keys.next(plane);
            boolean rekeys = DesiredNetworks.phase(self) == DesiredNetworks.phaseThatRekeys(plane);
            boolean ready = plane == Plane.MAIN
                    || (next != null
                            && Objects.equals(next.publicKey(), actual.spare().publicKey()));
            if (rekeys && next != null && ready) {
                reporting.publish(plane, next.publicKey());
            }
        }
    }
}
