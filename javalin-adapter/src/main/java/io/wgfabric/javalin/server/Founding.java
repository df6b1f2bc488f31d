package io.wgfabric.javalin.server;

import io.wgfabric.agent.NodeStore;
import io.wgfabric.api.Actor;
import io.wgfabric.api.ClusterId;
import io.wgfabric.api.Command.BootstrapCluster;
import io.wgfabric.api.Command.RaiseLevel;
import io.wgfabric.api.NodeId;
import io.wgfabric.api.Operator;
import io.wgfabric.api.Prefix;
import io.wgfabric.core.ClusterKeyring;
import io.wgfabric.core.ReplicatedFabric;
import io.wgfabric.core.crypto.OperatorCredential;
import io.wgfabric.core.crypto.Sealer;
import io.wgfabric.core.log.InProcessLog;
import io.wgfabric.core.state.Levels;
import java.io.IOException;
import java.security.SecureRandom;
import java.time.InstantSource;
import java.util.List;

/**
 * A new cluster before it has a log: its keys, its first manager, its first operator. The manager's certificate must be
 * there before the log is, which only talks to managers that show one; so the first command is tried on a log in memory
 * and its keys are opened from there.
 */
final class Founding {
    private static final Actor ACTOR = Actor.system("init");

    private final byte[] sealingKey;
    private final OperatorCredential admin;
    private final BootstrapCluster bootstrap;
    private final FirstManager manager;

    private Founding(byte[] sealingKey, OperatorCredential admin, BootstrapCluster bootstrap, FirstManager manager) {
        this.sealingKey = sealingKey;
        this.admin = admin;
        this.bootstrap = bootstrap;
        this.manager = manager;
    }

    /** @throws io.wgfabric.api.RejectedException if the pools are refused */
    static Founding prepare(List<Prefix> pools, Environment environment) {
        InstantSource clock = environment.clock();
        SecureRandom random = new SecureRandom();
        ClusterId cluster = ClusterId.of(random.nextLong());
        byte[] sealingKey = Sealer.generateKey();
        Sealer sealer = new Sealer(sealingKey);
        OperatorCredential admin = OperatorCredential.generate();
        BootstrapCluster bootstrap = ClusterKeyring.bootstrap(
                cluster,
                pools,
                sealer,
                new Operator(admin.id(), "admin", Operator.Access.ADMIN, admin.hash()),
                clock.instant());
        try (ReplicatedFabric trial = ReplicatedFabric.open(new InProcessLog(), clock)) {
            Decisions.submit(trial, ACTOR, "init:bootstrap", bootstrap);
            ClusterKeyring keyring = ClusterKeyring.open(trial.view(), sealer, environment.certificateLife());
            return new Founding(sealingKey, admin, bootstrap, FirstManager.prepare(keyring, clock));
        }
    }

    ClusterId cluster() {
        return bootstrap.cluster();
    }

    NodeId self() {
        return manager.self();
    }

    byte[] sealingKey() {
        return sealingKey.clone();
    }

    Credentials credentials() {
        return manager.credentials();
    }

    OperatorFile operatorFile(String api) {
        return new OperatorFile(cluster(), List.of(api), bootstrap.caCertificate(), admin.reveal());
    }

    /** Makes the cluster and its first member in the real log, and stores who the member is. */
    void decide(ReplicatedFabric fabric, NodeStore node, Settings settings, Reachable reachable) throws IOException {
        Decisions.submit(fabric, ACTOR, "init:bootstrap", bootstrap);
        manager.join(fabric, ACTOR, node, settings, reachable);
        if (reachable.services().supports() > Levels.FIRST) {
            Decisions.submit(
                    fabric,
                    ACTOR,
                    "init:level",
                    new RaiseLevel(reachable.services().supports()));
        }
    }
}
