package io.wgfabric.core;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.wgfabric.api.Actor;
import io.wgfabric.api.AuditEntry;
import io.wgfabric.api.Command;
import io.wgfabric.api.Limits;
import io.wgfabric.api.NodeId;
import io.wgfabric.api.RemovedNode;
import io.wgfabric.api.RequestId;
import io.wgfabric.api.Revision;
import io.wgfabric.api.Role;
import io.wgfabric.api.TokenId;
import io.wgfabric.core.log.InProcessLog;
import io.wgfabric.core.log.Log;
import io.wgfabric.core.log.LogStatus;
import io.wgfabric.core.presence.Presence;
import io.wgfabric.core.state.Commands;
import io.wgfabric.core.state.Levels;
import io.wgfabric.core.wire.Heartbeat;
import java.lang.reflect.Proxy;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** When ephemeral nodes go, and when quarantines end. */
class ConductorNodesTest {
    private static final NodeId NODE = NodeId.of(1);
    private static final Duration GRACE = Limits.EPHEMERAL_GRACE;

    private Instant now = Commands.START;
    private boolean leads = true;
    private final InstantSource clock = () -> now;
    private final ReplicatedFabric fabric = ReplicatedFabric.open(new InProcessLog(), clock);
    private final Presence presence = new Presence(clock);
    private final Conductor conductor = new Conductor(fabric, log(), presence, clock);
    private int requests;

    /** A log of which only the leadership is looked at. */
    private Log log() {
        return (Log) Proxy.newProxyInstance(
                ConductorNodesTest.class.getClassLoader(),
                new Class<?>[] {Log.class},
                (proxy, method, arguments) -> switch (method.getName()) {
                    case "status" ->
                        new LogStatus(
                                "m",
                                leads ? LogStatus.Role.LEADER : LogStatus.Role.FOLLOWER,
                                leads ? "m" : "other",
                                1,
                                0,
                                0,
                                new TreeSet<>(List.of("m")),
                                Set.of("m"));
                    default -> throw new UnsupportedOperationException(method.getName());
                });
    }

    private void submit(Actor actor, Command command) {
        fabric.submit(actor, new RequestId("r" + requests++), command)
                .toCompletableFuture()
                .join()
                .orThrow();
    }

    @BeforeEach
    void found() {
        submit(Commands.SYSTEM, Commands.bootstrap("10.0.0.0/24"));
        submit(Commands.SYSTEM, new Command.RaiseLevel(Levels.NEWEST));
        conductor.tick();
    }

    @AfterEach
    void close() {
        fabric.close();
    }

    private void joinEphemeral(@Nullable Duration grace) {
        TokenId token = TokenId.of(1);
        submit(
                Commands.SYSTEM,
                new Command.CreateToken(
                        token, Role.PEER, null, Duration.ofDays(1), 0, new TreeSet<>(), null, true, null, grace));
        submit(new Actor(Actor.Kind.TOKEN, token.text(), "192.0.2.1"), Commands.joinNode(token, 1, Role.PEER));
    }

    private void heartbeat() {
        presence.heard(NODE, new Heartbeat(1, Revision.ZERO, Revision.ZERO, "1", "test", 0));
    }

    private boolean isMember() {
        return fabric.view().node(NODE).isPresent();
    }

    /** Time goes on, and the conductor looks at every second of it. */
    private void pass(Duration time) {
        for (long second = 0; second < time.toSeconds(); second++) {
            now = now.plusSeconds(1);
            conductor.tick();
        }
    }

    @Test
    void ephemeralNodeGoesAfterItsGraceTimeAndNotBefore() {
        joinEphemeral(null);
        heartbeat();
        pass(GRACE.minusSeconds(1));
        assertTrue(isMember());
        pass(Duration.ofSeconds(1));
        assertFalse(isMember());
        RemovedNode removed = fabric.view().removedNode(NODE).orElseThrow();
        assertEquals("ephemeral, and away for 300 s", removed.cause());
        assertEquals(Actor.system("conductor"), removed.by());
    }

    @Test
    void graceOfTheTokenCounts() {
        joinEphemeral(Duration.ofSeconds(30));
        heartbeat();
        pass(Duration.ofSeconds(29));
        assertTrue(isMember());
        pass(Duration.ofSeconds(1));
        assertFalse(isMember());
    }

    @Test
    void nodeThatJoinsALongRunningClusterHasItsWholeGraceTime() {
        pass(GRACE.multipliedBy(2));
        joinEphemeral(null);
        conductor.tick();
        pass(GRACE.minusSeconds(1));
        assertTrue(isMember());
        pass(Duration.ofSeconds(1));
        assertFalse(isMember());
    }

    @Test
    void newLeaderThatHasHeardNothingWaitsForTheWholeGraceTime() {
        joinEphemeral(null);
        heartbeat();
        leads = false;
        pass(GRACE.multipliedBy(2));
        assertTrue(isMember());
        leads = true;
        conductor.tick();
        assertTrue(isMember(), "others may have heard of it, and have not told yet");
        pass(GRACE.minusSeconds(1));
        assertTrue(isMember());
        pass(Duration.ofSeconds(1));
        assertFalse(isMember());
    }

    @Test
    void whatAnotherManagerHeardCounts() {
        joinEphemeral(null);
        pass(GRACE.minusSeconds(10));
        Presence other = new Presence(clock);
        other.heard(NODE, new Heartbeat(1, Revision.ZERO, Revision.ZERO, "1", "test", 0));
        other.tell((Log) Proxy.newProxyInstance(
                ConductorNodesTest.class.getClassLoader(), new Class<?>[] {Log.class}, (proxy, method, arguments) -> {
                    presence.told("other", (byte[]) arguments[0]);
                    return null;
                }));
        pass(GRACE.minusSeconds(1));
        assertTrue(isMember());
        pass(Duration.ofSeconds(1));
        assertFalse(isMember(), "the manager that heard it has died, and it goes all the same");
    }

    @Test
    void quarantinedNodeStaysAndHasItsGraceTimeAfterTheRelease() {
        joinEphemeral(null);
        heartbeat();
        submit(Commands.SYSTEM, new Command.QuarantineNode(NODE, "odd"));
        pass(GRACE.multipliedBy(2));
        assertTrue(isMember());
        submit(Commands.SYSTEM, new Command.ReleaseNode(NODE));
        pass(GRACE.minusSeconds(1));
        assertTrue(isMember());
        pass(Duration.ofSeconds(1));
        assertFalse(isMember());
    }

    @Test
    void quarantineEndsByItselfOnceItsTimeHasPassed() {
        joinEphemeral(null);
        submit(Commands.SYSTEM, new Command.QuarantineNode(NODE, "odd", Duration.ofHours(2)));
        pass(Duration.ofHours(2).minusSeconds(1));
        assertTrue(fabric.view().node(NODE).orElseThrow().isQuarantined());
        pass(Duration.ofSeconds(1));
        assertTrue(fabric.view().node(NODE).orElseThrow().isActive());
        List<AuditEntry> audit = fabric.view().audit();
        AuditEntry newest = audit.get(audit.size() - 1);
        assertEquals("end-quarantine", newest.action());
        assertEquals("accepted", newest.outcome());
        assertEquals(Actor.system("conductor"), newest.actor());
        long entries = newest.number();
        pass(Duration.ofSeconds(5));
        assertEquals(
                entries,
                fabric.view().audit().get(fabric.view().audit().size() - 1).number(),
                "asked once");
    }

    @Test
    void followerEndsNoQuarantine() {
        joinEphemeral(null);
        submit(Commands.SYSTEM, new Command.QuarantineNode(NODE, "odd", Duration.ofMinutes(1)));
        leads = false;
        pass(Duration.ofMinutes(2));
        assertTrue(fabric.view().node(NODE).orElseThrow().isQuarantined());
        leads = true;
        conductor.tick();
        assertTrue(fabric.view().node(NODE).orElseThrow().isActive());
    }
}
