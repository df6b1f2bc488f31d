package io.wgfabric.simulation.history;

import static org.junit.jupiter.api.Assertions.assertInstanceOf;

import io.wgfabric.simulation.history.CountedToken.Create;
import io.wgfabric.simulation.history.CountedToken.Declined;
import io.wgfabric.simulation.history.CountedToken.Look;
import io.wgfabric.simulation.history.CountedToken.Revoke;
import io.wgfabric.simulation.history.CountedToken.Revoked;
import io.wgfabric.simulation.history.CountedToken.Seen;
import io.wgfabric.simulation.history.CountedToken.Use;
import io.wgfabric.simulation.history.CountedToken.UsedUp;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The models of what managers decide: what they allow, and what they do not. */
final class ModelsTest {
    private static final long BUDGET = 100_000;

    private static Operation<CountedToken.Ask, CountedToken.Answer> token(
            long from, long to, CountedToken.Ask ask, CountedToken.Answer answer) {
        return Operation.of("p" + from, from, to, ask, answer);
    }

    private static final CountedToken.Answer DONE = new CountedToken.Done();

    @SafeVarargs
    @SuppressWarnings("varargs")
    private static void token(boolean right, Operation<CountedToken.Ask, CountedToken.Answer>... history) {
        judged(right, Checker.check(new CountedToken(), List.of(history), BUDGET));
    }

    private static void judged(boolean right, Verdict<?, ?> verdict) {
        Class<?> wanted = right ? Verdict.Linearizable.class : Verdict.Violated.class;
        assertInstanceOf(wanted, verdict);
    }

    @Test
    void aTokenAdmitsAsOftenAsItSays() {
        token(
                true,
                token(0, 1, new Create(2), DONE),
                token(2, 20, new Use("a"), DONE),
                token(2, 20, new Use("b"), new UsedUp()),
                token(2, 20, new Use("c"), DONE),
                token(30, 31, new Look(), new Seen(2, false)));
    }

    @Test
    void aUseTooManyIsRejected() {
        token(
                false,
                token(0, 1, new Create(1), DONE),
                token(2, 20, new Use("a"), DONE),
                token(2, 20, new Use("b"), DONE));
    }

    @Test
    void aRepeatGetsTheFirstAnswerAndTakesNoUse() {
        token(
                true,
                token(0, 1, new Create(1), DONE),
                token(2, 3, new Use("a"), DONE),
                token(4, 5, new Use("a"), DONE),
                token(6, 7, new Look(), new Seen(1, false)));
        token(
                false,
                token(0, 1, new Create(2), DONE),
                token(2, 3, new Use("a"), DONE),
                token(4, 5, new Use("a"), DONE),
                token(6, 7, new Look(), new Seen(2, false)));
        token(
                false,
                token(0, 1, new Create(1), DONE),
                token(2, 3, new Use("a"), DONE),
                token(4, 5, new Use("a"), new UsedUp()));
    }

    @Test
    void aRefusalThoughUsesAreLeftIsRejected() {
        token(false, token(0, 1, new Create(1), DONE), token(2, 3, new Use("a"), new UsedUp()));
    }

    @Test
    void aRevokedTokenAdmitsNobody() {
        token(
                true,
                token(0, 1, new Create(5), DONE),
                token(2, 10, new Revoke(), DONE),
                token(2, 10, new Use("a"), DONE),
                token(11, 12, new Use("b"), new Revoked()));
        token(
                false,
                token(0, 1, new Create(5), DONE),
                token(2, 3, new Revoke(), DONE),
                token(4, 5, new Use("a"), DONE));
    }

    @Test
    void whatSomethingElseRefusedTakesNoUseAndNeedsAnAdmittingToken() {
        token(
                true,
                token(0, 1, new Create(1), DONE),
                token(2, 3, new Use("a"), new Declined()),
                token(4, 5, new Use("b"), DONE));
        token(
                false,
                token(0, 1, new Create(1), DONE),
                token(2, 3, new Use("b"), DONE),
                token(4, 5, new Use("a"), new Declined()));
    }

    @Test
    void aUseWithoutAnAnswerCountsOnceOrNever() {
        Operation<CountedToken.Ask, CountedToken.Answer> lost = Operation.indeterminate("p", 2, new Use("a"));
        token(true, token(0, 1, new Create(2), DONE), lost, token(4, 5, new Look(), new Seen(0, false)));
        token(true, token(0, 1, new Create(2), DONE), lost, token(4, 5, new Look(), new Seen(1, false)));
        token(false, token(0, 1, new Create(2), DONE), lost, token(4, 5, new Look(), new Seen(2, false)));
    }

    @Test
    void aCountThatGoesBackIsRejected() {
        token(
                false,
                token(0, 1, new Create(2), DONE),
                token(2, 20, new Use("a"), DONE),
                token(3, 4, new Look(), new Seen(1, false)),
                token(5, 6, new Look(), new Seen(0, false)));
    }

    @SafeVarargs
    @SuppressWarnings("varargs")
    private static void lease(boolean right, Operation<AddressLease.Ask, AddressLease.Answer>... history) {
        judged(right, Checker.check(new AddressLease(), List.of(history), BUDGET));
    }

    private static Operation<AddressLease.Ask, AddressLease.Answer> lease(
            long from, long to, AddressLease.Ask ask, AddressLease.Answer answer) {
        return Operation.of("p" + from, from, to, ask, answer);
    }

    @Test
    void anAddressHasOneHolder() {
        lease(
                true,
                lease(0, 10, new AddressLease.Take("a"), new AddressLease.Done()),
                lease(0, 10, new AddressLease.Take("b"), new AddressLease.Refused()),
                lease(11, 12, new AddressLease.Look(), new AddressLease.Held("a")));
        lease(
                false,
                lease(0, 10, new AddressLease.Take("a"), new AddressLease.Done()),
                lease(0, 10, new AddressLease.Take("b"), new AddressLease.Done()));
    }

    @Test
    void anAddressThatCameBackRests() {
        lease(
                true,
                lease(0, 1, new AddressLease.Take("a"), new AddressLease.Done()),
                lease(2, 3, new AddressLease.GiveBack("a"), new AddressLease.Done()),
                lease(4, 5, new AddressLease.Take("b"), new AddressLease.Refused()),
                lease(6, 7, new AddressLease.Look(), new AddressLease.Held(null)));
        lease(
                false,
                lease(0, 1, new AddressLease.Take("a"), new AddressLease.Done()),
                lease(2, 3, new AddressLease.GiveBack("a"), new AddressLease.Done()),
                lease(4, 5, new AddressLease.Take("b"), new AddressLease.Done()));
    }

    @Test
    void aRefusalOfAFreeAddressIsRejected() {
        lease(false, lease(0, 1, new AddressLease.Take("a"), new AddressLease.Refused()));
    }

    @SafeVarargs
    @SuppressWarnings("varargs")
    private static void node(boolean right, Operation<Membership.Ask, Membership.Answer>... history) {
        judged(right, Checker.check(new Membership(), List.of(history), BUDGET));
    }

    private static Operation<Membership.Ask, Membership.Answer> node(
            long from, long to, Membership.Ask ask, Membership.Answer answer) {
        return Operation.of("p" + from, from, to, ask, answer);
    }

    @Test
    void aRemovedNodeNeverComesBack() {
        Operation<Membership.Ask, Membership.Answer> join = node(0, 1, Membership.Ask.JOIN, Membership.Answer.DONE);
        Operation<Membership.Ask, Membership.Answer> remove =
                node(2, 10, Membership.Ask.REMOVE, Membership.Answer.DONE);
        node(true, join, remove, node(3, 4, Membership.Ask.QUARANTINE, Membership.Answer.DONE));
        node(true, join, remove, node(11, 12, Membership.Ask.RELEASE, Membership.Answer.UNKNOWN));
        node(false, join, remove, node(11, 12, Membership.Ask.LOOK, Membership.Answer.SEEN_ACTIVE));
        node(false, join, remove, node(11, 12, Membership.Ask.REMOVE, Membership.Answer.DONE));
    }

    @Test
    void twoQuarantinesOfOneStateAreRejected() {
        node(
                false,
                node(0, 1, Membership.Ask.JOIN, Membership.Answer.DONE),
                node(2, 9, Membership.Ask.QUARANTINE, Membership.Answer.DONE),
                node(2, 9, Membership.Ask.QUARANTINE, Membership.Answer.DONE));
    }

    @Test
    void oneRequestHasOneAnswer() {
        Model<String, String, String> model = new FirstAnswer();
        judged(
                true,
                Checker.check(
                        model,
                        List.of(
                                Operation.of("a", 0, 10, "r", "done"),
                                Operation.of("b", 5, 6, "r", "done"),
                                Operation.indeterminate("c", 7, "r")),
                        BUDGET));
        judged(
                false,
                Checker.check(
                        model,
                        List.of(Operation.of("a", 0, 10, "r", "done"), Operation.of("b", 5, 6, "r", "refused")),
                        BUDGET));
    }
}
