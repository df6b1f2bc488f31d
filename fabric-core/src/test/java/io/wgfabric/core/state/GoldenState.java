package io.wgfabric.core.state;

import static io.wgfabric.core.codec.GoldenValues.ENDPOINTS;
import static io.wgfabric.core.codec.GoldenValues.KEYS;
import static io.wgfabric.core.codec.GoldenValues.LATER;
import static io.wgfabric.core.codec.GoldenValues.NODE;
import static io.wgfabric.core.codec.GoldenValues.OPERATOR;
import static io.wgfabric.core.codec.GoldenValues.SERVICES;
import static io.wgfabric.core.codec.GoldenValues.TIME;
import static io.wgfabric.core.codec.GoldenValues.TOKEN;
import static io.wgfabric.core.codec.GoldenValues.key;

import io.wgfabric.api.Actor;
import io.wgfabric.api.Address;
import io.wgfabric.api.Bytes;
import io.wgfabric.api.Cluster;
import io.wgfabric.api.ClusterId;
import io.wgfabric.api.Event;
import io.wgfabric.api.MeshPolicy;
import io.wgfabric.api.Node;
import io.wgfabric.api.NodeEndpoints;
import io.wgfabric.api.NodeId;
import io.wgfabric.api.NodeKeys;
import io.wgfabric.api.NodeName;
import io.wgfabric.api.Outcome;
import io.wgfabric.api.Plane;
import io.wgfabric.api.Prefix;
import io.wgfabric.api.PresharedKeys;
import io.wgfabric.api.Rejection;
import io.wgfabric.api.RemovedNode;
import io.wgfabric.api.RequestId;
import io.wgfabric.api.Revision;
import io.wgfabric.api.Role;
import io.wgfabric.api.Rotation;
import io.wgfabric.api.Routing;
import io.wgfabric.api.Sealing;
import io.wgfabric.api.SigningKey;
import io.wgfabric.api.SigningKeys;
import io.wgfabric.api.Token;
import io.wgfabric.api.TokenId;
import io.wgfabric.api.Topology;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.TreeSet;
import org.pcollections.TreePMap;

/** A state with something of everything, made by hand so that no rule of the machine's can change it. */
public final class GoldenState {
    private GoldenState() {}

    /** All of them, by the name of the golden file. */
    public static Map<String, State> all() {
        Map<String, State> all = new TreeMap<>();
        all.put("state-1", state());
        all.put("state-1-sealing", sealed());
        all.put("state-1-membership", membership());
        all.put("state-1-signing", signing());
        all.put("state-1-routing", routing());
        all.put("state-1-preshared", preshared());
        return all;
    }

    /** As it was written before the sealing key could be rotated. */
    public static State state() {
        return state(Sealing.FIRST, TreePMap.empty());
    }

    public static State sealed() {
        return state(new Sealing(2, TreePMap.singleton(NODE, Bytes.parseHex("01aacc"))), TreePMap.empty());
    }

    /** With a quarantine that ends by itself, a token whose nodes wait for approval, and a node that was removed. */
    private static State membership() {
        State plain = state();
        Actor operator = new Actor(Actor.Kind.OPERATOR, OPERATOR.id().text(), "192.0.2.7");
        Node manager = Objects.requireNonNull(plain.nodes().get(NODE));
        Node cutOff = new Node(
                manager.id(),
                manager.name(),
                manager.role(),
                Node.State.QUARANTINED,
                manager.addresses(),
                manager.keys(),
                manager.endpoints(),
                manager.services(),
                manager.tags(),
                true,
                manager.token(),
                null,
                TIME,
                TIME,
                "lost",
                LATER,
                operator,
                Duration.ofMinutes(20));
        Token waits = new Token(
                TokenId.of(6),
                Role.PEER,
                TIME,
                TIME,
                LATER,
                0,
                0,
                new TreeSet<>(),
                null,
                true,
                null,
                new TreeSet<>(),
                true,
                Duration.ofMinutes(20));
        Node gone = new Node(
                NodeId.of(77),
                new NodeName("gone"),
                Role.PEER,
                Node.State.PENDING,
                List.of(),
                new NodeKeys(key(6), key(7)),
                new NodeEndpoints(List.of(), 51820, 51821),
                null,
                new TreeSet<>(),
                false,
                TOKEN,
                null,
                TIME,
                TIME,
                "waits for approval",
                null,
                operator,
                null);
        return new State(
                plain.revision(),
                plain.time(),
                plain.cluster(),
                plain.secrets(),
                plain.publicKeys(),
                plain.sealing(),
                plain.operators(),
                plain.nodes().plus(NODE, cutOff),
                plain.names(),
                plain.keys(),
                plain.tokens().plus(waits.id(), waits),
                plain.addresses(),
                plain.requests(),
                plain.audit(),
                plain.removedManagers(),
                RemovedNodes.of(List.of(new RemovedNode(gone, LATER, "nobody knew it", operator))),
                plain.signing());
    }

    /** With hubs, a network behind a node, and keys that were rotated. */
    private static State routing() {
        State plain = state();
        Node manager = Objects.requireNonNull(plain.nodes().get(NODE));
        List<Prefix> offered = List.of(Prefix.parse("192.168.7.0/24"), Prefix.parse("0.0.0.0/0"));
        Node router = manager.withRouting(new Routing(true, offered, offered.subList(0, 1)))
                .withKeys(manager.keys(), LATER);
        NodeId other = NodeId.of(0x7fff_ffff_ffff_ffffL);
        Node untold = Objects.requireNonNull(plain.nodes().get(other)).withRouting(new Routing(null, offered, offered));
        Cluster cluster =
                Objects.requireNonNull(plain.cluster()).withMesh(new MeshPolicy(Topology.HUB, Duration.ofDays(30)));
        return with(cluster, plain.secrets(), plain.nodes().plus(NODE, router).plus(other, untold));
    }

    /** With pre-shared keys, which one plane of one node has yet. */
    private static State preshared() {
        State plain = state();
        Node manager = Objects.requireNonNull(plain.nodes().get(NODE));
        NodeKeys keys = manager.keys().with(Plane.SPARE, manager.keys().spare(), 2);
        return with(
                Objects.requireNonNull(plain.cluster()).withPresharedKeys(new PresharedKeys(2, true)),
                plain.secrets().plus(PresharedKeyRules.nameOf(2), Bytes.parseHex("0102")),
                plain.nodes().plus(NODE, manager.withKeys(keys.with(Plane.MAIN, keys.main(), 1), LATER)));
    }

    /** The first one with other parts. */
    private static State with(Cluster cluster, TreePMap<String, Bytes> secrets, TreePMap<NodeId, Node> nodes) {
        State plain = state();
        return new State(
                plain.revision(),
                plain.time(),
                cluster,
                secrets,
                plain.publicKeys(),
                plain.sealing(),
                plain.operators(),
                nodes,
                plain.names(),
                plain.keys(),
                plain.tokens(),
                plain.addresses(),
                plain.requests(),
                plain.audit(),
                plain.removedManagers(),
                plain.removedNodes(),
                plain.signing());
    }

    /** In the middle of a rotation of a signing key. */
    private static State signing() {
        return state(Sealing.FIRST, TreePMap.singleton(SigningKey.TOKEN, new SigningKeys(1, 2, 2, LATER)));
    }

    private static State state(Sealing sealing, TreePMap<SigningKey, SigningKeys> signing) {
        Node manager = new Node(
                NODE,
                new NodeName("m1"),
                Role.MGMT,
                Node.State.ACTIVE,
                List.of(Address.parse("10.80.0.1"), Address.parse("fd00:80::1")),
                KEYS,
                ENDPOINTS,
                SERVICES,
                new TreeSet<>(List.of("core")),
                false,
                TOKEN,
                new Rotation(Rotation.Phase.REKEY_SPARE, TIME, new Revision(40)),
                TIME,
                LATER,
                "joined",
                null,
                null,
                null);
        Node peer = new Node(
                NodeId.of(0x7fff_ffff_ffff_ffffL),
                new NodeName("p1"),
                Role.PEER,
                Node.State.QUARANTINED,
                List.of(Address.parse("10.80.0.2")),
                new NodeKeys(key(4), key(5)),
                new NodeEndpoints(List.of(), 51820, 51821),
                null,
                new TreeSet<>(),
                true,
                null,
                null,
                TIME,
                LATER,
                "lost",
                null,
                null,
                null);
        TreePMap<NodeId, Node> nodes = TreePMap.empty();
        TreePMap<NodeName, NodeId> names = TreePMap.empty();
        TreePMap<io.wgfabric.api.PublicKey, NodeId> keys = TreePMap.empty();
        TreePMap<Address, NodeId> leases = TreePMap.empty();
        for (Node node : List.of(manager, peer)) {
            nodes = nodes.plus(node.id(), node);
            names = names.plus(node.name(), node.id());
            for (Plane plane : Plane.values()) {
                keys = keys.plus(node.keys().on(plane), node.id());
            }
            for (Address address : node.addresses()) {
                leases = leases.plus(address, node.id());
            }
        }
        Prefix v4 = Prefix.parse("10.80.0.0/16");
        Prefix v6 = Prefix.parse("fd00:80::/64");
        return new State(
                new Revision(42),
                LATER,
                new Cluster(ClusterId.of(3), 2, 1, List.of(v4, v6), Bytes.parseHex("3082"), TIME),
                TreePMap.singleton("authority-key", Bytes.parseHex("01aabb")),
                TreePMap.singleton("token-key", Bytes.parseHex("302a")),
                sealing,
                TreePMap.singleton(OPERATOR.id(), OPERATOR),
                nodes,
                names,
                keys,
                tokens(),
                addresses(leases, List.of(v4, v6)),
                requests(),
                audit(),
                TreePMap.singleton(NodeId.of(99), new Revision(7)),
                RemovedNodes.empty(),
                signing);
    }

    private static TreePMap<TokenId, Token> tokens() {
        Token used = new Token(
                TOKEN,
                Role.MGMT,
                TIME,
                TIME,
                LATER,
                2,
                1,
                new TreeSet<>(List.of("core")),
                Address.parse("10.80.0.1"),
                true,
                LATER,
                new TreeSet<>(List.of(NODE)),
                null,
                null);
        Token open = new Token(
                TokenId.of(5),
                Role.PEER,
                TIME,
                TIME,
                LATER,
                0,
                0,
                new TreeSet<>(),
                null,
                false,
                null,
                new TreeSet<>(),
                null,
                null);
        return TreePMap.singleton(used.id(), used).plus(open.id(), open);
    }

    private static AddressBook addresses(TreePMap<Address, NodeId> leases, List<Prefix> pools) {
        return AddressBook.restored(
                pools,
                leases,
                TreePMap.singleton(Address.parse("10.80.0.3"), new AddressBook.Pause(LATER, null))
                        .plus(Address.parse("10.80.0.9"), new AddressBook.Pause(LATER, TokenId.of(6))),
                TreePMap.singleton(Address.parse("10.80.0.4"), new NodeName("db-1")));
    }

    private static RequestTable requests() {
        return RequestTable.empty()
                .plus(
                        new RequestTable.Asked(Actor.Kind.TOKEN, TOKEN.text(), new RequestId("join:1")),
                        Bytes.parseHex("f1".repeat(32)),
                        new Outcome.Accepted(new Revision(41), List.of(new Event.NodeJoined(NODE))),
                        TIME)
                .plus(
                        new RequestTable.Asked(
                                Actor.Kind.OPERATOR, OPERATOR.id().text(), new RequestId("r-2")),
                        Bytes.parseHex("f2".repeat(32)),
                        new Outcome.Rejected(new Revision(42), new Rejection(Rejection.Reason.NODE_UNKNOWN, "no node")),
                        LATER);
    }

    private static AuditChain audit() {
        return AuditChain.empty()
                .append(
                        new Revision(41),
                        TIME,
                        new Actor(Actor.Kind.TOKEN, TOKEN.text(), "192.0.2.1"),
                        new RequestId("join:1"),
                        "join-node",
                        NODE.text(),
                        "accepted",
                        "name m1")
                .append(
                        new Revision(42),
                        LATER,
                        Actor.system("conductor"),
                        new RequestId("r-2"),
                        "remove-node",
                        "n0000000000000",
                        "node-unknown",
                        "no node");
    }
}
