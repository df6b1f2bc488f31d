package io.wgfabric.javalin.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.wgfabric.api.Actor;
import io.wgfabric.api.Address;
import io.wgfabric.api.Bytes;
import io.wgfabric.api.ClusterId;
import io.wgfabric.api.Command;
import io.wgfabric.api.ManagerServices;
import io.wgfabric.api.NodeEndpoints;
import io.wgfabric.api.NodeId;
import io.wgfabric.api.NodeKeys;
import io.wgfabric.api.NodeName;
import io.wgfabric.api.Operator;
import io.wgfabric.api.OperatorId;
import io.wgfabric.api.Prefix;
import io.wgfabric.api.PublicKey;
import io.wgfabric.api.RequestId;
import io.wgfabric.api.Role;
import io.wgfabric.api.TokenId;
import io.wgfabric.core.ReplicatedFabric;
import io.wgfabric.core.crypto.NodeIdentity;
import io.wgfabric.core.log.InProcessLog;
import io.wgfabric.core.log.Log;
import io.wgfabric.core.log.LogStatus;
import java.lang.reflect.Proxy;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Collections;
import java.util.List;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class ManagerTrustTest {
    private static final ClusterId CLUSTER = ClusterId.of(1);

    private final ReplicatedFabric fabric = ReplicatedFabric.open(new InProcessLog(), InstantSource.system());
    private int requests;

    @BeforeEach
    void found() {
        submit(new Command.BootstrapCluster(
                CLUSTER,
                List.of(Prefix.parse("10.0.0.0/16")),
                Bytes.of(new byte[] {1}),
                new TreeMap<>(),
                new TreeMap<>(),
                new Operator(OperatorId.of(1), "admin", Operator.Access.ADMIN, Bytes.of(new byte[32]))));
        TokenId token = TokenId.of(1);
        submit(new Command.CreateToken(
                token, Role.MGMT, null, Duration.ofHours(1), 3, Collections.emptySortedSet(), null, false));
        for (int manager = 1; manager <= 3; manager++) {
            submit(
                    new Actor(Actor.Kind.TOKEN, token.text(), "192.0.2.1"),
                    new Command.JoinNode(
                            token,
                            NodeId.of(manager),
                            Role.MGMT,
                            new NodeName("m" + manager),
                            new NodeKeys(key(2 * manager), key(2 * manager + 1)),
                            new NodeEndpoints(List.of(Address.parse("192.0.2.1")), 51820, 51821),
                            new ManagerServices("m:7443", "m:7800")));
        }
    }

    @AfterEach
    void close() {
        fabric.close();
    }

    private void submit(Command command) {
        submit(Actor.system("test"), command);
    }

    private void submit(Actor actor, Command command) {
        fabric.submit(actor, new RequestId("r" + requests++), command)
                .toCompletableFuture()
                .join()
                .orThrow();
    }

    private static PublicKey key(int seed) {
        return PublicKey.of(ByteBuffer.allocate(PublicKey.BYTES)
                .putInt(seed)
                .put(31, (byte) 1)
                .array());
    }

    /** A log of which only the role is asked. */
    private static Log log(LogStatus.Role role) {
        LogStatus status = new LogStatus("x", role, null, 1, 0, 0, new TreeSet<>(), Set.of());
        return (Log) Proxy.newProxyInstance(
                ManagerTrustTest.class.getClassLoader(),
                new Class<?>[] {Log.class},
                (proxy, method, arguments) -> status);
    }

    /** As a manager that has just started decides. */
    private ManagerTrust fresh(LogStatus.Role role) {
        ManagerTrust trust = new ManagerTrust();
        trust.update(log(role), fabric.view());
        return trust;
    }

    private static void check(boolean expected, ManagerTrust trust, int manager) {
        NodeId id = NodeId.of(manager);
        assertEquals(expected, trust.test(new NodeIdentity(CLUSTER, Role.MGMT, id)));
        assertEquals(expected, trust.admits(id.text()));
        assertFalse(trust.test(new NodeIdentity(CLUSTER, Role.PEER, id)));
    }

    @Test
    void removedManagerStaysOut_alsoOfOneThatHasJustStarted() {
        submit(new Command.RemoveNode(NodeId.of(3), "test"));
        ManagerTrust follower = fresh(LogStatus.Role.FOLLOWER);
        check(true, follower, 1);
        check(false, follower, 3);
        check(true, follower, 9); // it may have joined since: the state here may be old
        check(false, fresh(LogStatus.Role.LEADER), 9);
        assertTrue(new ManagerTrust().admits(NodeId.of(1).text()), "who knows nothing yet must hear somebody");
        assertFalse(follower.admits("no id"));
    }

    @Test
    void quarantinedManagerIsOut_untilItIsReleased() {
        submit(new Command.QuarantineNode(NodeId.of(2), "test"));
        check(false, fresh(LogStatus.Role.FOLLOWER), 2);
        submit(new Command.ReleaseNode(NodeId.of(2)));
        check(true, fresh(LogStatus.Role.FOLLOWER), 2);
    }
}
