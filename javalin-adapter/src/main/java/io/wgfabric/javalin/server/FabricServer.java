package io.wgfabric.javalin.server;

import io.wgfabric.agent.ControlException;
import io.wgfabric.agent.Leave;
import io.wgfabric.agent.NodeStore;
import io.wgfabric.agent.wireguard.TunnelException;
import io.wgfabric.api.Node;
import io.wgfabric.api.Prefix;
import io.wgfabric.core.Admission;
import io.wgfabric.core.ClusterKeyring;
import io.wgfabric.core.NetmapPublisher;
import io.wgfabric.core.PresharedKeyDesk;
import io.wgfabric.core.RefusalLedger;
import io.wgfabric.core.ReplicatedFabric;
import io.wgfabric.core.SealingDesk;
import io.wgfabric.core.SigningDesk;
import io.wgfabric.core.TokenDesk;
import io.wgfabric.core.presence.Drift;
import io.wgfabric.core.presence.Presence;
import io.wgfabric.core.presence.SteadyClock;
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
        return Launch.init(data, settings, pools, environment);
    }

    /**
     * Joins a cluster as one more manager; returns once it has a vote.
     *
     * @throws ControlException if the cluster refuses or cannot be asked; then nothing is left behind
     */
    public static FabricServer join(Path data, Settings settings, String token, Environment environment)
            throws IOException {
        return Launch.join(data, settings, token, environment);
    }

    /**
     * Starts a manager again.
     *
     * @param settings as they shall be now; they are stored
     */
    public static FabricServer run(Path data, Settings settings, Environment environment) throws IOException {
        return Launch.run(data, settings, environment);
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

    /** The settings of the manager that has its data there. */
    public static Settings settings(Path data) throws IOException {
        return DataFolder.settings(data);
    }

    /** What is left to do once the replica is there; takes folder and replica over if it succeeds. */
    static FabricServer serve(
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
                () -> MembershipQuestion.of(folder, credentials, core.fabric(), environment.clock()),
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
