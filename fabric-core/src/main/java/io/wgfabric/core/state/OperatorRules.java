package io.wgfabric.core.state;

import io.wgfabric.api.Command.CreateOperator;
import io.wgfabric.api.Command.RevokeOperator;
import io.wgfabric.api.Event;
import io.wgfabric.api.Limits;
import io.wgfabric.api.Operator;
import io.wgfabric.api.Operator.Access;
import io.wgfabric.api.Rejection.Reason;

/** Who operates the fabric. There is an admin at all times, or nobody could ever make another one. */
final class OperatorRules {
    private OperatorRules() {}

    static Verdict create(Draft draft, CreateOperator command) {
        Operator operator = command.operator();
        if (!operator.name().chars().allMatch(c -> c > ' ' && c < 0x7f)) {
            return Verdict.refused(
                    operator.id(),
                    Reason.INVALID,
                    "an operator's name is 1 to " + Limits.TAG_LENGTH + " printable characters without spaces");
        }
        if (draft.operators.containsKey(operator.id())) {
            return Verdict.refused(
                    operator.id(), Reason.OPERATOR_EXISTS, "this operator id exists; make another credential");
        }
        if (draft.operators.values().stream().anyMatch(other -> other.name().equals(operator.name()))) {
            return Verdict.refused(
                    operator.id(),
                    Reason.OPERATOR_EXISTS,
                    "there is an operator " + operator.name() + "; choose another name, or revoke that one first");
        }
        if (draft.operators.size() >= Limits.OPERATORS) {
            return Verdict.refused(
                    operator.id(),
                    Reason.LIMIT_REACHED,
                    "the cluster has " + Limits.OPERATORS + " operators, its limit; revoke one first");
        }
        draft.operators = draft.operators.plus(operator.id(), operator);
        draft.events.add(new Event.OperatorCreated(operator.id()));
        return Verdict.accepted(
                operator.id(),
                "name " + operator.name() + ", access " + operator.access().text());
    }

    static Verdict revoke(Draft draft, RevokeOperator command) {
        Operator operator = draft.operators.get(command.operator());
        if (operator == null) {
            return Verdict.refused(
                    command.operator(),
                    Reason.OPERATOR_UNKNOWN,
                    "no operator " + command.operator() + "; see 'fabric operator list'");
        }
        boolean lastAdmin = operator.access() == Access.ADMIN
                && draft.operators.values().stream()
                                .filter(other -> other.access() == Access.ADMIN)
                                .count()
                        == 1;
        if (lastAdmin) {
            return Verdict.refused(
                    operator.id(),
                    Reason.LAST_ADMIN,
                    operator.name() + " is the last admin; create another one first:"
                            + " fabric operator create NAME --role admin");
        }
        draft.operators = draft.operators.minus(operator.id());
        draft.events.add(new Event.OperatorRevoked(operator.id()));
        return Verdict.accepted(
                operator.id(),
                "name " + operator.name() + ", access " + operator.access().text());
    }
}
