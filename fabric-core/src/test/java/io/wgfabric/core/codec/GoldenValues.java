package io.wgfabric.core.codec;

import io.wgfabric.api.Actor;
import io.wgfabric.api.Address;
import io.wgfabric.api.Bytes;
import io.wgfabric.api.ClusterId;
import io.wgfabric.api.Command;
import io.wgfabric.api.Endpoint;
import io.wgfabric.api.Event;
import io.wgfabric.api.ManagerServices;
import io.wgfabric.api.MeshPolicy;
import io.wgfabric.api.NodeEndpoints;
import io.wgfabric.api.NodeId;
import io.wgfabric.api.NodeKeys;
import io.wgfabric.api.NodeName;
import io.wgfabric.api.Operator;
import io.wgfabric.api.OperatorId;
import io.wgfabric.api.Outcome;
import io.wgfabric.api.Plane;
import io.wgfabric.api.Prefix;
import io.wgfabric.api.PresharedKeys;
import io.wgfabric.api.PublicKey;
import io.wgfabric.api.Rejection;
import io.wgfabric.api.RequestId;
import io.wgfabric.api.Revision;
import io.wgfabric.api.Role;
import io.wgfabric.api.Rotation;
import io.wgfabric.api.SigningKey;
import io.wgfabric.api.SigningKeys;
import io.wgfabric.api.TokenId;
import io.wgfabric.api.Topology;
import io.wgfabric.core.crypto.AuthorityCertificate;
import io.wgfabric.core.netmap.Netmap;
import io.wgfabric.core.state.Envelope;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * What the golden files say, as values. A new command needs a line in {@link #commands()}, with every part set, and one
 * more with every part that may be null.
 */
public final class GoldenValues {
    public static final Instant TIME = Instant.parse("2026-01-02T03:04:05.678Z");
    public static final Instant LATER = Instant.parse("2026-01-02T04:04:05Z");
    public static final NodeId NODE = NodeId.of(0x0123_4567_89ab_cdefL);
    public static final TokenId TOKEN = TokenId.of(0x1122_3344_5566_7788L);
    public static final Operator OPERATOR =
            new Operator(OperatorId.of(7), "admin", Operator.Access.ADMIN, bytes(32, 0x51));
    public static final NodeKeys KEYS = new NodeKeys(key(1), key(2));
    public static final NodeEndpoints ENDPOINTS =
            new NodeEndpoints(List.of(Address.parse("192.0.2.1"), Address.parse("2001:db8::1")), 51820, 51821);
    private static final NodeEndpoints REFLEXIVE = new NodeEndpoints(
            List.of(Address.parse("10.1.2.3")),
            51820,
            51821,
            new NodeEndpoints.Reflexive(Endpoint.parse("192.0.2.9:40001"), true));
    public static final ManagerServices SERVICES = new ManagerServices("m1.example.net:7443", "m1.example.net:7800");

    private static final ManagerServices LEVEL_SERVICES =
            new ManagerServices("m1.example.net:7443", "m1.example.net:7800", 2, null);
    private static final ManagerServices KEY_SERVICES =
            new ManagerServices("m1.example.net:7443", "m1.example.net:7800", 2, bytes(65, 0x65));

    private GoldenValues() {}

    static Bytes bytes(int length, int value) {
        byte[] bytes = new byte[length];
        Arrays.fill(bytes, (byte) value);
        return Bytes.of(bytes);
    }

    public static PublicKey key(int value) {
        return PublicKey.of(bytes(PublicKey.BYTES, value).toArray());
    }

    /** By the name of the golden file: the tag, and what is special about it. */
    static Map<String, Command> commands() {
        SortedMap<String, Bytes> secrets = new TreeMap<>();
        secrets.put("authority-key", bytes(40, 0x61));
        secrets.put("token-key", bytes(41, 0x62));
        SortedMap<String, Bytes> publicKeys = new TreeMap<>();
        publicKeys.put("token-key", bytes(44, 0x63));
        Map<String, Command> commands = new LinkedHashMap<>();
        commands.put(
                "bootstrap-cluster-1",
                new Command.BootstrapCluster(
                        ClusterId.of(3),
                        List.of(Prefix.parse("10.80.0.0/16"), Prefix.parse("fd00:80::/64")),
                        bytes(50, 0x64),
                        secrets,
                        publicKeys,
                        OPERATOR));
        commands.put(
                "create-token-1",
                new Command.CreateToken(
                        TOKEN,
                        Role.PEER,
                        TIME,
                        Duration.ofMinutes(90),
                        5,
                        new TreeSet<>(List.of("blue", "edge")),
                        Address.parse("10.80.0.9"),
                        true));
        commands.put(
                "create-token-1-nulls",
                new Command.CreateToken(TOKEN, Role.MGMT, null, Duration.ofHours(1), 0, new TreeSet<>(), null, false));
        commands.put(
                "create-token-1-approval",
                new Command.CreateToken(
                        TOKEN,
                        Role.PEER,
                        null,
                        Duration.ofHours(1),
                        0,
                        new TreeSet<>(),
                        null,
                        true,
                        true,
                        Duration.ofMinutes(20)));
        commands.put("revoke-token-1", new Command.RevokeToken(TOKEN, true));
        commands.put(
                "join-node-1",
                new Command.JoinNode(TOKEN, NODE, Role.MGMT, new NodeName("m1"), KEYS, ENDPOINTS, SERVICES));
        commands.put(
                "join-node-1-level",
                new Command.JoinNode(TOKEN, NODE, Role.MGMT, new NodeName("m1"), KEYS, ENDPOINTS, LEVEL_SERVICES));
        commands.put(
                "join-node-1-key",
                new Command.JoinNode(TOKEN, NODE, Role.MGMT, new NodeName("m1"), KEYS, ENDPOINTS, KEY_SERVICES));
        commands.put("update-node-1-key", new Command.UpdateNode(NODE, ENDPOINTS, KEY_SERVICES));
        commands.put("update-node-1-level", new Command.UpdateNode(NODE, ENDPOINTS, LEVEL_SERVICES));
        commands.put("join-node-1-nulls", new Command.JoinNode(null, NODE, Role.PEER, null, KEYS, ENDPOINTS, null));
        commands.put("update-node-1", new Command.UpdateNode(NODE, ENDPOINTS, SERVICES));
        commands.put("update-node-1-nulls", new Command.UpdateNode(NODE, ENDPOINTS, null));
        commands.put("update-node-1-reflexive", new Command.UpdateNode(NODE, REFLEXIVE, null));
        commands.put("remove-node-1", new Command.RemoveNode(NODE, "left; \"quoted\", ü"));
        commands.put("quarantine-node-1", new Command.QuarantineNode(NODE, "lost"));
        commands.put("quarantine-node-1-period", new Command.QuarantineNode(NODE, "lost", Duration.ofHours(2)));
        commands.put("release-node-1", new Command.ReleaseNode(NODE));
        commands.put("rotate-node-key-1", new Command.RotateNodeKey(NODE));
        commands.put("publish-key-1", new Command.PublishKey(NODE, Plane.SPARE, key(3)));
        commands.put("advance-rotation-1", new Command.AdvanceRotation(NODE, Rotation.Phase.MOVE_OUT, true));
        commands.put("record-refusal-1", new Command.RecordRefusal("join", Rejection.Reason.TOKEN_MALFORMED, 1234));
        commands.put("raise-level-1", new Command.RaiseLevel(2));
        commands.put("recover-cluster-1", new Command.RecoverCluster(2, NODE, "two disks died"));
        commands.put(
                "rotate-sealing-key-1",
                new Command.RotateSealingKey(
                        2, secrets, new TreeMap<>(Map.of(NODE, bytes(114, 0x66), NodeId.of(9), bytes(114, 0x67)))));
        commands.put("add-pool-1", new Command.AddPool(Prefix.parse("10.81.0.0/16")));
        commands.put(
                "reserve-address-1", new Command.ReserveAddress(Address.parse("fd00:80::5"), new NodeName("db-1")));
        commands.put("release-address-1", new Command.ReleaseAddress(Address.parse("10.80.0.5")));
        commands.put("create-operator-1", new Command.CreateOperator(OPERATOR));
        commands.put(
                "rotate-signing-key-1",
                new Command.RotateSigningKey(SigningKey.TOKEN, 2, 1, bytes(60, 0x68), bytes(44, 0x69)));
        commands.put(
                "rotate-signing-key-1-authority",
                new Command.RotateSigningKey(
                        SigningKey.AUTHORITY,
                        2,
                        1,
                        bytes(60, 0x68),
                        bytes(60, 0x69),
                        bytes(60, 0x6a),
                        bytes(60, 0x6b),
                        1));
        commands.put("use-signing-key-1", new Command.UseSigningKey(SigningKey.CONFIG, 2));
        commands.put("retire-signing-key-1", new Command.RetireSigningKey(SigningKey.CONFIG, 1));
        commands.put("revoke-operator-1", new Command.RevokeOperator(OPERATOR.id()));
        commands.put("approve-node-1", new Command.ApproveNode(NODE));
        commands.put("set-mesh-policy-1", new Command.SetMeshPolicy(new MeshPolicy(Topology.HUB, Duration.ofDays(30))));
        commands.put("set-mesh-policy-1-nulls", new Command.SetMeshPolicy(MeshPolicy.FIRST));
        commands.put("set-preshared-keys-1", new Command.SetPresharedKeys(2, 1, bytes(61, 0x6c)));
        commands.put("set-preshared-keys-1-nulls", new Command.SetPresharedKeys(2, 0, null));
        commands.put("set-hub-1", new Command.SetHub(NODE, true));
        commands.put(
                "offer-routes-1",
                new Command.OfferRoutes(NODE, List.of(Prefix.parse("192.168.7.0/24"), Prefix.parse("::/0"))));
        commands.put("approve-routes-1", new Command.ApproveRoutes(NODE, List.of(Prefix.parse("192.168.7.0/24"))));
        commands.put("end-quarantine-1", new Command.EndQuarantine(NODE, LATER));
        return commands;
    }

    /** A command as it stands in the log. */
    static Envelope envelope(Command command) {
        return new Envelope(
                TIME,
                new Actor(Actor.Kind.OPERATOR, OPERATOR.id().text(), "192.0.2.7"),
                new RequestId("Req.1:2_3-4"),
                command);
    }

    static Map<String, Outcome> outcomes() {
        Revision revision = new Revision(42);
        Map<String, Outcome> outcomes = new LinkedHashMap<>();
        for (Event event : List.of(
                new Event.ClusterBootstrapped(ClusterId.of(3)),
                new Event.TokenCreated(TOKEN),
                new Event.TokenRevoked(TOKEN),
                new Event.NodeJoined(NODE),
                new Event.NodeChanged(NODE),
                new Event.NodeRemoved(NODE),
                new Event.RefusalRecorded(),
                new Event.LevelRaised(2),
                new Event.ClusterRecovered(2),
                new Event.SealingKeyRotated(2),
                new Event.PoolAdded(Prefix.parse("10.81.0.0/16")),
                new Event.AddressReserved(Address.parse("fd00:80::5"), new NodeName("db-1")),
                new Event.AddressReleased(Address.parse("10.80.0.5")),
                new Event.OperatorCreated(OPERATOR.id()),
                new Event.OperatorRevoked(OPERATOR.id()),
                new Event.SigningKeyChanged(SigningKey.CONFIG, new SigningKeys(1, 2, 2, TIME)),
                new Event.MeshPolicySet(new MeshPolicy(Topology.HUB, Duration.ofDays(30))),
                new Event.PresharedKeysSet(new PresharedKeys(2, true)))) {
            outcomes.put(
                    "accepted-" + event.getClass().getSimpleName(), new Outcome.Accepted(revision, List.of(event)));
        }
        outcomes.put(
                "rejected",
                new Outcome.Rejected(revision, new Rejection(Rejection.Reason.POOL_EXHAUSTED, "no address is left")));
        return outcomes;
    }

    /** By the name of the golden file. */
    static Map<String, Netmap> netmaps() {
        Map<String, Netmap> netmaps = new TreeMap<>();
        netmaps.put("netmap-1", netmap());
        netmaps.put("netmap-1-signer", resignedNetmap());
        netmaps.put("netmap-1-authorities", netmapOfTwoAuthorities());
        netmaps.put("netmap-1-hubs", ofHubs(null));
        netmaps.put("netmap-1-spoke", ofHubs(new Netmap.Spoke(NODE, List.of(Prefix.parse("192.168.9.0/24")))));
        return netmaps;
    }

    /** After a rotation of the key that signs it. */
    private static Netmap resignedNetmap() {
        Netmap first = netmap();
        return new Netmap(
                first.cluster(),
                first.epoch(),
                first.revision(),
                first.mtu(),
                first.pools(),
                first.members(),
                2,
                null,
                null,
                null);
    }

    /** During a rotation of the authority. */
    private static Netmap netmapOfTwoAuthorities() {
        Netmap first = netmap();
        return new Netmap(
                first.cluster(),
                first.epoch(),
                first.revision(),
                first.mtu(),
                first.pools(),
                first.members(),
                null,
                List.of(
                        new AuthorityCertificate(2, bytes(60, 0x6a), bytes(60, 0x6b)),
                        new AuthorityCertificate(1, bytes(60, 0x6c), null)),
                null,
                null);
    }

    /** Of hubs and routes; as one spoke has it, if there is one. */
    private static Netmap ofHubs(Netmap.@Nullable Spoke spoke) {
        Netmap first = netmap();
        return new Netmap(
                first.cluster(),
                first.epoch(),
                first.revision(),
                first.mtu(),
                first.pools(),
                List.of(new Netmap.Member(
                        NODE,
                        new NodeName("p7"),
                        Role.PEER,
                        List.of(Address.parse("10.80.0.7")),
                        KEYS,
                        ENDPOINTS,
                        TIME,
                        null,
                        null,
                        true,
                        List.of(Prefix.parse("192.168.7.0/24"), Prefix.parse("0.0.0.0/0")))),
                null,
                null,
                Topology.HUB,
                spoke);
    }

    private static Netmap netmap() {
        return new Netmap(
                ClusterId.of(3),
                2,
                new Revision(42),
                1420,
                List.of(Prefix.parse("10.80.0.0/16")),
                List.of(
                        new Netmap.Member(
                                NODE,
                                new NodeName("m1"),
                                Role.MGMT,
                                List.of(Address.parse("10.80.0.1"), Address.parse("fd00:80::1")),
                                KEYS,
                                ENDPOINTS,
                                TIME,
                                "m1.example.net:7443",
                                new Rotation(Rotation.Phase.MOVE_OUT, TIME, new Revision(40))),
                        new Netmap.Member(
                                NodeId.of(9),
                                new NodeName("p1"),
                                Role.PEER,
                                List.of(Address.parse("10.80.0.2")),
                                new NodeKeys(key(4), key(5)),
                                new NodeEndpoints(List.of(), 51820, 51821),
                                LATER,
                                null,
                                null)));
    }
}
