package io.wgfabric.javalin.server;

import io.wgfabric.api.Actor;
import io.wgfabric.api.Bytes;
import io.wgfabric.api.ClusterId;
import io.wgfabric.api.Command.RecoverCluster;
import io.wgfabric.api.FabricView;
import io.wgfabric.api.Node;
import io.wgfabric.api.Revision;
import io.wgfabric.core.ClusterKeyring;
import io.wgfabric.core.Replay;
import io.wgfabric.core.ReplicatedFabric;
import io.wgfabric.core.backup.Backup;
import io.wgfabric.core.codec.Codec;
import io.wgfabric.core.crypto.Sealer;
import io.wgfabric.core.state.State;
import io.wgfabric.javalin.server.DataFolder.Epoch;
import io.wgfabric.jgroups.StoppedLog;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Makes a cluster out of a backup when every manager is lost: one new manager, whose log begins with the backup's state,
 * in the next epoch, and without the managers of the backup. The backup has been verified when there is an object of
 * this class. Immutable.
 */
public final class Restore {
    private final Backup.Header header;
    private final State state;
    private final Sealer sealer;
    private final byte[] sealingKey;

    private Restore(Backup.Header header, State state, byte[] sealingKey) {
        this.header = header;
        this.state = state;
        this.sealingKey = sealingKey;
        sealer = new Sealer(sealingKey);
    }

    /** @param managers names of the managers that the backup knows, which are dropped */
    public record Contents(
            ClusterId cluster,
            long epoch,
            Revision revision,
            Bytes digest,
            int nodes,
            int tokens,
            List<String> managers) {}

    /**
     * Reads a backup and verifies all of it; changes nothing.
     *
     * @param keyFile the sealing key of any manager of the cluster; null if there is none
     * @param passphrase what unlocks it, if it is locked
     * @throws IOException if a file cannot be read
     * @throws io.wgfabric.core.backup.BackupException if the backup cannot be used
     */
    public static Restore verify(Path file, @Nullable Path keyFile, Passphrase passphrase) throws IOException {
        Backup backup = Backup.parse(read(file));
        Backup.Header header = backup.header();
        if (keyFile == null) {
            throw new IOException("name the sealing key with --backup-key: the file sealing.key in the data folder of"
                    + " any manager of cluster " + header.cluster() + ", key " + header.sealedUnder());
        }
        byte[] key = SealingKeyFile.open(keyFile, passphrase).sealingKey();
        Restore restore = new Restore(header, backup.open(new Sealer(key)), key);
        ClusterKeyring.open(Replay.of(restore.state), restore.sealer);
        return restore;
    }

    private static byte[] read(Path file) throws IOException {
        try (InputStream in = Files.newInputStream(file)) {
            byte[] bytes = in.readNBytes(Backup.MAX_BYTES + 1);
            if (bytes.length > Backup.MAX_BYTES) {
                throw new IOException(file + " is larger than any backup: more than " + Backup.MAX_BYTES + " bytes");
            }
            return bytes;
        } catch (NoSuchFileException e) {
            throw new IOException("there is no file " + file, e);
        } catch (AccessDeniedException e) {
            throw new IOException("no right to read " + file + ": run as its owner", e);
        }
    }

    public Contents contents() {
        FabricView view = Replay.of(state);
        return new Contents(
                header.cluster(),
                header.epoch(),
                header.revision(),
                header.digest(),
                view.nodes().size(),
                view.tokens().size(),
                view.nodes().stream()
                        .filter(Node::isManager)
                        .map(node -> node.name().text())
                        .toList());
    }

    /**
     * Makes the data folder of the new manager, to be started with {@link FabricServer#run}.
     *
     * @param who the person, for the audit chain
     * @return the revision at which the new epoch begins
     * @throws IOException if the folder or a port cannot be had; then nothing is left behind
     */
    public Revision carryOut(Path data, Settings settings, String who, String reason, Environment environment)
            throws IOException {
        Reachable place = Launch.check(settings, environment);
        DataFolder folder = DataFolder.create(data);
        ReplicatedFabric fabric = null;
        HalfMade halfMade = HalfMade.watch(folder);
        long epoch = header.epoch() + 1;
        try {
            ClusterKeyring keyring = ClusterKeyring.open(Replay.of(state), sealer, environment.certificateLife());
            FirstManager manager = FirstManager.prepare(keyring, environment.clock());
            Path keyFile = folder.sealingKey(settings);
            SealingKeyFile key = SealingKeyFile.create(keyFile, sealingKey, environment.passphrase());
            folder.madeKey(keyFile);
            Reachable reachable = place.withKey(key.managerKey().publicKey());
            folder.saveEpoch(new Epoch(epoch, true, null));
            StoppedLog.create(
                    folder.raft(), header.cluster().text(), manager.self().text(), Codec.encode(state));
            fabric = ReplicaPlace.open(
                    header.cluster(),
                    epoch,
                    manager.self(),
                    settings,
                    folder,
                    manager.credentials(),
                    false,
                    List.of(),
                    environment);
            Actor actor = Actor.system(who);
            Decisions.submit(fabric, actor, "recover:" + epoch, new RecoverCluster(epoch, manager.self(), reason));
            manager.join(fabric, actor, folder.node(), settings, reachable);
            Revision revision = fabric.view().revision();
            folder.saveSettings(settings);
            Launch.undo(folder, fabric, false);
            return revision;
        } catch (IOException | RuntimeException e) {
            Launch.undo(folder, fabric, true);
            throw e;
        } finally {
            halfMade.close();
        }
    }

    @Override
    public String toString() {
        return "Restore[" + header + "]";
    }
}
