package io.wgfabric.core.state;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.wgfabric.api.Actor;
import io.wgfabric.api.Address;
import io.wgfabric.api.AuditEntry;
import io.wgfabric.api.Bytes;
import io.wgfabric.api.Command;
import io.wgfabric.api.Node;
import io.wgfabric.api.NodeId;
import io.wgfabric.api.NodeName;
import io.wgfabric.api.Plane;
import io.wgfabric.api.Prefix;
import io.wgfabric.api.PublicKey;
import io.wgfabric.api.RequestId;
import io.wgfabric.api.Role;
import io.wgfabric.api.Rotation;
import io.wgfabric.api.Token;
import io.wgfabric.api.TokenId;
import io.wgfabric.core.codec.Codec;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Random logs: the machine never throws, keeps its invariants after every command, and replays to the same bytes. */
class SameLogSameStateTest {
    private static final int LENGTH = 1_500;

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8})
    void replicasAgreeAfterEveryCommandAndAfterASnapshot(long seed) {
        Random random = new Random(seed);
        Commands first = Commands.bootstrapped("10.0.0.0/26", "fd00::/64");
        Commands second = Commands.bootstrapped("10.0.0.0/26", "fd00::/64");
        for (Commands replica : List.of(first, second)) {
            replica.apply(Commands.SYSTEM, new Command.RaiseLevel(Levels.NEWEST))
                    .orThrow();
        }
        for (int i = 0; i < LENGTH; i++) {
            first.now = first.now.plusSeconds(random.nextInt(600) - 60);
            Envelope envelope = random(random, first, i);
            String at = "seed " + seed + ", command " + i + ": " + envelope.command();
            assertEquals(first.apply(envelope), second.apply(envelope), at);
            checkInvariants(first.state, at);
            if (i % 100 == 0) {
                byte[] snapshot = Codec.encode(first.state);
                second.state = Codec.decodeState(snapshot);
                assertArrayEquals(snapshot, Codec.encode(second.state), at);
                assertEquals(first.state, second.state, at);
            }
        }
        assertEquals(Codec.digest(first.state), Codec.digest(second.state));
        checkAudit(first.state);
    }

    private static Envelope random(Random random, Commands commands, int i) {
        TokenId token = TokenId.of(random.nextInt(12));
        NodeId node = NodeId.of(random.nextInt(90));
        Role role = random.nextInt(8) == 0 ? Role.MGMT : Role.PEER;
        Actor actor = Commands.SYSTEM;
        Command command;
        switch (random.nextInt(12)) {
            case 0 -> {
                Command.CreateToken plain = commands.createToken(random.nextInt(12), role, random.nextInt(4));
                command = random.nextBoolean() ? plain : needingApproval(plain);
            }
            case 1 -> command = new Command.RevokeToken(token, random.nextInt(6) == 0);
            case 2, 3, 4 -> {
                actor = new Actor(Actor.Kind.TOKEN, token.text(), "192.0.2.9");
                command = Commands.joinNode(token, random.nextInt(90), role);
            }
            case 5 ->
                command = random.nextInt(10) == 0
                        ? new Command.RecoverCluster(
                                Objects.requireNonNull(commands.state.cluster()).epoch() + random.nextInt(2),
                                node,
                                "random")
                        : new Command.RemoveNode(node, "random");
            case 6 ->
                command = new Command.QuarantineNode(
                        node, "random", random.nextBoolean() ? null : Duration.ofSeconds(1 + random.nextInt(900)));
            case 7 -> command = letIn(random, commands.state, node);
            case 8 -> command = new Command.RotateNodeKey(node);
            case 9, 10 -> command = addressing(random);
            default -> command = rotationStep(random, commands.state, node);
        }
        boolean repeat = i > 10 && random.nextInt(20) == 0;
        return new Envelope(
                commands.now, actor, new RequestId("s" + (repeat ? i - 1 - random.nextInt(9) : i)), command);
    }

    private static Command addressing(Random random) {
        Address address = random.nextInt(4) == 0
                ? Prefix.parse("fd00::/64").at(random.nextInt(40))
                : Prefix.parse("10.0.0.0/26").at(random.nextInt(64));
        return switch (random.nextInt(8)) {
            case 0 -> new Command.AddPool(Prefix.parse("10.0." + random.nextInt(4) + ".64/29"));
            case 1, 2, 3 -> new Command.ReserveAddress(address, new NodeName("node" + random.nextInt(90)));
            case 4, 5, 6 -> new Command.ReleaseAddress(address);
            default ->
                new Command.CreateToken(
                        TokenId.of(random.nextInt(12)),
                        Role.PEER,
                        null,
                        Duration.ofHours(1),
                        1,
                        new TreeSet<>(),
                        address,
                        false);
        };
    }

    private static Command needingApproval(Command.CreateToken plain) {
        return new Command.CreateToken(
                plain.token(),
                plain.role(),
                null,
                plain.ttl(),
                plain.uses(),
                plain.tags(),
                null,
                true,
                true,
                Duration.ofSeconds(90));
    }

    private static Command letIn(Random random, State state, NodeId fallback) {
        List<Node> out =
                state.nodes().values().stream().filter(node -> !node.isActive()).toList();
        if (out.isEmpty()) {
            return new Command.ReleaseNode(fallback);
        }
        Node node = out.get(random.nextInt(out.size()));
        if (node.isPending()) {
            return new Command.ApproveNode(node.id());
        }
        Instant until = node.stateUntil();
        return until == null ? new Command.ReleaseNode(node.id()) : new Command.EndQuarantine(node.id(), until);
    }

    private static Command rotationStep(Random random, State state, NodeId fallback) {
        List<Node> rotating = state.nodes().values().stream()
                .filter(node -> node.rotation() != null)
                .toList();
        if (rotating.isEmpty()) {
            return new Command.RotateNodeKey(fallback);
        }
        Node node = rotating.get(random.nextInt(rotating.size()));
        Rotation rotation = node.rotation();
        if (rotation == null || random.nextInt(10) == 0) {
            return new Command.AdvanceRotation(node.id(), Rotation.Phase.MOVE_OUT, random.nextBoolean());
        }
        return switch (rotation.phase()) {
            case REKEY_SPARE -> new Command.PublishKey(node.id(), Plane.SPARE, Commands.key(random.nextLong()));
            case REKEY_MAIN -> new Command.PublishKey(node.id(), Plane.MAIN, Commands.key(random.nextLong()));
            default -> new Command.AdvanceRotation(node.id(), rotation.phase(), random.nextInt(5) == 0);
        };
    }

    private static void checkInvariants(State state, String at) {
        Set<Address> addresses = new HashSet<>();
        Set<PublicKey> keys = new HashSet<>();
        boolean rekeysSpare = false;
        boolean usesSpare = false;
        for (Node node : state.nodes().values()) {
            for (Address address : node.addresses()) {
                assertTrue(addresses.add(address), at);
                assertEquals(node.id(), state.addresses().leases().get(address), at);
            }
            for (Plane plane : Plane.values()) {
                assertTrue(keys.add(node.keys().on(plane)), at);
            }
            Rotation rotation = node.rotation();
            rekeysSpare |= rotation != null && rotation.phase() == Rotation.Phase.REKEY_SPARE;
            usesSpare |= rotation != null && rotation.usesSpare();
        }
        assertEquals(addresses, state.addresses().leases().keySet(), at);
        state.addresses().reserved().forEach((address, name) -> {
            NodeId holder = state.addresses().leases().get(address);
            assertTrue(holder == null || holder.equals(state.names().get(name)), at);
        });
        assertEquals(keys, state.keys().keySet(), at);
        assertTrue(!(rekeysSpare && usesSpare), "a spare plane gets a key while it may carry a pair: " + at);
        for (Token token : state.tokens().values()) {
            assertTrue(token.uses() == 0 || token.used() <= token.uses(), at);
            for (NodeId member : token.nodes()) {
                assertEquals(token.id(), state.find(member).orElseThrow().token(), at);
            }
        }
    }

    private static void checkAudit(State state) {
        List<AuditEntry> entries = new ArrayList<>(state.auditEntries());
        Bytes before = Bytes.of(new byte[32]);
        for (AuditEntry entry : entries) {
            assertTrue(AuditChain.verifies(before, entry), "entry " + entry.number());
            before = entry.hash();
        }
        assertEquals(before, state.audit().last());
    }
}
