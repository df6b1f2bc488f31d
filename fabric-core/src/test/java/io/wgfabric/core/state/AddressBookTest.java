package io.wgfabric.core.state;

import static io.wgfabric.core.state.Commands.SYSTEM;
import static io.wgfabric.core.state.Commands.reasonOf;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.wgfabric.api.Address;
import io.wgfabric.api.Bytes;
import io.wgfabric.api.ClusterId;
import io.wgfabric.api.Command;
import io.wgfabric.api.Limits;
import io.wgfabric.api.NodeId;
import io.wgfabric.api.Operator;
import io.wgfabric.api.OperatorId;
import io.wgfabric.api.Prefix;
import io.wgfabric.api.Rejection.Reason;
import io.wgfabric.api.Role;
import io.wgfabric.api.TokenId;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class AddressBookTest {

    @Test
    void addressesAreUniqueUntilThePoolIsExhausted() {
        Commands commands = Commands.bootstrapped("10.0.0.0/28", "fd00::/64");
        TokenId token = commands.token(1, Role.PEER, 0);
        Set<Address> seen = new HashSet<>();
        for (long i = 1; i <= 14; i++) {
            commands.join(token, i).orThrow();
            for (Address address : commands.node(i).addresses()) {
                assertTrue(seen.add(address), "twice: " + address);
            }
        }
        assertEquals(Reason.POOL_EXHAUSTED, reasonOf(commands.join(token, 99)));
        assertEquals(14, commands.token(token).used());
    }

    @Test
    void anAddressRestsBeforeItIsGivenAgain() {
        Commands commands = Commands.bootstrapped("10.0.0.0/30");
        TokenId token = commands.token(1, Role.PEER, 0);
        commands.join(token, 1).orThrow();
        commands.join(token, 2).orThrow();
        Address freed = commands.node(1).addresses().get(0);
        commands.apply(SYSTEM, new Command.RemoveNode(NodeId.of(1), "gone")).orThrow();
        assertEquals(Reason.POOL_EXHAUSTED, reasonOf(commands.join(token, 3)));

        commands.now = commands.now.plus(Limits.ADDRESS_COOL_DOWN);
        TokenId fresh = commands.token(2, Role.PEER, 0);
        commands.join(fresh, 4).orThrow();
        assertEquals(List.of(freed), commands.node(4).addresses());
    }

    @Test
    void freshAddressesAreGivenBeforeThoseThatCameBack() {
        Commands commands = Commands.bootstrapped("10.0.0.0/24");
        TokenId token = commands.token(1, Role.PEER, 0);
        commands.join(token, 1).orThrow();
        commands.apply(SYSTEM, new Command.RemoveNode(NodeId.of(1), "gone")).orThrow();
        commands.join(token, 2).orThrow();
        assertEquals(Address.parse("10.0.0.2"), commands.node(2).addresses().get(0));
    }

    @ParameterizedTest
    @ValueSource(strings = {"8.8.8.0/24", "10.0.0.0/7", "10.0.0.0/31", "2001:db8::/64", "fd00::/32", "fc00::/64"})
    void aPoolThatIsNotPrivateOrHasTheWrongSizeIsRefused(String pool) {
        Commands commands = new Commands();
        assertEquals(
                Reason.INVALID,
                reasonOf(commands.apply(
                        SYSTEM,
                        new Command.BootstrapCluster(
                                ClusterId.of(1),
                                List.of(Prefix.of(
                                        Address.parse(pool.substring(0, pool.indexOf('/'))),
                                        Integer.parseInt(pool.substring(pool.indexOf('/') + 1)))),
                                Bytes.of(new byte[1]),
                                new TreeMap<>(),
                                new TreeMap<>(),
                                new Operator(
                                        OperatorId.of(1), "admin", Operator.Access.ADMIN, Bytes.of(new byte[32]))))));
    }
}
