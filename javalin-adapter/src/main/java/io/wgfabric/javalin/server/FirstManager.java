package io.wgfabric.javalin.server;

import io.wgfabric.agent.NodeStore;
import io.wgfabric.api.Actor;
import io.wgfabric.api.Command.JoinNode;
import io.wgfabric.api.ManagerServices;
import io.wgfabric.api.NodeEndpoints;
import io.wgfabric.api.NodeId;
import io.wgfabric.api.NodeKeys;
import io.wgfabric.api.NodeName;
import io.wgfabric.api.Role;
import io.wgfabric.core.ClusterKeyring;
import io.wgfabric.core.ReplicatedFabric;
import io.wgfabric.core.crypto.Certificates;
import io.wgfabric.core.crypto.Keys;
import io.wgfabric.core.crypto.NodeIdentity;
import io.wgfabric.core.netmap.Netmap;
import io.wgfabric.core.netmap.SignedNetmap;
import java.io.IOException;
import java.security.KeyPair;
import java.security.SecureRandom;
import java.security.cert.X509Certificate;
import java.time.InstantSource;
import java.util.List;

/** The only manager of a cluster that is founded or restored: whoever has the cluster's keys needs no token. */
record FirstManager(ClusterKeyring keyring, NodeId self, KeyPair tls, X509Certificate certificate) {

    static FirstManager prepare(ClusterKeyring keyring, InstantSource clock) {
        NodeId self = NodeId.of(new SecureRandom().nextLong());
        KeyPair tls = Keys.generateP256();
        X509Certificate certificate = keyring.authority()
                .issueNode(tls.getPublic(), new NodeIdentity(keyring.cluster(), Role.MGMT, self), clock.instant());
        return new FirstManager(keyring, self, tls, certificate);
    }

    Credentials credentials() {
        return new Credentials(tls.getPrivate(), certificate, keyring.authorities());
    }

    /** Makes it a node of the cluster, and stores who it is. */
    void join(ReplicatedFabric fabric, Actor actor, NodeStore node, Settings settings, Reachable reachable)
            throws IOException {
        NodeKeys keys = node.createKeys();
        NodeEndpoints endpoints = reachable.endpoints();
        ManagerServices services = reachable.services();
        Decisions.submit(
                fabric,
                actor,
                "first-manager:" + self,
                new JoinNode(null, self, Role.MGMT, new NodeName(settings.name()), keys, endpoints, services));
        Netmap netmap = Netmap.of(fabric.view()).orElseThrow();
        node.completeJoin(
                new NodeStore.Identity(
                        keyring.cluster(),
                        self,
                        netmap.member(self).orElseThrow().name(),
                        Role.MGMT,
                        List.of(services.api()),
                        settings.tunnel() ? settings.interfaceName() : null,
                        endpoints.mainPort(),
                        endpoints.sparePort(),
                        settings.advertise()),
                tls.getPrivate(),
                Certificates.encode(certificate),
                keyring.authorities(),
                SignedNetmap.of(keyring.signer().sign(netmap)));
    }

    @Override
    public String toString() {
        return "FirstManager[" + self + "]";
    }
}
