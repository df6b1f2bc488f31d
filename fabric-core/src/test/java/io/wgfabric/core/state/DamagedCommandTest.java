package io.wgfabric.core.state;

import static io.wgfabric.core.state.Commands.SYSTEM;
import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.wgfabric.api.Actor;
import io.wgfabric.api.Bytes;
import io.wgfabric.api.ClusterId;
import io.wgfabric.api.Command;
import io.wgfabric.api.MeshPolicy;
import io.wgfabric.api.NodeEndpoints;
import io.wgfabric.api.NodeId;
import io.wgfabric.api.Operator;
import io.wgfabric.api.OperatorId;
import io.wgfabric.api.Outcome;
import io.wgfabric.api.Plane;
import io.wgfabric.api.Prefix;
import io.wgfabric.api.Rejection;
import io.wgfabric.api.RequestId;
import io.wgfabric.api.Role;
import io.wgfabric.api.Rotation;
import io.wgfabric.api.SigningKey;
import io.wgfabric.api.TokenId;
import io.wgfabric.api.Topology;
import io.wgfabric.core.codec.Codec;
import io.wgfabric.core.codec.CodecException;
import io.wgfabric.core.codec.Json;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** A command with any part missing is refused before the log, or decided; it never makes the machine throw. */
class DamagedCommandTest {

    static Stream<Command> commands() {
        NodeEndpoints endpoints = new NodeEndpoints(List.of(), 51820, 51821);
        return Stream.of(
                new Command.BootstrapCluster(
                        ClusterId.of(2),
                        List.of(Prefix.parse("10.0.0.0/24")),
                        Bytes.of(new byte[1]),
                        new TreeMap<>(),
                        new TreeMap<>(),
                        new Operator(OperatorId.of(1), "admin", Operator.Access.ADMIN, Bytes.of(new byte[32]))),
                new Commands().createToken(5, Role.PEER, 1),
                new Command.RevokeToken(TokenId.of(1), true),
                Commands.joinNode(TokenId.of(1), 9, Role.PEER),
                new Command.UpdateNode(NodeId.of(1), endpoints, null),
                new Command.RemoveNode(NodeId.of(1), "gone"),
                new Command.QuarantineNode(NodeId.of(1), "lost"),
                new Command.ReleaseNode(NodeId.of(1)),
                new Command.RotateNodeKey(NodeId.of(1)),
                new Command.PublishKey(NodeId.of(1), Plane.SPARE, Commands.key(77)),
                new Command.AdvanceRotation(NodeId.of(1), Rotation.Phase.MOVE_OUT, false),
                new Command.RecordRefusal("join", Rejection.Reason.TOKEN_MALFORMED, 3),
                new Command.RaiseLevel(2),
                new Command.RecoverCluster(2, NodeId.of(1), "two disks died"),
                new Command.RotateSealingKey(
                        2,
                        new TreeMap<>(Map.of("token-key", Bytes.of(new byte[9]))),
                        new TreeMap<>(Map.of(NodeId.of(1), Bytes.of(new byte[9])))),
                new Command.CreateOperator(
                        new Operator(OperatorId.of(2), "second", Operator.Access.VIEWER, Bytes.of(new byte[32]))),
                new Command.RevokeOperator(OperatorId.of(1)),
                new Command.ApproveNode(NodeId.of(1)),
                new Command.EndQuarantine(NodeId.of(1), Commands.START),
                new Command.RotateSigningKey(SigningKey.TOKEN, 2, 1, Bytes.of(new byte[9]), Bytes.of(new byte[9])),
                new Command.UseSigningKey(SigningKey.TOKEN, 2),
                new Command.RetireSigningKey(SigningKey.TOKEN, 1),
                new Command.SetMeshPolicy(new MeshPolicy(Topology.HUB, Duration.ofDays(30))),
                new Command.SetPresharedKeys(1, 1, Bytes.of(new byte[9])),
                new Command.SetHub(NodeId.of(1), true),
                new Command.OfferRoutes(NodeId.of(1), List.of(Prefix.parse("192.168.7.0/24"))),
                new Command.ApproveRoutes(NodeId.of(1), List.of(Prefix.parse("192.168.7.0/24"))));
    }

    @ParameterizedTest
    @MethodSource("commands")
    void noMissingPartMakesTheMachineThrow(Command command) {
        Commands machine = Commands.bootstrapped("10.0.0.0/24");
        TokenId token = machine.token(1, Role.PEER, 0);
        machine.join(token, 1).orThrow();
        machine.apply(SYSTEM, new Command.RotateNodeKey(NodeId.of(1))).orThrow();
        Envelope envelope = new Envelope(machine.now, SYSTEM, new RequestId("damaged"), command);
        JsonNode whole = Json.mapper().readTree(Codec.encode(envelope));
        List<byte[]> damaged = new ArrayList<>();
        for (Runnable damage : damages(whole)) {
            damage.run();
            damaged.add(Json.mapper().writeValueAsBytes(whole));
            ((ObjectNode) whole).setAll((ObjectNode) Json.mapper().readTree(Codec.encode(envelope)));
        }
        assertTrue(damaged.size() > 3);
        for (byte[] bytes : damaged) {
            try {
                Envelope decoded = Codec.decodeEnvelope(bytes);
                assertDoesNotThrow(
                        () -> Machine.apply(machine.state, decoded, Codec.fingerprint(decoded)), decoded.toString());
            } catch (CodecException e) {
                assertTrue(String.valueOf(e.getMessage()).startsWith("cannot read"));
            }
        }
    }

    /** One for each part, at any depth, that takes it out. */
    private static List<Runnable> damages(JsonNode whole) {
        List<List<String>> paths = new ArrayList<>();
        collect(whole, List.of(), paths);
        List<Runnable> damages = new ArrayList<>();
        for (List<String> path : paths) {
            damages.add(() -> {
                JsonNode parent = whole;
                for (String step : path.subList(0, path.size() - 1)) {
                    parent = parent instanceof ArrayNode array ? array.get(Integer.parseInt(step)) : parent.get(step);
                }
                if (parent instanceof ObjectNode object) {
                    object.remove(path.get(path.size() - 1));
                }
            });
        }
        return damages;
    }

    private static void collect(JsonNode node, List<String> at, List<List<String>> into) {
        if (node instanceof ObjectNode object) {
            object.properties().forEach(field -> {
                List<String> path = new ArrayList<>(at);
                path.add(field.getKey());
                into.add(path);
                collect(field.getValue(), path, into);
            });
        }
    }

    @Test
    void nobodyUsesUpTheRequestIdOfAnother() {
        Commands machine = Commands.bootstrapped("10.0.0.0/24");
        TokenId token = machine.token(1, Role.PEER, 0);
        machine.join(token, 1).orThrow();
        RequestId id = new RequestId("rotation:" + NodeId.of(1) + ":MOVE_OUT:57");
        Actor peer = new Actor(Actor.Kind.PEER, NodeId.of(1).text(), "");
        machine.apply(peer, id, new Command.RotateNodeKey(NodeId.of(1))).orThrow();
        Outcome outcome = machine.apply(SYSTEM, id, new Command.RevokeToken(token, false));
        assertInstanceOf(Outcome.Accepted.class, outcome);
        assertEquals(1, machine.state.nodes().size());
    }
}
