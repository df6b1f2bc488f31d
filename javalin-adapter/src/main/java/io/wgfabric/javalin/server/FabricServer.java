package io.wgfabric.javalin.server;

import io.wgfabric.agent.ControlException;
import io.wgfabric.agent.Join;
import io.wgfabric.agent.Leave;
import io.wgfabric.agent.NodeStore;
import io.wgfabric.agent.wireguard.TunnelException;
import io.wgfabric.api.Bytes;
import io.wgfabric.api.Edition;
import io.wgfabric.api.FabricView;
import io.wgfabric.api.Node;
import io.wgfabric.api.NodeName;
import io.wgfabric.api.Prefix;
import io.wgfabric.api.Role;
import io.wgfabric.core.Admission;
import io.wgfabric.core.ClusterKeyring;
import io.wgfabric.core.NetmapPublisher;
import io.wgfabric.core.PresharedKeyDesk;
import io.wgfabric.core.RefusalLedger;
import io.wgfabric.core.ReplicatedFabric;
import io.wgfabric.core.SealingDesk;
import io.wgfabric.core.SigningDesk;
import io.wgfabric.core.TokenDesk;
import io.wgfabric.core.crypto.CryptoException;
import io.wgfabric.core.crypto.FabricTrust;
import io.wgfabric.core.netmap.Netmap;
import io.wgfabric.core.netmap.NetmapVerifier;
import io.wgfabric.core.netmap.SignedNetmap;
import io.wgfabric.core.presence.Drift;
import io.wgfabric.core.presence.Presence;
import io.wgfabric.core.presence.SteadyClock;
import io.wgfabric.core.wire.JoinAnswer;
import io.wgfabric.javalin.rest.Core;
import io.wgfabric.javalin.rest.OpenTrust;
import io.wgfabric.javalin.rest.RestServer;
import io.wgfabric.javalin.rest.Vantage;
import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/** A manager that serves: from the return of {@link #init}, {@link #join} or {@link #run} until it is closed. */
public final class FabricServer implements AutoCloseable {
    private static final Logger LOGGER = System.getLogger(FabricServer.class.getName());

    private final Core core;
    private final Settings settings;
    private final NodeStore node;
    private final CountDownLatch stopped = new CountDownLatch(1);
    private final AtomicBoolean closing = new AtomicBoolean();
    private final AtomicBoolean removed = new AtomicBoolean();
    private volatile @Nullable Throwable halted;

    /** What to close, the newest first. */
    private final Deque<AutoCloseable> parts = new ArrayDeque<>();

    private FabricServer(Core core, Settings settings, NodeStore node) {
        this.core = core;
        this.settings = settings;
        this.node = node;
    }

    /**
     * Founds a cluster with this machine as its first manager.
     *
     * @throws IOException if the folder or a port cannot be had; then nothing is left behind
     */
    public static FabricServer init(Path data, Settings settings, List<Prefix> pools, Environment environment)
            throws IOException {
        Reachable place = check(settings, environment);
        DataFolder folder = DataFolder.create(data);
        ReplicatedFabric fabric = null;
        HalfMade halfMade = HalfMade.watch(folder);
        try {
            Founding founding = Founding.prepare(pools, environment);
            Credentials credentials = founding.credentials();
            Path keyFile = folder.sealingKey(settings);
            SealingKeyFile key = SealingKeyFile.create(keyFile, founding.sealingKey(), environment.passphrase());
            folder.madeKey(keyFile);
            folder.saveEpoch(new DataFolder.Epoch(1, true, null));
            Reachable reachable = place.withKey(key.managerKey().publicKey());
            fabric = ReplicaPlace.open(
                    founding.cluster(),
                    folder.epoch().number(),
                    founding.self(),
                    settings,
                    folder,
                    credentials,
                    true,
                    List.of(),
                    environment);
            founding.decide(fabric, folder.node(), settings, reachable);
            folder.saveOperator(founding.operatorFile(reachable.services().api()));
            folder.saveSettings(settings);
            return serve(folder, settings, reachable, fabric, environment, key, credentials);
        } catch (IOException | RuntimeException e) {
            undo(folder, fabric, true);
            throw e;
        } finally {
            halfMade.close();
        }
    }

    /**
     * Joins a cluster as one more manager; returns once it has a vote.
     *
     * @throws ControlException if the cluster refuses or cannot be asked; then nothing is left behind
     */
    public static FabricServer join(Path data, Settings settings, String token, Environment environment)
            throws IOException {
        Reachable place = check(settings, environment);
        DataFolder folder = DataFolder.create(data);
        SealingKeyFile key;
        Reachable reachable;
        try {
            Path keyFile = folder.sealingKey(settings);
            key = SealingKeyFile.joining(keyFile, environment.passphrase());
            folder.madeKey(keyFile);
            reachable = place.withKey(key.managerKey().publicKey());
            JoinAnswer answer = Join.join(folder.node(), plan(settings, token, reachable));
            Bytes sealingKey = answer.sealingKey();
            if (sealingKey == null) {
                throw new ControlException(403, "untrusted", "the manager's answer has no sealing key");
            }
            key.replace(sealingKey.toArray());
            Netmap joined = configured(folder, environment);
            folder.saveEpoch(new DataFolder.Epoch(joined.epoch(), false, null));
            // All of them, from the first moment: it may be left behind before it has any other word of them.
            folder.saveManagers(new DataFolder.Managers(answer.replication(), joined.managerApis()));
            folder.saveSettings(settings);
        } catch (ControlException e) {
            // Where no answer came the cluster may have admitted this node: a repeat then continues from the folder.
            undo(folder, null, e.isWithoutEffect() && !folder.node().hasJoined());
            throw e;
        } catch (IOException | RuntimeException e) {
            // Once the cluster has admitted this node, its identity and keys are nowhere else.
            undo(folder, null, !folder.node().hasJoined());
            throw e;
        }
        return resume(folder, settings, reachable, environment, key, true);
    }

    private static Join.Plan plan(Settings settings, String token, Reachable reachable) {
        return new Join.Plan(
                token,
                Role.MGMT,
                new NodeName(settings.name()),
                settings.tunnel() ? settings.interfaceName() : null,
                settings.wireguardPort(),
                settings.sparePort(),
                settings.advertise(),
                reachable.services());
    }

    /**
     * Starts a manager again.
     *
     * @param settings as they shall be now; they are stored
     */
    public static FabricServer run(Path data, Settings settings, Environment environment) throws IOException {
        // The interfaces of its last run may live on, and have the WireGuard ports: they are its own.
        Ports.checkOwn(settings);
        Reachable place = Reachable.of(settings, environment.level());
        DataFolder folder = DataFolder.open(data);
        SealingKeyFile key;
        try {
            Settings before = folder.settings();
            if (!settings.name().equals(before.name())
                    || !settings.interfaceName().equals(before.interfaceName())) {
                throw new IOException("a manager keeps the name and the interface that it joined with: " + before.name()
                        + ", " + before.interfaceName());
            }
            requireNoTwin(folder, before, environment);
            key = SealingKeyFile.open(folder.sealingKey(settings), environment.passphrase());
            if (!settings.equals(before)) {
                folder.saveSettings(settings);
            }
        } catch (IOException | RuntimeException e) {
            undo(folder, null, false);
            throw e;
        }
        return resume(folder, settings, place.withKey(key.managerKey().publicKey()), environment, key, false);
    }

    /**
     * Locks the file with the sealing key of a manager that does not run.
     *
     * @param passphrase the one of now, if there is one
     * @param next null to leave the file unlocked
     * @throws IOException if the passphrase is wrong or the manager runs; then nothing was changed
     */
    public static void relock(Path data, Passphrase passphrase, byte @Nullable [] next) throws IOException {
        try (DataFolder folder = DataFolder.open(data)) {
            SealingKeyFile.open(folder.sealingKey(folder.settings()), passphrase)
                    .relock(next);
        }
    }

    /** Two managers of one identity would each acknowledge what the other does not have. */
    private static void requireNoTwin(DataFolder folder, Settings before, Environment environment) throws IOException {
        NodeStore.Identity identity = folder.node().identity();
        Credentials credentials = Credentials.of(folder.node());
        HostPort api = new HostPort(before.advertise(), before.advertisedPort());
        FabricTrust itself = new FabricTrust(
                credentials::authorities,
                identity.cluster(),
                other -> other.node().equals(identity.node()),
                environment.clock());
        if (Probe.proves(api, credentials.tls(itself))) {
            throw new IOException("this manager runs already, at " + api + ": " + folder.root()
                    + " is a copy of its folder, and a copy must not run; join with a new --data and a new token");
        }
    }

    /** The settings of the manager that has its data there. */
    public static Settings settings(Path data) throws IOException {
        return DataFolder.settings(data);
    }

    /** The stored configuration of this manager: at least as new as its own join. */
    private static Netmap configured(DataFolder folder, Environment environment) throws IOException {
        NodeStore node = folder.node();
        NodeStore.Identity identity = node.identity();
        SignedNetmap stored = node.netmap().orElseThrow(() -> new IOException(folder.root() + " has no configuration"));
        return new NetmapVerifier(identity.cluster(), node::believed, environment.clock())
                .restore(stored)
                .verified()
                .netmap();
    }

    static Reachable check(Settings settings, Environment environment) throws IOException {
        Ports.check(settings);
        if (settings.tunnel()) {
            environment.mesh().check(settings);
        }
        return Reachable.of(settings, environment.level());
    }

    private static FabricServer resume(
            DataFolder folder,
            Settings settings,
            Reachable reachable,
            Environment environment,
            SealingKeyFile key,
            boolean untilVoter)
            throws IOException {
        ReplicatedFabric fabric = null;
        try {
            NodeStore.Identity identity = folder.node().identity();
            DataFolder.Epoch epoch = folder.epoch();
            requireWhole(folder, epoch);
            Credentials credentials = Credentials.of(folder.node());
            fabric = ReplicaPlace.open(
                    identity.cluster(),
                    epoch.number(),
                    identity.node(),
                    settings,
                    folder,
                    credentials,
                    false,
                    folder.managers().replication(),
                    environment);
            if (!epoch.begun()) {
                folder.saveEpoch(epoch.withLog());
            }
            renewAtStart(folder, credentials, fabric.view(), key, environment);
            Restoration.await(
                    fabric,
                    identity.node(),
                    membership(folder, identity, credentials, fabric, environment),
                    environment.progress());
            FabricServer server = serve(folder, settings, reachable, fabric, environment, key, credentials);
            if (untilVoter) {
                Restoration.awaitVote(fabric, identity.node(), environment.progress());
            }
            return server;
        } catch (IOException | RuntimeException e) {
            undo(folder, fabric, false);
            throw e;
        }
    }

    /** A manager that has acknowledged something must not come back without it under its old id. */
    private static void requireWhole(DataFolder folder, DataFolder.Epoch epoch) throws IOException {
        if (epoch.recovering() != null) {
            throw new IOException("a recovery to epoch " + epoch.number() + " was begun in " + folder.root()
                    + " and not finished; finish it: fabric server recover --data " + folder.root() + " --yes");
        }
        if (epoch.begun() && !folder.hasLog()) {
            throw new IOException("the log of this manager is gone from " + folder.root()
                    + ", and others rely on what was in it; on another manager 'fabric node remove' this one, then"
                    + " remove the folder and join again with a new token");
        }
    }

    /** The other managers admit no certificate that is over, and the state that is stored here is enough for a new one. */
    private static void renewAtStart(
            DataFolder folder, Credentials credentials, FabricView view, SealingKeyFile key, Environment environment)
            throws IOException {
        CertificateKeeper keeper = new CertificateKeeper(folder.node(), credentials, environment.clock());
        if (view.cluster().isEmpty()) {
            return;
        }
        try {
            SealingKeeper sealing =
                    new SealingKeeper(key, folder.node().identity().node());
            keeper.look(view, ClusterKeyring.open(view, sealing.sealerOf(view), environment.certificateLife()));
        } catch (CryptoException e) {
            LOGGER.log(Level.WARNING, "the certificate of this manager is not looked after yet: {0}", e.getMessage());
        }
    }

    private static MembershipQuestion membership(
            DataFolder folder,
            NodeStore.Identity identity,
            Credentials credentials,
            ReplicatedFabric fabric,
            Environment environment)
            throws IOException {
        FabricTrust managers = new FabricTrust(
                credentials::authorities,
                identity.cluster(),
                other -> other.role() == Role.MGMT && !other.node().equals(identity.node()),
                environment.clock());
        Edition joined;
        try {
            joined = configured(folder, environment).edition();
        } catch (CryptoException e) {
            LOGGER.log(Level.WARNING, "the stored configuration cannot be verified: {0}", e.getMessage());
            joined = Edition.NONE;
        }
        Edition atLeast = joined;
        return new MembershipQuestion(folder.managers().api(), credentials.tls(managers), () -> {
            Edition here = fabric.view().edition();
            return here.isBefore(atLeast) ? atLeast : here;
        });
    }

    static void undo(DataFolder folder, @Nullable ReplicatedFabric fabric, boolean discard) throws IOException {
        if (fabric != null) {
            fabric.close();
        }
        try (folder) {
            if (discard) {
                folder.discard();
            }
        }
    }

    private static FabricServer serve(
            DataFolder folder,
            Settings settings,
            Reachable reachable,
            ReplicatedFabric fabric,
            Environment environment,
            SealingKeyFile key,
            Credentials credentials)
            throws IOException {
        NodeStore node = folder.node();
        SealingKeeper sealing = new SealingKeeper(key, node.identity().node());
        ClusterKeyring keyring = ClusterKeyring.follow(fabric::view, sealing::sealerOf, environment.certificateLife());
        NetmapPublisher netmaps = new NetmapPublisher(keyring::signer);
        RefusalLedger refusals = new RefusalLedger();
        Presence presence = new Presence(new SteadyClock(environment.clock()));
        fabric.log().onBroadcast(presence::told);
        Core core = new Core(
                fabric,
                keyring,
                new Admission(fabric, keyring, netmaps, refusals, sealing::keyOf, environment.clock()),
                new TokenDesk(fabric, keyring),
                new SealingDesk(fabric, sealing::keyOf),
                new SigningDesk(fabric, keyring, sealing::keyOf, environment.clock()),
                new PresharedKeyDesk(fabric, sealing::keyOf),
                netmaps,
                refusals,
                presence,
                new Vantage(),
                new Drift(),
                node.identity().node(),
                environment.clock());
        FabricServer server = new FabricServer(core, settings, node);
        try {
            server.open(folder, node, reachable, sealing, credentials, environment);
        } catch (IOException | RuntimeException e) {
            server.closeParts();
            throw e;
        }
        server.parts.addLast(fabric);
        server.parts.addLast(folder);
        return server;
    }

    private void open(
            DataFolder folder,
            NodeStore node,
            Reachable reachable,
            SealingKeeper sealing,
            Credentials credentials,
            Environment environment)
            throws IOException {
        parts.addFirst(RestServer.start(
                core,
                credentials.tls(new OpenTrust(credentials.authorities().used())),
                settings.bind(),
                settings.port()));
        Duties duties = new Duties(
                core,
                settings,
                reachable,
                sealing,
                new CertificateKeeper(node, credentials, environment.clock()),
                folder,
                () -> membership(folder, node.identity(), credentials, core.fabric(), environment),
                this::stopRemoved,
                this::stopHalted);
        parts.addFirst(duties);
        duties.start();
        if (settings.stunPort() != 0) {
            parts.addFirst(StunServer.start(settings.bind(), settings.stunPort()));
        }
        if (settings.tunnel()) {
            Mesh.Running part = environment.mesh().start(node, settings);
            parts.addFirst(part);
            core.vantage().open(part::sees);
        }
        LOGGER.log(
                Level.INFO,
                "manager {0} serves cluster {1} at {2}",
                self().name(),
                core.keyring().cluster(),
                reachable.services().api());
    }

    private void stopRemoved() {
        if (removed.compareAndSet(false, true)) {
            stopAside();
        }
    }

    private void stopHalted() {
        halted = core.fabric().halted();
        stopAside();
    }

    /** On a thread of its own: the duties, which found out why, are among what is closed. */
    private void stopAside() {
        new Thread(this::close, "fabric-stop").start();
    }

    /** This manager as the state has it. */
    public Node self() {
        return core.fabric().view().node(core.self()).orElseThrow();
    }

    /** Where its tokens come from. */
    public TokenDesk tokens() {
        return core.tokens();
    }

    /** Its replica of the state; closed with the server. */
    public ReplicatedFabric fabric() {
        return core.fabric();
    }

    public Settings settings() {
        return settings;
    }

    /** Blocks until the server was closed; answers whether that is because it was removed from the cluster. */
    public boolean awaitStop() throws InterruptedException {
        stopped.await();
        return removed.get();
    }

    /** Why this server stopped by itself, such as a failing disk; null if it serves or stopped for another reason. */
    public @Nullable Throwable haltedBy() {
        return halted;
    }

    /** Stops serving, hands leadership over, and leaves the folder for the next run. Idempotent. */
    @Override
    public void close() {
        if (closing.compareAndSet(false, true)) {
            closeParts();
            if (removed.get()) {
                takeDown();
            }
            stopped.countDown();
        }
    }

    /** A manager that is no member any more leaves no interface behind; one that stops leaves its tunnels up. */
    private void takeDown() {
        try {
            Leave.takeDown(node);
        } catch (IOException | TunnelException e) {
            LOGGER.log(Level.ERROR, e.getMessage());
        }
    }

    private void closeParts() {
        for (AutoCloseable part = parts.pollFirst(); part != null; part = parts.pollFirst()) {
            try {
                part.close();
            } catch (Exception e) {
                LOGGER.log(
                        Level.WARNING, "not closed cleanly: " + part.getClass().getSimpleName(), e);
            }
        }
    }
}
