package io.wgfabric.core;

import io.wgfabric.api.Actor;
import io.wgfabric.api.Bytes;
import io.wgfabric.api.ClusterId;
import io.wgfabric.api.Command;
import io.wgfabric.api.Fabric;
import io.wgfabric.api.Operator;
import io.wgfabric.api.Prefix;
import io.wgfabric.api.RequestId;
import io.wgfabric.core.crypto.CertificateAuthority;
import io.wgfabric.core.crypto.OperatorCredential;
import io.wgfabric.core.crypto.Sealer;
import io.wgfabric.core.log.InProcessLog;
import io.wgfabric.core.log.Log;
import io.wgfabric.core.state.Levels;
import java.security.SecureRandom;
import java.time.InstantSource;
import java.util.List;
import java.util.concurrent.CompletionException;

/**
 * A fabric inside an application: tokens, addresses, membership, configuration and audit, with no HTTP and no root.
 * Thread-safe.
 */
public final class EmbeddedFabric implements AutoCloseable {
    private final ReplicatedFabric fabric;
    private final ClusterKeyring keyring;
    private final NetmapPublisher netmaps;
    private final RefusalLedger refusals = new RefusalLedger();
    private final TokenDesk tokens;
    private final Admission admission;

    private EmbeddedFabric(ReplicatedFabric fabric, Bytes sealingKey, InstantSource clock) {
        this.fabric = fabric;
        Sealer sealer = new Sealer(sealingKey.toArray());
        keyring = ClusterKeyring.follow(fabric::view, view -> sealer, CertificateAuthority.NODE_LIFE);
        netmaps = new NetmapPublisher(keyring::signer);
        tokens = new TokenDesk(fabric, keyring);
        admission = new Admission(fabric, keyring, netmaps, refusals, view -> sealingKey, clock);
    }

    /** A new fabric that lives as long as this process. */
    public static EmbeddedFabric inMemory(List<Prefix> pools) {
        return open(new InProcessLog(), pools, Bytes.of(Sealer.generateKey()), InstantSource.system());
    }

    /**
     * The fabric on a log; a new one if the log is empty. Blocks until the log has decided.
     *
     * @param pools the address pools of a new fabric; not looked at if there is one already
     * @param sealingKey 32 bytes that open the fabric's secrets; keep them apart from the log
     * @throws io.wgfabric.api.RejectedException if the pools cannot be
     * @throws io.wgfabric.core.crypto.CryptoException if it is not the sealing key of the fabric on this log
     */
    public static EmbeddedFabric open(Log log, List<Prefix> pools, Bytes sealingKey, InstantSource clock) {
        ReplicatedFabric fabric = ReplicatedFabric.open(log, clock);
        try {
            if (fabric.view().cluster().isEmpty()) {
                bootstrap(fabric, pools, sealingKey, clock);
            }
            return new EmbeddedFabric(fabric, sealingKey, clock);
        } catch (RuntimeException e) {
            fabric.close();
            throw e;
        }
    }

    private static void bootstrap(Fabric fabric, List<Prefix> pools, Bytes sealingKey, InstantSource clock) {
        ClusterId cluster = ClusterId.of(new SecureRandom().nextLong());
        OperatorCredential nobody = OperatorCredential.generate();
        Operator admin = new Operator(nobody.id(), "application", Operator.Access.ADMIN, nobody.hash());
        try {
            fabric.submit(
                            Actor.system("bootstrap"),
                            new RequestId("bootstrap:" + cluster),
                            ClusterKeyring.bootstrap(
                                    cluster, pools, new Sealer(sealingKey.toArray()), admin, clock.instant()))
                    .toCompletableFuture()
                    .join()
                    .orThrow();
            // Nobody else is there yet; later the application knows better than this process what the others can read.
            fabric.submit(
                            Actor.system("bootstrap"),
                            new RequestId("level:" + cluster),
                            new Command.RaiseLevel(Levels.NEWEST))
                    .toCompletableFuture()
                    .join()
                    .orThrow();
        } catch (CompletionException e) {
            throw e.getCause() instanceof RuntimeException cause ? cause : e;
        }
    }

    /** Commands, views and events. */
    public Fabric fabric() {
        return fabric;
    }

    /** Join tokens. */
    public TokenDesk tokens() {
        return tokens;
    }

    /** Joins with a token. */
    public Admission admission() {
        return admission;
    }

    /** The signed configuration that nodes get. */
    public NetmapPublisher netmaps() {
        return netmaps;
    }

    public ClusterKeyring keyring() {
        return keyring;
    }

    /** What was refused before it became a command; {@link RefusalLedger#flush} puts it into the audit chain. */
    public RefusalLedger refusals() {
        return refusals;
    }

    @Override
    public void close() {
        fabric.close();
    }
}
