package io.wgfabric.simulation.world;

import io.wgfabric.api.Actor;
import io.wgfabric.api.Address;
import io.wgfabric.api.Bytes;
import io.wgfabric.api.ClusterId;
import io.wgfabric.api.Command;
import io.wgfabric.api.ManagerServices;
import io.wgfabric.api.Node;
import io.wgfabric.api.NodeEndpoints;
import io.wgfabric.api.NodeId;
import io.wgfabric.api.NodeKeys;
import io.wgfabric.api.Operator;
import io.wgfabric.api.OperatorId;
import io.wgfabric.api.Plane;
import io.wgfabric.api.Prefix;
import io.wgfabric.api.PublicKey;
import io.wgfabric.api.Rejection;
import io.wgfabric.api.Role;
import io.wgfabric.api.Rotation;
import io.wgfabric.api.TokenId;
import io.wgfabric.core.state.State;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.TreeSet;

/** Commands that make sense in a state, mostly. A node's id is never used again. */
final class FabricCommands {
    static final Actor SYSTEM = Actor.system("world");

    private static final NodeEndpoints ENDPOINTS = new NodeEndpoints(List.of(Address.parse("192.0.2.1")), 51820, 51821);

    /** Who asks for what. */
    record Asked(Actor actor, Command command) {}

    private long nodes;
    private long tokens;

    static Command bootstrap() {
        return new Command.BootstrapCluster(
                ClusterId.of(1),
                List.of(Prefix.parse("10.0.0.0/27"), Prefix.parse("fd00::/64")),
                Bytes.of(new byte[] {1}),
                new TreeMap<>(),
                new TreeMap<>(),
                new Operator(OperatorId.of(1), "admin", Operator.Access.ADMIN, Bytes.of(new byte[32])));
    }

    Asked next(State state, SplittableRandom dice) {
        int what = dice.nextInt(20);
        if (what < 4 || state.tokens().isEmpty()) {
            return new Asked(SYSTEM, createToken(dice));
        }
        if (what < 12 || state.nodes().isEmpty()) {
            return join(dice);
        }
        List<Node> all = new ArrayList<>(state.nodes().values());
        Node node = all.get(dice.nextInt(all.size()));
        return new Asked(
                SYSTEM,
                switch (what) {
                    case 12 -> new Command.RemoveNode(node.id(), "it left");
                    case 13 -> new Command.QuarantineNode(node.id(), "it looks odd");
                    case 14 -> quarantined(all, node);
                    case 15 -> new Command.RevokeToken(token(dice), dice.nextInt(6) == 0);
                    case 16 -> new Command.UpdateNode(node.id(), ENDPOINTS, node.services());
                    case 17 -> new Command.RecordRefusal("192.0.2.7", Rejection.Reason.NOT_ALLOWED, 1);
                    default -> rotation(all, node, dice);
                });
    }

    private Command createToken(SplittableRandom dice) {
        return new Command.CreateToken(
                TokenId.of(++tokens),
                dice.nextInt(6) == 0 ? Role.MGMT : Role.PEER,
                null,
                Duration.ofSeconds(1 + dice.nextInt(120)),
                dice.nextInt(4),
                new TreeSet<>(),
                null,
                false);
    }

    private TokenId token(SplittableRandom dice) {
        return TokenId.of(Math.max(1, tokens - dice.nextInt(3)));
    }

    private Asked join(SplittableRandom dice) {
        TokenId token = token(dice);
        long number = ++nodes;
        Role role = dice.nextInt(8) == 0 ? Role.MGMT : Role.PEER;
        Command.JoinNode join = new Command.JoinNode(
                token,
                NodeId.of(number),
                role,
                null,
                new NodeKeys(key(2 * number), key(2 * number + 1)),
                ENDPOINTS,
                role == Role.MGMT ? new ManagerServices("m:7443", "m:7800") : null);
        return new Asked(new Actor(Actor.Kind.TOKEN, token.text(), "192.0.2.1"), join);
    }

    private static PublicKey key(long number) {
        return PublicKey.of(ByteBuffer.allocate(PublicKey.BYTES)
                .putLong(number)
                .put(31, (byte) 1)
                .array());
    }

    private static Command quarantined(List<Node> all, Node fallback) {
        for (Node node : all) {
            if (!node.isActive()) {
                return new Command.ReleaseNode(node.id());
            }
        }
        return new Command.RotateNodeKey(fallback.id());
    }

    private static Command rotation(List<Node> all, Node fallback, SplittableRandom dice) {
        for (Node node : all) {
            Rotation rotation = node.rotation();
            if (rotation != null) {
                return switch (rotation.phase()) {
                    case REKEY_SPARE -> new Command.PublishKey(node.id(), Plane.SPARE, key(dice.nextLong()));
                    case REKEY_MAIN -> new Command.PublishKey(node.id(), Plane.MAIN, key(dice.nextLong()));
                    default -> new Command.AdvanceRotation(node.id(), rotation.phase(), dice.nextInt(5) == 0);
                };
            }
        }
        return new Command.RotateNodeKey(fallback.id());
    }
}
