package io.wgfabric.core.state;

import static io.wgfabric.core.state.Commands.SYSTEM;
import static io.wgfabric.core.state.Commands.reasonOf;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.wgfabric.api.Actor;
import io.wgfabric.api.Bytes;
import io.wgfabric.api.Command;
import io.wgfabric.api.Event;
import io.wgfabric.api.ManagerServices;
import io.wgfabric.api.NodeId;
import io.wgfabric.api.Operator;
import io.wgfabric.api.OperatorId;
import io.wgfabric.api.Rejection.Reason;
import io.wgfabric.api.Role;
import io.wgfabric.api.Sealing;
import io.wgfabric.api.TokenId;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.pcollections.TreePMap;

/** A rotation of the sealing key takes all secrets and gives the key to the active managers, or changes nothing. */
class SealingTest {
    private static final Bytes ANY = Bytes.of(new byte[] {1, 2, 3});
    private static final Bytes KEY = Bytes.of(new byte[ManagerServices.KEY_BYTES]);
    private static final Actor ADMIN =
            new Actor(Actor.Kind.OPERATOR, OperatorId.of(1).text(), "");

    private final Commands machine = Commands.bootstrapped("10.0.0.0/24");
    private final TokenId token = machine.token(1, Role.MGMT, 9);

    @BeforeEach
    void twoManagersAtLevelTwo() {
        machine.state =
                States.with(machine.state, TreePMap.singleton("token-key", ANY).plus("authority-key", ANY));
        join(1, KEY);
        join(2, KEY);
        machine.apply(SYSTEM, new Command.RaiseLevel(2)).orThrow();
    }

    private void join(long id, @Nullable Bytes key) {
        Command.JoinNode join = Commands.joinNode(token, id, Role.MGMT);
        ManagerServices services = new ManagerServices("m:7443", "m:7800", 2, key);
        machine.apply(
                        SYSTEM,
                        new Command.JoinNode(
                                join.token(),
                                join.node(),
                                join.role(),
                                join.name(),
                                join.keys(),
                                join.endpoints(),
                                services))
                .orThrow();
    }

    private static SortedMap<String, Bytes> secrets(String... names) {
        TreeMap<String, Bytes> secrets = new TreeMap<>();
        for (String name : names) {
            secrets.put(name, Bytes.of(new byte[] {9}));
        }
        return secrets;
    }

    private static Command.RotateSealingKey rotation(int generation, long... managers) {
        TreeMap<NodeId, Bytes> wrapped = new TreeMap<>();
        for (long manager : managers) {
            wrapped.put(NodeId.of(manager), Bytes.of(new byte[] {(byte) manager}));
        }
        return new Command.RotateSealingKey(generation, secrets("token-key", "authority-key"), wrapped);
    }

    private Reason refusal(Command command) {
        Sealing before = machine.state.sealing();
        Reason reason = reasonOf(machine.apply(ADMIN, command));
        assertEquals(before, machine.state.sealing());
        assertEquals(ANY, machine.state.secrets().get("token-key"));
        return reason;
    }

    @Test
    void secretsAndKeysAreTakenTogether() {
        assertEquals(
                List.of(new Event.SealingKeyRotated(2)),
                machine.apply(ADMIN, rotation(2, 1, 2)).orThrow().events());

        assertEquals(2, machine.state.sealing().generation());
        assertEquals(2, machine.state.sealing().wrapped().size());
        assertEquals(secrets("token-key", "authority-key"), machine.state.secrets());
        machine.apply(ADMIN, rotation(3, 1, 2)).orThrow();
    }

    @Test
    void generationFollowsTheLast() {
        assertEquals(Reason.SEALING_OUTDATED, refusal(rotation(1, 1, 2)));
        assertEquals(Reason.SEALING_OUTDATED, refusal(rotation(3, 1, 2)));
    }

    @Test
    void everyActiveManagerAndNobodyElseGetsTheKey() {
        assertEquals(Reason.SEALING_OUTDATED, refusal(rotation(2, 1)));
        assertEquals(Reason.SEALING_OUTDATED, refusal(rotation(2, 1, 2, 3)));
        machine.apply(SYSTEM, new Command.QuarantineNode(NodeId.of(2), "lost")).orThrow();
        assertEquals(Reason.SEALING_OUTDATED, refusal(rotation(2, 1, 2)));
        machine.apply(ADMIN, rotation(2, 1)).orThrow();
    }

    @Test
    void managerWithoutAKeyIsNamed() {
        join(3, null);

        assertEquals(Reason.SEALING_OUTDATED, refusal(rotation(2, 1, 2, 3)));
    }

    @Test
    void noSecretIsLostOrAdded() {
        SortedMap<NodeId, Bytes> wrapped = rotation(2, 1, 2).wrapped();
        for (SortedMap<String, Bytes> wrong :
                List.of(secrets("token-key"), secrets("token-key", "authority-key", "more"))) {
            assertEquals(Reason.INVALID, refusal(new Command.RotateSealingKey(2, wrong, wrapped)));
        }
        SortedMap<String, Bytes> empty = secrets("token-key", "authority-key");
        empty.put("token-key", Bytes.of(new byte[0]));
        assertEquals(Reason.INVALID, refusal(new Command.RotateSealingKey(2, empty, wrapped)));
        empty.put("token-key", Bytes.of(new byte[8193]));
        assertEquals(Reason.INVALID, refusal(new Command.RotateSealingKey(2, empty, wrapped)));
    }

    @Test
    void onlyAnAdminRotates() {
        Operator second = new Operator(OperatorId.of(2), "second", Operator.Access.OPERATOR, Bytes.of(new byte[32]));
        machine.state = States.with(machine.state, second);
        Actor operator = new Actor(Actor.Kind.OPERATOR, second.id().text(), "");
        Actor manager = new Actor(Actor.Kind.MANAGER, NodeId.of(1).text(), "");

        assertEquals(Reason.NOT_ALLOWED, reasonOf(machine.apply(operator, rotation(2, 1, 2))));
        assertEquals(Reason.NOT_ALLOWED, reasonOf(machine.apply(manager, rotation(2, 1, 2))));
    }

    @Test
    void clusterAtLevelOneRefuses() {
        Commands old = Commands.bootstrapped("10.0.0.0/24");

        assertEquals(Reason.LEVEL_TOO_LOW, reasonOf(old.apply(ADMIN, rotation(2))));
    }
}
