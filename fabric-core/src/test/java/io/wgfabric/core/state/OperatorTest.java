package io.wgfabric.core.state;

import static io.wgfabric.core.state.Commands.SYSTEM;
import static io.wgfabric.core.state.Commands.reasonOf;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.wgfabric.api.Actor;
import io.wgfabric.api.Bytes;
import io.wgfabric.api.Command;
import io.wgfabric.api.Limits;
import io.wgfabric.api.Operator;
import io.wgfabric.api.Operator.Access;
import io.wgfabric.api.OperatorId;
import io.wgfabric.api.Rejection.Reason;
import io.wgfabric.api.Role;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Operators come and go by an admin's word; there is always one admin left. */
class OperatorTest {
    private final Commands machine = Commands.bootstrapped("10.0.0.0/24");

    @BeforeEach
    void levelTwo() {
        machine.apply(SYSTEM, new Command.RaiseLevel(2)).orThrow();
    }

    private static Actor operator(long id) {
        return new Actor(Actor.Kind.OPERATOR, OperatorId.of(id).text(), "");
    }

    private static Command.CreateOperator create(long id, String name, Access access) {
        return new Command.CreateOperator(new Operator(OperatorId.of(id), name, access, Bytes.of(new byte[32])));
    }

    private static Command.RevokeOperator revoke(long id) {
        return new Command.RevokeOperator(OperatorId.of(id));
    }

    @Test
    void createdOperatorMayDoWhatHisAccessSays() {
        machine.apply(operator(1), create(2, "second", Access.OPERATOR)).orThrow();
        machine.apply(operator(1), create(3, "third", Access.VIEWER)).orThrow();

        machine.apply(operator(2), machine.createToken(7, Role.PEER, 1)).orThrow();
        assertEquals(Reason.NOT_ALLOWED, reasonOf(machine.apply(operator(3), machine.createToken(8, Role.PEER, 1))));
    }

    @ParameterizedTest
    @EnumSource(names = {"VIEWER", "OPERATOR"})
    void onlyAnAdminManagesOperators(Access access) {
        machine.apply(operator(1), create(2, "second", access)).orThrow();

        assertEquals(Reason.NOT_ALLOWED, reasonOf(machine.apply(operator(2), create(3, "third", Access.VIEWER))));
        assertEquals(Reason.NOT_ALLOWED, reasonOf(machine.apply(operator(2), revoke(1))));
    }

    @Test
    void revokedOperatorsCommandIsRefusedWhenItCameBefore() {
        machine.apply(operator(1), create(2, "second", Access.OPERATOR)).orThrow();
        machine.apply(operator(1), revoke(2)).orThrow();

        assertEquals(Reason.NOT_ALLOWED, reasonOf(machine.apply(operator(2), machine.createToken(7, Role.PEER, 1))));
        assertFalse(machine.state.operators().containsKey(OperatorId.of(2)));
        assertEquals(Reason.OPERATOR_UNKNOWN, reasonOf(machine.apply(operator(1), revoke(2))));
    }

    @Test
    void lastAdminStays() {
        machine.apply(operator(1), create(2, "second", Access.OPERATOR)).orThrow();
        assertEquals(Reason.LAST_ADMIN, reasonOf(machine.apply(operator(1), revoke(1))));

        machine.apply(operator(1), create(3, "third", Access.ADMIN)).orThrow();
        machine.apply(operator(3), revoke(1)).orThrow();
        assertEquals(Reason.LAST_ADMIN, reasonOf(machine.apply(operator(3), revoke(3))));
    }

    @Test
    void idAndNameAreOneOperatorsAlone() {
        machine.apply(operator(1), create(2, "second", Access.OPERATOR)).orThrow();

        assertEquals(Reason.OPERATOR_EXISTS, reasonOf(machine.apply(operator(1), create(2, "other", Access.ADMIN))));
        assertEquals(Reason.OPERATOR_EXISTS, reasonOf(machine.apply(operator(1), create(3, "second", Access.ADMIN))));
    }

    @ParameterizedTest
    @ValueSource(strings = {"a b", "a\u0007", "\u00e9", "\u007f"})
    void nameIsPlain(String name) {
        assertEquals(Reason.INVALID, reasonOf(machine.apply(operator(1), create(2, name, Access.VIEWER))));
    }

    @Test
    void operatorsAreLimited() {
        for (int i = 2; i <= Limits.OPERATORS; i++) {
            machine.apply(operator(1), create(i, "o" + i, Access.VIEWER)).orThrow();
        }

        assertEquals(Reason.LIMIT_REACHED, reasonOf(machine.apply(operator(1), create(0, "more", Access.VIEWER))));
    }

    @Test
    void auditNamesTheOperatorAndNotHisHash() {
        machine.apply(operator(1), create(2, "second", Access.OPERATOR)).orThrow();

        String last = machine.state.auditEntries().stream()
                .reduce((a, b) -> b)
                .orElseThrow()
                .toString();
        assertTrue(last.contains("second"), last);
        assertTrue(last.contains(OperatorId.of(2).text()), last);
        assertFalse(last.contains("AAAA"), last);
    }
}
