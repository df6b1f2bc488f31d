package io.wgfabric.core.state;

import static io.wgfabric.core.state.Commands.SYSTEM;
import static io.wgfabric.core.state.Commands.reasonOf;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.wgfabric.api.Actor;
import io.wgfabric.api.AuditEntry;
import io.wgfabric.api.Command;
import io.wgfabric.api.Limits;
import io.wgfabric.api.Node;
import io.wgfabric.api.NodeId;
import io.wgfabric.api.Outcome;
import io.wgfabric.api.Rejection.Reason;
import io.wgfabric.api.Role;
import io.wgfabric.api.TokenId;
import io.wgfabric.core.codec.Codec;
import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.Test;

class QuarantineTest {
    private static final NodeId NODE = NodeId.of(1);
    private static final Duration TWO_HOURS = Duration.ofHours(2);

    private final Commands commands = Commands.bootstrapped("10.0.0.0/8");

    private TokenId raised(int nodes) {
        commands.apply(SYSTEM, new Command.RaiseLevel(Levels.NEWEST)).orThrow();
        TokenId token = commands.token(1, Role.PEER, 0);
        for (int i = 1; i <= nodes; i++) {
            commands.join(token, i).orThrow();
        }
        return token;
    }

    private Outcome end(Instant until) {
        return commands.apply(SYSTEM, new Command.EndQuarantine(NODE, until));
    }

    @Test
    void quarantineEndsByItselfWhenItsTimeIsOverAndNotBefore() {
        raised(1);
        commands.apply(SYSTEM, new Command.QuarantineNode(NODE, "odd", TWO_HOURS))
                .orThrow();
        Instant until = Commands.START.plus(TWO_HOURS);
        assertEquals(until, commands.node(1).stateUntil());
        commands.now = until.minusMillis(1);
        assertEquals(Reason.NODE_WRONG_STATE, reasonOf(end(until)));
        commands.now = until;
        end(until).orThrow();
        assertTrue(commands.node(1).isActive());
        assertNull(commands.node(1).stateUntil());
        AuditEntry newest = commands.state.audit().entries().lastEntry().getValue();
        assertEquals("end-quarantine", newest.action());
        assertEquals("quarantined for: odd", newest.detail());
    }

    @Test
    void onlyTheFabricItselfEndsIt() {
        raised(1);
        commands.apply(SYSTEM, new Command.QuarantineNode(NODE, "odd", TWO_HOURS))
                .orThrow();
        Instant until = Commands.START.plus(TWO_HOURS);
        commands.now = until;
        assertEquals(
                Reason.NOT_ALLOWED,
                reasonOf(commands.apply(
                        new Actor(Actor.Kind.PEER, NODE.text(), ""), new Command.EndQuarantine(NODE, until))));
    }

    @Test
    void laterQuarantineIsNotEndedByTheTimeOfTheEarlierOne() {
        raised(1);
        commands.apply(SYSTEM, new Command.QuarantineNode(NODE, "odd", TWO_HOURS))
                .orThrow();
        commands.apply(SYSTEM, new Command.QuarantineNode(NODE, "odd indeed")).orThrow();
        commands.now = Commands.START.plus(TWO_HOURS);
        assertEquals(Reason.NODE_WRONG_STATE, reasonOf(end(Commands.START.plus(TWO_HOURS))));
        assertEquals("odd indeed", commands.node(1).stateCause());
        assertEquals(
                Reason.NODE_WRONG_STATE,
                reasonOf(commands.apply(SYSTEM, new Command.QuarantineNode(NODE, "for ever", TWO_HOURS))));
    }

    @Test
    void cascadeMakesAQuarantineThatWouldEndLast() {
        TokenId token = raised(1);
        commands.apply(SYSTEM, new Command.QuarantineNode(NODE, "odd", TWO_HOURS))
                .orThrow();
        commands.apply(SYSTEM, new Command.RevokeToken(token, true)).orThrow();
        assertNull(commands.node(1).stateUntil());
        assertEquals("its token " + token + " was revoked", commands.node(1).stateCause());
    }

    @Test
    void periodsThatCannotBeAreRefused() {
        raised(1);
        for (Duration period :
                new Duration[] {Duration.ZERO, Duration.ofSeconds(-1), Limits.QUARANTINE.plusMillis(1)}) {
            assertEquals(
                    Reason.INVALID, reasonOf(commands.apply(SYSTEM, new Command.QuarantineNode(NODE, "odd", period))));
        }
    }

    @Test
    void periodComesWithItsLevel() {
        commands.join(commands.token(1, Role.PEER, 1), 1).orThrow();
        assertEquals(
                Reason.LEVEL_TOO_LOW,
                reasonOf(commands.apply(SYSTEM, new Command.QuarantineNode(NODE, "odd", TWO_HOURS))));
    }

    @Test
    void cascadeAfterARestoreCutsOffExactlyWhoJoinedWithTheToken() {
        TokenId all = raised(300);
        TokenId few = commands.token(2, Role.PEER, 0);
        for (int i = 301; i <= 310; i++) {
            commands.join(few, i).orThrow();
        }
        commands.apply(SYSTEM, new Command.RemoveNode(NodeId.of(305), "gone")).orThrow();
        // A manager that was started again has its sets from a snapshot.
        commands.state = Codec.decodeState(Codec.encode(commands.state));
        commands.apply(SYSTEM, new Command.RevokeToken(few, true)).orThrow();
        assertEquals(
                "quarantined 9 nodes",
                commands.state.audit().entries().lastEntry().getValue().detail());
        assertEquals(
                300,
                commands.state.nodes().values().stream().filter(Node::isActive).count());
        commands.apply(SYSTEM, new Command.RevokeToken(all, true)).orThrow();
        assertTrue(commands.state.nodes().values().stream().allMatch(Node::isQuarantined));
    }
}
