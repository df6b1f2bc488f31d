package io.wgfabric.core;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.wgfabric.api.Actor;
import io.wgfabric.api.Command;
import io.wgfabric.api.NodeId;
import io.wgfabric.api.RequestId;
import io.wgfabric.api.Role;
import io.wgfabric.api.TokenId;
import io.wgfabric.core.log.InProcessLog;
import io.wgfabric.core.log.Log;
import io.wgfabric.core.log.LogStatus;
import io.wgfabric.core.presence.Presence;
import io.wgfabric.core.state.Commands;
import java.lang.reflect.Proxy;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** How the quorum follows the membership. */
class ConductorTest {
    private static final InstantSource CLOCK = InstantSource.fixed(Commands.START);
    private static final String M1 = NodeId.of(1).text();
    private static final String M2 = NodeId.of(2).text();
    private static final String M3 = NodeId.of(3).text();

    private final ReplicatedFabric fabric = ReplicatedFabric.open(new InProcessLog(), CLOCK);
    private final List<String> changes = new ArrayList<>();
    private final Set<String> voters = new TreeSet<>(Set.of(M1, M2, M3));
    private final Set<String> connected = new TreeSet<>(voters);
    private final Conductor conductor = new Conductor(fabric, log(), new Presence(CLOCK), CLOCK);
    private int requests;

    /** A leader's log, of which only the quorum is real. */
    private Log log() {
        return (Log) Proxy.newProxyInstance(
                ConductorTest.class.getClassLoader(),
                new Class<?>[] {Log.class},
                (proxy, method, arguments) -> switch (method.getName()) {
                    case "status" ->
                        new LogStatus(
                                M1, LogStatus.Role.LEADER, M1, 1, 0, 0, new TreeSet<>(voters), Set.copyOf(connected));
                    case "addVoter", "removeVoter" -> {
                        changes.add(method.getName() + " " + arguments[0]);
                        yield CompletableFuture.completedFuture(null);
                    }
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
        TokenId token = TokenId.of(1);
        submit(Commands.SYSTEM, new Commands().createToken(1, Role.MGMT, 3));
        for (int manager = 1; manager <= 3; manager++) {
            submit(
                    new Actor(Actor.Kind.TOKEN, token.text(), "192.0.2.1"),
                    Commands.joinNode(token, manager, Role.MGMT));
        }
    }

    @AfterEach
    void close() {
        fabric.close();
    }

    @Test
    void quarantinedManagerLosesItsVote_andGetsItBackWhenItIsReleased() {
        conductor.tick();
        assertEquals(List.of(), changes);
        submit(Commands.SYSTEM, new Command.QuarantineNode(NodeId.of(3), "test"));
        conductor.tick();
        assertEquals(List.of("removeVoter " + M3), changes);
        voters.remove(M3);
        conductor.tick();
        assertEquals(1, changes.size(), "nobody is quarantined and joins");
        submit(Commands.SYSTEM, new Command.ReleaseNode(NodeId.of(3)));
        conductor.tick();
        assertEquals("addVoter " + M3, changes.get(1));
    }

    @Test
    void quarantinedManagerKeepsItsVote_whileTheOthersHaveNoMajorityWithoutIt() {
        connected.remove(M2);
        submit(Commands.SYSTEM, new Command.QuarantineNode(NodeId.of(3), "test"));
        conductor.tick();
        assertEquals(List.of(), changes);
        connected.add(M2);
        conductor.tick();
        assertEquals(List.of("removeVoter " + M3), changes);
    }

    @Test
    void removedManagerLosesItsVoteInAnyCase() {
        connected.remove(M2);
        submit(Commands.SYSTEM, new Command.RemoveNode(NodeId.of(3), "test"));
        conductor.tick();
        assertEquals(List.of("removeVoter " + M3), changes);
    }
}
