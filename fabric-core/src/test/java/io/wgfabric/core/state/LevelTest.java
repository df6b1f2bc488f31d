package io.wgfabric.core.state;

import static io.wgfabric.core.state.Commands.SYSTEM;
import static io.wgfabric.core.state.Commands.reasonOf;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.wgfabric.api.Actor;
import io.wgfabric.api.Cluster;
import io.wgfabric.api.Command;
import io.wgfabric.api.Event;
import io.wgfabric.api.ManagerServices;
import io.wgfabric.api.Node;
import io.wgfabric.api.NodeId;
import io.wgfabric.api.Outcome;
import io.wgfabric.api.Rejection;
import io.wgfabric.api.Rejection.Reason;
import io.wgfabric.api.RequestId;
import io.wgfabric.api.Role;
import io.wgfabric.api.TokenId;
import io.wgfabric.core.ReplicatedFabric;
import io.wgfabric.core.codec.Codec;
import io.wgfabric.core.codec.CodecException;
import io.wgfabric.core.log.InProcessLog;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletionException;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** Commands are gated by a level that only grows, and grows only when every manager can read what comes. */
class LevelTest {
    private final Commands machine = Commands.bootstrapped("10.0.0.0/24");
    private final TokenId token = machine.token(1, Role.MGMT, 5);

    private static Command.JoinNode manager(TokenId token, long id, @Nullable Integer level) {
        Command.JoinNode join = Commands.joinNode(token, id, Role.MGMT);
        return new Command.JoinNode(
                join.token(), join.node(), join.role(), join.name(), join.keys(), join.endpoints(), services(level));
    }

    private static ManagerServices services(@Nullable Integer level) {
        return new ManagerServices("m:7443", "m:7800", level, null);
    }

    private Outcome join(long id, @Nullable Integer level) {
        return machine.apply(new Actor(Actor.Kind.TOKEN, token.text(), ""), manager(token, id, level));
    }

    private Outcome raise(int level) {
        return machine.apply(SYSTEM, new Command.RaiseLevel(level));
    }

    private int level() {
        return Objects.requireNonNull(machine.state.cluster()).level();
    }

    private static String messageOf(Outcome outcome) {
        Rejection rejection = assertInstanceOf(Outcome.Rejected.class, outcome).rejection();
        return rejection.message();
    }

    @Test
    void levelRisesOnceEveryManagerKnowsTheNext() {
        join(1, 2).orThrow();
        join(2, null).orThrow();

        Outcome early = raise(2);
        assertEquals(Reason.LEVEL_TOO_LOW, reasonOf(early));
        assertEquals("upgrade the managers node2 first", messageOf(early));
        assertEquals(1, level());

        Node old = machine.node(2);
        Command.UpdateNode upgraded = new Command.UpdateNode(old.id(), old.endpoints(), services(2));
        machine.apply(new Actor(Actor.Kind.MANAGER, old.id().text(), ""), upgraded)
                .orThrow();
        assertEquals(List.of(new Event.LevelRaised(2)), raise(2).orThrow().events());
        assertEquals(2, level());
        assertTrue(machine.state.auditEntries().stream()
                .anyMatch(entry -> entry.action().equals("raise-level")
                        && entry.outcome().equals("accepted")
                        && entry.subject().equals("level 2")));
    }

    @Test
    void levelIsNeverLowered() {
        raise(2).orThrow();

        assertEquals(Reason.INVALID, reasonOf(raise(2)));
        assertEquals(Reason.INVALID, reasonOf(raise(1)));
        assertEquals(2, level());
    }

    @Test
    void nobodyButTheFabricItselfRaisesIt() {
        join(1, 2).orThrow();
        Actor manager = new Actor(Actor.Kind.MANAGER, NodeId.of(1).text(), "");

        assertEquals(Reason.NOT_ALLOWED, reasonOf(machine.apply(manager, new Command.RaiseLevel(2))));
    }

    @Test
    void managerWithOlderSoftwareIsRefusedAndTakesNoUse() {
        raise(2).orThrow();

        Outcome refused = join(1, null);
        assertEquals(Reason.LEVEL_TOO_LOW, reasonOf(refused));
        assertTrue(messageOf(refused).contains("install a newer version"));
        assertEquals(0, machine.token(token).used());
        join(2, 2).orThrow();
        join(3, 7).orThrow();
        assertEquals(2, machine.token(token).used());
    }

    @Test
    void peerNeedsNoLevel() {
        raise(2).orThrow();
        machine.join(machine.token(2, Role.PEER, 1), 9).orThrow();
        assertEquals(2, level());
    }

    @Test
    void managerCannotGoBackBehindTheClustersLevel() {
        join(1, 2).orThrow();
        raise(2).orThrow();
        Node node = machine.node(1);

        Outcome refused = machine.apply(SYSTEM, new Command.UpdateNode(node.id(), node.endpoints(), services(null)));

        assertEquals(Reason.LEVEL_TOO_LOW, reasonOf(refused));
        assertEquals(2, Objects.requireNonNull(machine.node(1).services()).supports());
    }

    @Test
    void snapshotKeepsTheLevel() {
        raise(2).orThrow();

        Cluster cluster = Codec.decodeState(Codec.encode(machine.state)).cluster();

        assertEquals(2, assertNotNullAnd(cluster).level());
    }

    private static <T> T assertNotNullAnd(@Nullable T value) {
        assertNotNull(value);
        return Objects.requireNonNull(value);
    }

    @Test
    void softwareThatIsTooOldStopsAtTheLevelAndNotLater() {
        InProcessLog log = new InProcessLog();
        try (ReplicatedFabric fabric = ReplicatedFabric.open(log, () -> Commands.START, 1)) {
            submit(fabric, "first", bootstrap());
            // It rehearses on its own state, which it may decide; applying it is what it must not.
            assertThrows(CompletionException.class, () -> submit(fabric, "level", new Command.RaiseLevel(2)));

            String why = String.valueOf(Objects.requireNonNull(fabric.halted()).getMessage());
            assertTrue(why.contains("software is too old") && why.contains("level 2"), why);
            assertEquals(1, fabric.view().cluster().orElseThrow().level());
        }
    }

    private static Command bootstrap() {
        return new Command.BootstrapCluster(
                io.wgfabric.api.ClusterId.of(1),
                List.of(io.wgfabric.api.Prefix.parse("10.0.0.0/24")),
                io.wgfabric.api.Bytes.of(new byte[] {1}),
                new java.util.TreeMap<>(),
                new java.util.TreeMap<>(),
                new io.wgfabric.api.Operator(
                        io.wgfabric.api.OperatorId.of(1),
                        "admin",
                        io.wgfabric.api.Operator.Access.ADMIN,
                        io.wgfabric.api.Bytes.of(new byte[32])));
    }

    private static void submit(ReplicatedFabric fabric, String request, Command command) {
        fabric.submit(SYSTEM, new RequestId(request), command)
                .toCompletableFuture()
                .join()
                .orThrow();
    }

    @Test
    void unknownCommittedCommandHaltsTheReplicaAndIsNamed() {
        InProcessLog log = new InProcessLog();
        try (ReplicatedFabric fabric = ReplicatedFabric.open(log, () -> Commands.START)) {
            submit(fabric, "first", bootstrap());
            byte[] known =
                    Codec.encode(new Envelope(Commands.START, SYSTEM, new RequestId("x"), new Command.RaiseLevel(2)));
            byte[] unknown = new String(known, StandardCharsets.UTF_8)
                    .replace("raise-level/1", "fold-space/3")
                    .getBytes(StandardCharsets.UTF_8);

            CompletionException failed = assertThrows(
                    CompletionException.class,
                    () -> log.append(unknown, Duration.ofSeconds(1))
                            .toCompletableFuture()
                            .join());

            assertInstanceOf(
                    CodecException.class,
                    Objects.requireNonNull(failed.getCause()).getCause());
            String why = String.valueOf(Objects.requireNonNull(fabric.halted()).getMessage());
            assertTrue(why.contains("'fold-space/3'") && why.contains("too old"), why);
        }
    }
}
