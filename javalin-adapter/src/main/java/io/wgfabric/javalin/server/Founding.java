package io.wgfabric.javalin.server;

import io.wgfabric.agent.NodeStore;
import io.wgfabric.api.Actor;
import io.wgfabric.api.ClusterId;
import io.wgfabric.api.Command;
import io.wgfabric.api.Command.BootstrapCluster;
import io.wgfabric.api.Command.JoinNode;
import io.wgfabric.api.ManagerServices;
import io.wgfabric.api.NodeEndpoints;
import io.wgfabric.api.NodeId;
import io.wgfabric.api.NodeKeys;
import io.wgfabric.api.NodeName;
import io.wgfabric.api.Operator;
import io.wgfabric.api.Prefix;
import io.wgfabric.api.RequestId;
import io.wgfabric.api.Role;
import io.wgfabric.core.ClusterKeyring;
import io.wgfabric.core.ReplicatedFabric;
import io.wgfabric.core.crypto.Certificates;
import io.wgfabric.core.crypto.Keys;
import io.wgfabric.core.crypto.NodeIdentity;
import io.wgfabric.core.crypto.OperatorCredential;
import io.wgfabric.core.crypto.Sealer;
import io.wgfabric.core.log.InProcessLog;
import io.wgfabric.core.log.LogException;
import io.wgfabric.core.netmap.Netmap;
import io.wgfabric.core.state.Levels;
import java.io.IOException;
import java.security.KeyPair;
import java.security.SecureRandom;
import java.security.cert.X509Certificate;
import java.time.InstantSource;
import java.util.List;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * A new cluster before it has a log: its keys, its first manager, its first operator. The manager's certificate must be
 * there before the log is, which only talks to managers that show one; so the first command is tried on a log in memory
 * and its keys are opened from there.
 */
final class Founding {
    /** How long the first manager may take to elect itself and decide. */
    private static final long DECIDE_SECONDS = 15;

    private final NodeId self;
    private final byte[] sealingKey;
    private final OperatorCredential admin;
    private final BootstrapCluster bootstrap;
    private final ClusterKeyring keyring;
    private final KeyPair tls;
    private final X509Certificate certificate;

    private Founding(
            NodeId self,
            byte[] sealingKey,
            OperatorCredential admin,
            BootstrapCluster bootstrap,
            ClusterKeyring keyring,
            KeyPair tls,
            X509Certificate certificate) {
        this.self = self;
        this.sealingKey = sealingKey;
        this.admin = admin;
        this.bootstrap = bootstrap;
        this.keyring = keyring;
        this.tls = tls;
        this.certificate = certificate;
    }

    /** @throws io.wgfabric.api.RejectedException if the pools are refused */
    static Founding prepare(List<Prefix> pools, InstantSource clock) {
        SecureRandom random = new SecureRandom();
        ClusterId cluster = ClusterId.of(random.nextLong());
        NodeId self = NodeId.of(random.nextLong());
        byte[] sealingKey = Sealer.generateKey();
        Sealer sealer = new Sealer(sealingKey);
        OperatorCredential admin = OperatorCredential.generate();
        BootstrapCluster bootstrap = ClusterKeyring.bootstrap(
                cluster,
                pools,
                sealer,
                new Operator(admin.id(), "admin", Operator.Access.ADMIN, admin.hash()),
                clock.instant());
        ClusterKeyring keyring;
        try (ReplicatedFabric trial = ReplicatedFabric.open(new InProcessLog(), clock)) {
            submit(trial, "bootstrap", bootstrap);
            keyring = ClusterKeyring.open(trial.view(), sealer);
        }
        KeyPair tls = Keys.generateP256();
        X509Certificate certificate = keyring.authority()
                .issueNode(tls.getPublic(), new NodeIdentity(cluster, Role.MGMT, self), clock.instant());
        return new Founding(self, sealingKey, admin, bootstrap, keyring, tls, certificate);
    }

    ClusterId cluster() {
        return bootstrap.cluster();
    }

    NodeId self() {
        return self;
    }

    byte[] sealingKey() {
        return sealingKey.clone();
    }

    Credentials credentials() {
        return new Credentials(
                tls.getPrivate(), certificate, keyring.authority().certificate());
    }

    OperatorFile operatorFile(String api) {
        return new OperatorFile(cluster(), List.of(api), bootstrap.caCertificate(), admin.reveal());
    }

    /** Makes the cluster and its first member in the real log, and stores who the member is. */
    void decide(ReplicatedFabric fabric, NodeStore node, Settings settings, Reachable reachable) throws IOException {
        NodeKeys keys = node.createKeys();
        submit(fabric, "bootstrap", bootstrap);
        submit(
                fabric,
                "first-manager",
                new JoinNode(
                        null,
                        self,
                        Role.MGMT,
                        new NodeName(settings.name()),
                        keys,
                        reachable.endpoints(),
                        reachable.services()));
        if (reachable.services().supports() > Levels.FIRST) {
            submit(fabric, "level", new Command.RaiseLevel(reachable.services().supports()));
        }
        Netmap netmap = Netmap.of(fabric.view()).orElseThrow();
        NodeEndpoints endpoints = reachable.endpoints();
        ManagerServices services = reachable.services();
        node.completeJoin(
                new NodeStore.Identity(
                        cluster(),
                        self,
                        netmap.member(self).orElseThrow().name(),
                        Role.MGMT,
                        keyring.pin(),
                        List.of(services.api()),
                        settings.tunnel() ? settings.interfaceName() : null,
                        endpoints.mainPort(),
                        endpoints.sparePort(),
                        settings.advertise()),
                tls.getPrivate(),
                Certificates.encode(certificate),
                bootstrap.caCertificate(),
                keyring.signer().sign(netmap));
    }

    /** Asks until it is decided: at first there is no leader. */
    private static void submit(ReplicatedFabric fabric, String request, Command command) {
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(DECIDE_SECONDS);
        while (true) {
            try {
                fabric.submit(Actor.system("init"), new RequestId("init:" + request), command)
                        .toCompletableFuture()
                        .orTimeout(DECIDE_SECONDS, TimeUnit.SECONDS)
                        .join()
                        .orThrow();
                return;
            } catch (CompletionException e) {
                boolean again = e.getCause() instanceof LogException && System.nanoTime() < deadline;
                if (!again) {
                    throw e.getCause() instanceof TimeoutException
                            ? new LogException(
                                    LogException.Outcome.UNKNOWN, "the first manager does not become the leader", e)
                            : e;
                }
                Pause.millis(20);
            }
        }
    }
}
