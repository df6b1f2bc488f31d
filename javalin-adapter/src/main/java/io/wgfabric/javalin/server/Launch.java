package io.wgfabric.javalin.server;

import io.wgfabric.agent.ControlException;
import io.wgfabric.agent.Join;
import io.wgfabric.agent.NodeStore;
import io.wgfabric.api.Bytes;
import io.wgfabric.api.FabricView;
import io.wgfabric.api.NodeName;
import io.wgfabric.api.Prefix;
import io.wgfabric.api.Role;
import io.wgfabric.core.ClusterKeyring;
import io.wgfabric.core.ReplicatedFabric;
import io.wgfabric.core.crypto.CryptoException;
import io.wgfabric.core.crypto.FabricTrust;
import io.wgfabric.core.netmap.Netmap;
import io.wgfabric.core.wire.JoinAnswer;
import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The three ways to a manager that serves: it founds a cluster, joins one, or was a manager before. What fails closes all
 * that it opened; the folder goes too, but only where no cluster knows this manager.
 */
final class Launch {
    private static final Logger LOGGER = System.getLogger(Launch.class.getName());

    private Launch() {}

    static FabricServer init(Path data, Settings settings, List<Prefix> pools, Environment environment)
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
            return FabricServer.serve(folder, settings, reachable, fabric, environment, key, credentials);
        } catch (IOException | RuntimeException e) {
            undo(folder, fabric, true);
            throw e;
        } finally {
            halfMade.close();
        }
    }

    static FabricServer join(Path data, Settings settings, String token, Environment environment) throws IOException {
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
            Netmap joined = folder.configuration(environment.clock());
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

    static FabricServer run(Path data, Settings settings, Environment environment) throws IOException {
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

    /** Whether this machine has what the settings ask for; says where a manager with them is reached. */
    static Reachable check(Settings settings, Environment environment) throws IOException {
        Ports.check(settings);
        if (settings.tunnel()) {
            environment.mesh().check(settings);
        }
        return Reachable.of(settings, environment.level());
    }

    /** Goes on with a folder that is whole; returns once a majority has confirmed the state here. */
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
                    MembershipQuestion.of(folder, credentials, fabric, environment.clock()),
                    environment.progress());
            FabricServer server =
                    FabricServer.serve(folder, settings, reachable, fabric, environment, key, credentials);
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

    /** @param discard whether the folder goes too */
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
}
