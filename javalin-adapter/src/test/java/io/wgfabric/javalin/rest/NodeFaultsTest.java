package io.wgfabric.javalin.rest;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.wgfabric.api.Actor;
import io.wgfabric.api.Address;
import io.wgfabric.api.Command;
import io.wgfabric.api.FabricView;
import io.wgfabric.api.Node;
import io.wgfabric.api.NodeKeys;
import io.wgfabric.api.Outcome;
import io.wgfabric.api.Plane;
import io.wgfabric.api.Prefix;
import io.wgfabric.api.PublicKey;
import io.wgfabric.api.Rejection;
import io.wgfabric.api.RequestId;
import io.wgfabric.api.Role;
import io.wgfabric.api.TokenId;
import io.wgfabric.core.codec.Json;
import io.wgfabric.core.crypto.CertificateAuthority;
import io.wgfabric.core.crypto.Keys;
import io.wgfabric.core.crypto.NodeIdentity;
import io.wgfabric.core.crypto.Tls;
import io.wgfabric.core.netmap.Netmap;
import io.wgfabric.core.netmap.NetmapVerifier;
import java.security.KeyPair;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.node.ObjectNode;

/** What nodes could do in other systems and may not here, at a running manager; docs/SECURITY.md has the whole table. */
class NodeFaultsTest {
    private final LoneManager manager = LoneManager.start();

    @AfterEach
    void stop() {
        manager.close();
    }

    private FabricView view() {
        return manager.core.fabric().view();
    }

    private static ObjectNode request(String token) {
        return (ObjectNode) Json.mapper().valueToTree(LoneManager.request(token, Role.PEER, null, Keys.generateP256()));
    }

    private Reply join(ObjectNode request) throws Exception {
        return manager.nobody().ask("POST", "/v1/join", request.toString());
    }

    // CVE-2026-29194: any host's token acted on any host. RightsTest has all routes; a node has a name too.
    @Test
    void credentialOfOneNodeActsOnNoOtherByItsNameEither() throws Exception {
        LoneManager.Joined mine = manager.join("mine");
        LoneManager.Joined other = manager.join("other");
        FabricView before = view();
        int routes = 0;
        for (String route : Documented.of(manager).routes()) {
            if (route.contains(" /v1/nodes/{id}")) {
                routes++;
                String body = Requests.body(route, manager);
                String[] parts = route.replace("{id}", other.name()).split(" ", 2);
                Client me = manager.as(mine);
                Reply reply = body == null ? me.ask(parts[0], parts[1]) : me.ask(parts[0], parts[1], body);
                assertEquals("not-allowed", reply.slug(), route);
            }
        }
        assertTrue(routes >= 9, "all of them, not " + routes);
        assertEquals(before.nodes(), view().nodes());
    }

    /** Below the routes too: the machine itself knows who asks. */
    @Test
    void machineLetsNoNodeChangeAnother() throws Exception {
        LoneManager.Joined mine = manager.join("mine");
        LoneManager.Joined other = manager.join("other");
        Actor me = new Actor(Actor.Kind.PEER, mine.id().text(), "127.0.0.1");
        FabricView before = view();
        for (Command command : List.of(
                new Command.UpdateNode(other.id(), LoneManager.endpoints(), null),
                new Command.RemoveNode(other.id(), "mine now"),
                new Command.QuarantineNode(other.id(), "mine now"),
                new Command.ReleaseNode(other.id()),
                new Command.RotateNodeKey(other.id()),
                new Command.PublishKey(other.id(), Plane.MAIN, LoneManager.newKey()),
                new Command.RevokeToken(TokenId.of(1), true))) {
            Outcome outcome = manager.core
                    .fabric()
                    .submit(me, new RequestId(UUID.randomUUID().toString()), command)
                    .toCompletableFuture()
                    .join();
            assertTrue(
                    outcome instanceof Outcome.Rejected rejected
                            && rejected.rejection().reason() == Rejection.Reason.NOT_ALLOWED,
                    command.toString());
        }
        assertEquals(before.nodes(), view().nodes());
    }

    // headscale 41d70fe8: the same WireGuard key under another identity.
    @Test
    void wireGuardKeyOfAnotherNodeIsRefused() throws Exception {
        NodeKeys theirs = manager.join("first").answer().node().keys();
        String token = manager.token(Role.PEER, 0).text();
        PublicKey free = LoneManager.newKey();
        for (NodeKeys taken : List.of(
                new NodeKeys(theirs.main(), free),
                new NodeKeys(theirs.spare(), free),
                new NodeKeys(free, theirs.main()),
                new NodeKeys(theirs.spare(), theirs.main()))) {
            ObjectNode request = request(token);
            request.set("keys", Json.mapper().valueToTree(taken));
            assertEquals("key-taken", join(request).slug());
        }
        ObjectNode twice = request(token);
        twice.putObject("keys").put("main", free.toString()).put("spare", free.toString());
        assertEquals("invalid", join(twice).slug());

        LoneManager.Joined second = manager.join("second");
        manager.submit(new Command.RotateNodeKey(second.id()));
        Map<String, Object> publish = Map.of("plane", "SPARE", "key", theirs.main());
        Reply published = manager.as(second).ask("POST", "/v1/nodes/" + second.id() + "/keys", publish);
        assertEquals("key-taken", published.slug());
        Set<PublicKey> keys = new HashSet<>();
        for (Node node : view().nodes()) {
            for (Plane plane : Plane.values()) {
                assertTrue(keys.add(node.keys().on(plane)), node.name() + " shares a key");
            }
        }
    }

    // CVE-2025-62820: a node sent from addresses that are not its own.
    @Test
    void nodeIsGivenExactlyItsOwnAddressesAndNoTwoOverlap() throws Exception {
        LoneManager.Joined one = manager.join("one");
        manager.join("two");
        Netmap netmap = configuration(one);
        Set<Prefix> given = new HashSet<>();
        for (Netmap.Member member : netmap.members()) {
            for (Address address : member.addresses()) {
                assertEquals(32, address.toPrefix().length());
                assertTrue(given.add(address.toPrefix()), address + " is given twice");
                assertTrue(netmap.pools().stream().anyMatch(pool -> pool.contains(address)));
            }
        }
        assertEquals(3, given.size(), "one for each node");

        // There is no field by which a node could ask for more, and no second node for an address.
        ObjectNode more = request(manager.token(Role.PEER, 1).text());
        more.putArray("allowedIps").add("0.0.0.0/0");
        assertEquals("invalid", join(more).slug());
        Address taken = one.answer().node().addresses().get(0);
        Map<String, Object> wish = Map.of("role", "peer", "uses", 1, "address", taken.toString());
        assertEquals(
                "address-taken",
                manager.operator().ask("POST", "/v1/tokens", wish).slug());
    }

    // headscale #1824: revocation by the certificate's fingerprint, so that a renewed one was good again.
    @Test
    void revocationHoldsForEveryCertificateOfTheNode() throws Exception {
        LoneManager.Joined peer = manager.join("peer");
        CertificateAuthority authority = manager.core.keyring().authority();
        KeyPair renewed = Keys.generateP256();
        NodeIdentity identity = new NodeIdentity(manager.core.keyring().cluster(), Role.PEER, peer.id());
        Client second = new Client(
                manager.port(),
                Tls.context(
                        renewed.getPrivate(),
                        authority.issueNode(renewed.getPublic(), identity, manager.clock.instant()),
                        authority.certificate(),
                        manager.trust()),
                null);
        assertEquals(200, second.ask("GET", "/v1/netmap").status());

        manager.submit(new Command.QuarantineNode(peer.id(), "lost"));
        assertEquals("node-quarantined", second.ask("GET", "/v1/netmap").slug());
        assertEquals(
                "node-quarantined", manager.as(peer).ask("GET", "/v1/netmap").slug());
        manager.submit(new Command.RemoveNode(peer.id(), "lost"));
        assertEquals("node-removed", second.ask("GET", "/v1/netmap").slug());
        assertEquals("node-removed", manager.as(peer).ask("GET", "/v1/netmap").slug());
    }

    // nebula-mesh: the server had a block list that no agent was told of.
    @Test
    void quarantinedNodeIsInNobodysConfiguration() throws Exception {
        LoneManager.Joined good = manager.join("good");
        LoneManager.Joined bad = manager.join("bad");
        assertTrue(configuration(good).member(bad.id()).isPresent());

        manager.submit(new Command.QuarantineNode(bad.id(), "lost"));

        assertFalse(configuration(good).member(bad.id()).isPresent());
    }

    /** As the node's agent gets and verifies it. */
    private Netmap configuration(LoneManager.Joined node) throws Exception {
        return new NetmapVerifier(manager.core.keyring().cluster(), manager.core.keyring()::authorities, manager.clock)
                .verify(manager.as(node).ask("GET", "/v1/netmap").body());
    }
}
