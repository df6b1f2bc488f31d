package io.wgfabric.core.state;

import static io.wgfabric.core.state.Commands.SYSTEM;
import static io.wgfabric.core.state.Commands.reasonOf;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.wgfabric.api.Actor;
import io.wgfabric.api.Address;
import io.wgfabric.api.AddressUse;
import io.wgfabric.api.Command;
import io.wgfabric.api.Event;
import io.wgfabric.api.Limits;
import io.wgfabric.api.NodeId;
import io.wgfabric.api.NodeName;
import io.wgfabric.api.Operator;
import io.wgfabric.api.OperatorId;
import io.wgfabric.api.Outcome;
import io.wgfabric.api.Prefix;
import io.wgfabric.api.Rejection.Reason;
import io.wgfabric.api.Role;
import io.wgfabric.api.TokenId;
import io.wgfabric.core.StateView;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.TreeSet;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Pools that are added, addresses that are kept for somebody, and what a refusal says. */
class AddressRulesTest {
    private static final Actor ADMIN =
            new Actor(Actor.Kind.OPERATOR, OperatorId.of(1).text(), "");

    private final Commands machine = Commands.bootstrapped("10.0.0.0/28");
    private TokenId token = TokenId.of(1);

    @BeforeEach
    void atLevelTwo() {
        machine.apply(SYSTEM, new Command.RaiseLevel(2)).orThrow();
        token = machine.token(1, Role.PEER, 0);
    }

    private Outcome addPool(String pool) {
        return machine.apply(ADMIN, new Command.AddPool(Prefix.parse(pool)));
    }

    private Outcome reserve(String address, String name) {
        return machine.apply(ADMIN, new Command.ReserveAddress(Address.parse(address), new NodeName(name)));
    }

    private Outcome release(String address) {
        return machine.apply(ADMIN, new Command.ReleaseAddress(Address.parse(address)));
    }

    private Outcome remove(long node) {
        return machine.apply(SYSTEM, new Command.RemoveNode(NodeId.of(node), "gone"));
    }

    private List<Address> join(long node) {
        machine.join(token, node).orThrow();
        return machine.node(node).addresses();
    }

    private AddressUse use(String address) {
        return new StateView(machine.state).address(Address.parse(address)).orElseThrow();
    }

    private static String messageOf(Outcome outcome) {
        return assertInstanceOf(Outcome.Rejected.class, outcome).rejection().message();
    }

    private static List<Address> list(String... addresses) {
        return java.util.Arrays.stream(addresses).map(Address::parse).toList();
    }

    @Test
    void clusterWithoutAddressesGrowsWhileItRuns() {
        for (long node = 1; node <= 14; node++) {
            join(node);
        }
        assertEquals(
                "no IPv4 address is free; add a pool with 'fabric ipam add-pool CIDR', or remove nodes",
                messageOf(machine.join(token, 15)));
        assertEquals(
                List.of(new Event.PoolAdded(Prefix.parse("10.9.0.0/24"))),
                addPool("10.9.0.0/24").orThrow().events());

        assertEquals(list("10.9.0.1"), join(15));
        assertEquals(
                List.of(Prefix.parse("10.0.0.0/28"), Prefix.parse("10.9.0.0/24")),
                Objects.requireNonNull(machine.state.cluster()).pools());
    }

    @Test
    void refusalOfAnExhaustedPoolSaysWhenTheNextAddressHasRested() {
        for (long node = 1; node <= 14; node++) {
            join(node);
        }
        remove(3).orThrow();

        String message = messageOf(machine.join(token, 15));

        assertTrue(message.startsWith("no IPv4 address is free before 2026-01-01T01:00:00Z;"), message);
    }

    @Test
    void nodesFromBeforeTheFirstPoolOfAFamilyKeepWhatTheyHave() {
        join(1);
        addPool("fd00:7::/64").orThrow();

        assertEquals(list("10.0.0.2", "fd00:7::1"), join(2));
        assertEquals(list("10.0.0.1"), machine.node(1).addresses());
    }

    @ParameterizedTest
    @ValueSource(strings = {"10.0.0.0/24", "10.0.0.0/30", "11.0.0.0/24", "10.1.0.0/31", "fd00::/40", "2001:db8::/64"})
    void poolThatOverlapsOrIsOutsideTheAllowedRangesIsRefused(String pool) {
        assertEquals(Reason.INVALID, reasonOf(addPool(pool)));
        assertEquals(1, Objects.requireNonNull(machine.state.cluster()).pools().size());
    }

    @Test
    void poolsHaveALimit() {
        for (int i = 1; i < Limits.POOLS; i++) {
            addPool("10." + i + ".0.0/16").orThrow();
        }
        assertEquals(Reason.LIMIT_REACHED, reasonOf(addPool("10.200.0.0/16")));
    }

    @ParameterizedTest
    @EnumSource(Operator.Access.class)
    void addingAPoolTakesAnAdminAndKeepingAnAddressAnOperator(Operator.Access access) {
        machine.state = States.with(
                machine.state,
                new Operator(
                        OperatorId.of(9),
                        "other",
                        access,
                        Objects.requireNonNull(machine.state.operators().get(OperatorId.of(1)))
                                .secretHash()));
        Actor actor = new Actor(Actor.Kind.OPERATOR, OperatorId.of(9).text(), "");

        boolean added =
                machine.apply(actor, new Command.AddPool(Prefix.parse("10.9.0.0/24"))) instanceof Outcome.Accepted;
        boolean kept = machine.apply(actor, new Command.ReserveAddress(Address.parse("10.0.0.9"), new NodeName("db-1")))
                instanceof Outcome.Accepted;
        boolean freed =
                machine.apply(actor, new Command.ReleaseAddress(Address.parse("10.0.0.9"))) instanceof Outcome.Accepted;

        assertEquals(access == Operator.Access.ADMIN, added);
        assertEquals(access != Operator.Access.VIEWER, kept);
        assertEquals(access != Operator.Access.VIEWER, freed);
    }

    @Test
    void nobodyButTheNodeOfTheNameGetsAReservedAddress() {
        reserve("10.0.0.1", "node7").orThrow();
        assertEquals(AddressUse.State.RESERVED, use("10.0.0.1").state());

        assertEquals(list("10.0.0.2"), join(1));
        assertEquals(list("10.0.0.1"), join(7));
        assertEquals(AddressUse.State.LEASED, use("10.0.0.1").state());
        assertEquals(new NodeName("node7"), use("10.0.0.1").reservedFor());
    }

    @Test
    void reservedAddressWaitsForItsNodeWhenThatHasGone() {
        reserve("10.0.0.1", "node7").orThrow();
        join(7);
        remove(7).orThrow();
        machine.now = machine.now.plus(Limits.ADDRESS_COOL_DOWN.dividedBy(2));

        assertEquals(list("10.0.0.2"), join(1));
        assertEquals(list("10.0.0.1"), join(7));
    }

    @Test
    void exhaustedPoolDoesNotGiveReservedAddresses() {
        reserve("10.0.0.14", "node20").orThrow();
        for (long node = 1; node <= 13; node++) {
            join(node);
        }
        assertEquals(Reason.POOL_EXHAUSTED, reasonOf(machine.join(token, 19)));
        assertEquals(list("10.0.0.14"), join(20));
    }

    @Test
    void addressOfANodeIsReservedForThatNodeAlone() {
        join(1);
        assertEquals(Reason.ADDRESS_TAKEN, reasonOf(reserve("10.0.0.1", "node2")));
        reserve("10.0.0.1", "node1").orThrow();
        assertEquals(
                "address 10.0.0.1 is reserved for node node1; drop that first with 'fabric ipam release 10.0.0.1'",
                messageOf(reserve("10.0.0.1", "node2")));
    }

    @Test
    void nameHasOneReservedAddressOfEachFamily() {
        addPool("fd00:7::/64").orThrow();
        reserve("10.0.0.5", "node1").orThrow();
        reserve("fd00:7::99", "node1").orThrow();
        reserve("10.0.0.5", "node1").orThrow();
        assertEquals(Reason.ADDRESS_TAKEN, reasonOf(reserve("10.0.0.6", "node1")));

        assertEquals(list("10.0.0.5", "fd00:7::99"), join(1));
    }

    @ParameterizedTest
    @ValueSource(strings = {"10.0.0.0", "10.0.0.15", "10.0.0.16", "192.0.2.1", "fd00::1"})
    void whatNoPoolGivesCannotBeReservedOrReleased(String address) {
        assertEquals(Reason.INVALID, reasonOf(reserve(address, "node1")));
        assertEquals(Reason.INVALID, reasonOf(release(address)));
    }

    @Test
    void releaseDropsAReservationOrEndsARest() {
        reserve("10.0.0.1", "node7").orThrow();
        release("10.0.0.1").orThrow();
        assertEquals(AddressUse.State.FREE, use("10.0.0.1").state());
        assertEquals(list("10.0.0.1"), join(1));
        assertEquals(Reason.ADDRESS_TAKEN, reasonOf(release("10.0.0.1")));

        remove(1).orThrow();
        assertEquals(AddressUse.State.RESTING, use("10.0.0.1").state());
        assertEquals(
                machine.state.time().plus(Limits.ADDRESS_COOL_DOWN),
                use("10.0.0.1").usableFrom());
        release("10.0.0.1").orThrow();
        assertEquals(Reason.ADDRESS_UNKNOWN, reasonOf(release("10.0.0.1")));
        assertEquals(list("10.0.0.1"), join(2));
    }

    @Test
    void addressRestsOnWhenItsReservationIsDropped() {
        reserve("10.0.0.1", "node7").orThrow();
        join(7);
        remove(7).orThrow();
        release("10.0.0.1").orThrow();

        assertEquals(AddressUse.State.RESTING, use("10.0.0.1").state());
        assertEquals(list("10.0.0.2"), join(7));
        release("10.0.0.1").orThrow();
        assertEquals(list("10.0.0.1"), join(8));
    }

    @Test
    void ephemeralNodeGivesItsAddressBack() {
        TokenId passing = TokenId.of(2);
        machine.apply(
                        SYSTEM,
                        new Command.CreateToken(
                                passing, Role.PEER, null, Duration.ofHours(1), 0, new TreeSet<>(), null, true))
                .orThrow();
        machine.join(passing, 1).orThrow();
        remove(1).orThrow();

        assertEquals(AddressUse.State.RESTING, use("10.0.0.1").state());
    }

    @Test
    void fixedAddressOfATokenIsKeptForItsNode() {
        machine.apply(SYSTEM, machine.createTokenFor(2, Address.parse("10.0.0.1")))
                .orThrow();
        assertEquals(AddressUse.State.HELD, use("10.0.0.1").state());
        assertEquals(TokenId.of(2), use("10.0.0.1").token());

        assertEquals(list("10.0.0.2"), join(1));
        assertEquals(Reason.ADDRESS_TAKEN, reasonOf(reserve("10.0.0.1", "node3")));
        assertEquals(Reason.ADDRESS_TAKEN, reasonOf(release("10.0.0.1")));
        assertEquals(
                Reason.ADDRESS_TAKEN,
                reasonOf(machine.apply(SYSTEM, machine.createTokenFor(3, Address.parse("10.0.0.1")))));
        machine.join(TokenId.of(2), 5).orThrow();
        assertEquals(list("10.0.0.1"), machine.node(5).addresses());
    }

    @Test
    void fixedAddressIsFreeOnceItsTokenIsRevokedOrExpired() {
        machine.apply(SYSTEM, machine.createTokenFor(2, Address.parse("10.0.0.1")))
                .orThrow();
        machine.apply(SYSTEM, new Command.RevokeToken(TokenId.of(2), false)).orThrow();
        assertEquals(list("10.0.0.1"), join(1));

        machine.apply(SYSTEM, machine.createTokenFor(3, Address.parse("10.0.0.2")))
                .orThrow();
        machine.now = machine.now.plus(Duration.ofHours(1));
        TokenId fresh = machine.token(4, Role.PEER, 0);
        assertEquals(AddressUse.State.FREE, use("10.0.0.2").state());
        for (long node = 20; node < 33; node++) {
            machine.join(fresh, node).orThrow();
        }
        assertEquals(list("10.0.0.2"), machine.node(32).addresses());
    }

    @Test
    void tokenWithAReservedAddressAdmitsTheNodeOfThatNameAlone() {
        reserve("10.0.0.5", "node5").orThrow();
        machine.apply(SYSTEM, machine.createTokenFor(2, Address.parse("10.0.0.5")))
                .orThrow();

        assertEquals(Reason.ADDRESS_TAKEN, reasonOf(machine.join(TokenId.of(2), 6)));
        machine.join(TokenId.of(2), 5).orThrow();
        assertEquals(list("10.0.0.5"), machine.node(5).addresses());
    }

    @Test
    void viewListsWhatIsInUseInPartsAndCountsThePools() {
        reserve("10.0.0.9", "db-1").orThrow();
        join(1);
        join(2);
        remove(1).orThrow();
        StateView view = new StateView(machine.state);

        assertEquals(
                list("10.0.0.1", "10.0.0.2"),
                view.addresses(null, 2).stream().map(AddressUse::address).toList());
        assertEquals(
                List.of(AddressUse.State.RESERVED),
                view.addresses(Address.parse("10.0.0.2"), 2).stream()
                        .map(AddressUse::state)
                        .toList());
        assertEquals(
                "PoolUse[pool=10.0.0.0/28, size=14, leased=1, reserved=1, resting=1]",
                view.pools().get(0).toString());
        assertTrue(view.address(Address.parse("10.0.0.15")).isEmpty());
    }

    @Test
    void oldManagersKeepTheseCommandsOut() {
        Commands young = Commands.bootstrapped("10.0.0.0/28");
        assertEquals(
                Reason.LEVEL_TOO_LOW, reasonOf(young.apply(ADMIN, new Command.AddPool(Prefix.parse("10.1.0.0/28")))));
    }
}
