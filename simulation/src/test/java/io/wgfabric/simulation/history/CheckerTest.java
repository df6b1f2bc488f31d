package io.wgfabric.simulation.history;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.wgfabric.simulation.history.Register.Answer;
import io.wgfabric.simulation.history.Register.Ask;
import io.wgfabric.simulation.history.Register.Changed;
import io.wgfabric.simulation.history.Register.Read;
import io.wgfabric.simulation.history.Register.Swap;
import io.wgfabric.simulation.history.Register.Value;
import io.wgfabric.simulation.history.Register.Write;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

final class CheckerTest {
    private static final long BUDGET = 100_000;

    private static Operation<Ask, Answer> write(String process, long from, long to, long value) {
        return Operation.of(process, from, to, new Write(value), new Changed(true));
    }

    private static Operation<Ask, Answer> read(String process, long from, long to, long value) {
        return Operation.of(process, from, to, new Read(), new Value(value));
    }

    private static Operation<Ask, Answer> swap(
            String process, long from, long to, long expected, long value, boolean done) {
        return Operation.of(process, from, to, new Swap(expected, value), new Changed(done));
    }

    @SafeVarargs
    @SuppressWarnings("varargs")
    private static Verdict<Ask, Answer> check(Operation<Ask, Answer>... history) {
        return Checker.check(new Register(), List.of(history), BUDGET);
    }

    @SafeVarargs
    private static void accepts(Operation<Ask, Answer>... history) {
        assertInstanceOf(Verdict.Linearizable.class, check(history));
    }

    @SafeVarargs
    private static void rejects(Operation<Ask, Answer>... history) {
        assertInstanceOf(Verdict.Violated.class, check(history));
    }

    @Test
    void nothingIsLinearizable() {
        accepts();
    }

    @Test
    void oneAfterTheOtherIsAccepted() {
        accepts(write("a", 0, 1, 7), read("b", 2, 3, 7), write("a", 4, 5, 8), read("b", 6, 7, 8));
    }

    @Test
    void readsDuringAWriteMaySeeEitherValue() {
        accepts(write("a", 0, 10, 7), read("b", 1, 2, 0), read("c", 3, 4, 7));
        accepts(write("a", 0, 10, 7), read("b", 1, 2, 7));
    }

    @Test
    void overlappingWritesComeInAnyOrder() {
        accepts(write("a", 0, 10, 1), write("b", 0, 10, 2), read("c", 11, 12, 1));
        accepts(write("a", 0, 10, 1), write("b", 0, 10, 2), read("c", 11, 12, 2));
    }

    @Test
    void whatHasNoAnswerMayTakeEffectLateOrNever() {
        Operation<Ask, Answer> lost = Operation.indeterminate("a", 0, new Write(7));
        accepts(lost, read("b", 1, 2, 0), read("b", 3, 4, 7));
        accepts(lost, read("b", 1, 2, 0), read("b", 3, 4, 0));
    }

    @Test
    void anInvocationAtTheTimeOfAReturnOverlapsIt() {
        accepts(write("a", 0, 5, 7), read("b", 5, 6, 0));
    }

    @Test
    void swapsThatOneAfterTheOtherExplainsAreAccepted() {
        accepts(swap("a", 0, 10, 0, 1, true), swap("b", 0, 10, 1, 2, true), read("c", 11, 12, 2));
    }

    @Test
    void aReadOfTheValueBeforeAFinishedWriteIsRejected() {
        rejects(write("a", 0, 1, 7), read("b", 2, 3, 0));
    }

    @Test
    void aValueThatNobodyWroteIsRejected() {
        rejects(write("a", 0, 1, 7), read("b", 0, 1, 8));
    }

    @Test
    void aLostUpdateIsRejected() {
        rejects(swap("a", 0, 10, 0, 1, true), swap("b", 0, 10, 0, 2, true));
    }

    @Test
    void aWriteThatIsSeenAndThenUnseenIsRejected() {
        rejects(write("a", 0, 10, 7), read("b", 1, 2, 7), read("c", 3, 4, 0));
    }

    @Test
    void anIndeterminateWriteThatIsSeenAndThenUnseenIsRejected() {
        rejects(Operation.indeterminate("a", 0, new Write(7)), read("b", 1, 2, 7), read("c", 3, 4, 0));
    }

    @Test
    void anIndeterminateWriteThatIsSeenBeforeItWasInvokedIsRejected() {
        rejects(read("b", 0, 1, 7), Operation.indeterminate("a", 2, new Write(7)));
    }

    @Test
    void twoReadersThatSeeTwoWritesInOppositeOrderAreRejected() {
        rejects(
                write("a", 0, 100, 1),
                write("b", 0, 100, 2),
                read("c", 10, 11, 1),
                read("c", 20, 21, 2),
                read("d", 30, 31, 1));
    }

    @Test
    void anOrderAgainstRealTimeIsRejected() {
        rejects(write("a", 0, 1, 1), write("b", 2, 3, 2), read("c", 4, 5, 1));
    }

    @Test
    void aSwapThatFailsAlthoughTheValueIsTheExpectedOneIsRejected() {
        rejects(write("a", 0, 1, 1), swap("b", 2, 3, 1, 2, false));
    }

    @Test
    void aSwapThatSucceedsAlthoughTheValueIsAnotherIsRejected() {
        rejects(write("a", 0, 1, 1), swap("b", 2, 3, 5, 2, true));
    }

    @Test
    void oneIndeterminateWriteCannotTakeEffectTwice() {
        rejects(
                Operation.indeterminate("a", 0, new Write(7)),
                read("b", 1, 2, 7),
                write("c", 3, 4, 8),
                read("b", 5, 6, 8),
                read("b", 7, 8, 7));
    }

    @Test
    void aViolationShowsHowFarItWentAndWhatCouldNotFollow() {
        Operation<Ask, Answer> first = write("a", 0, 1, 7);
        Operation<Ask, Answer> stale = read("b", 2, 3, 0);
        Verdict<Ask, Answer> verdict = check(first, stale);
        assertEquals(new Verdict.Violated<>(List.of(first), List.of(stale)), verdict);
    }

    @Test
    void theOrderOfALinearizableHistoryIsOneThatTheModelAllows() {
        Random random = new Random(5);
        for (int round = 0; round < 200; round++) {
            Verdict<Ask, Answer> verdict =
                    Checker.check(new Register(), RegisterRuns.concurrent(random, 4, 30), BUDGET);
            List<Operation<Ask, Answer>> order = ((Verdict.Linearizable<Ask, Answer>) verdict).order();
            Register model = new Register();
            Long state = model.initial();
            for (Operation<Ask, Answer> each : order) {
                state = model.step(state, each.input(), each.output());
                assertTrue(state != null, each.toString());
            }
        }
    }

    @Test
    void aSearchThatTakesTooLongIsUndecided() {
        List<Operation<Ask, Answer>> history = new ArrayList<>();
        for (int i = 1; i <= 40; i++) {
            history.add(write("w" + i, 0, 1_000, i));
        }
        history.add(read("r", 1_001, 1_002, 99));
        assertInstanceOf(Verdict.Undecided.class, Checker.check(new Register(), history, 10_000));
    }

    @Test
    void longHistoriesOfAFewProcessesAreDecided() {
        List<Operation<Ask, Answer>> history = RegisterRuns.concurrent(new Random(1), 6, 20_000);
        assertInstanceOf(Verdict.Linearizable.class, Checker.check(new Register(), history, 10_000_000));
    }

    @Test
    void eachKeyIsJudgedAlone() {
        History<Map.Entry<String, Ask>, Answer> history = new History<>();
        history.add(Operation.of("a", 0, 1, Map.entry("x", new Write(1)), new Changed(true)));
        history.add(Operation.of("a", 2, 3, Map.entry("y", new Read()), new Value(0)));
        history.add(Operation.of("b", 4, 5, Map.entry("x", new Read()), new Value(0)));
        Model<Long, Map.Entry<String, Ask>, Answer> model = new Model<>() {
            private final Register register = new Register();

            @Override
            public Long initial() {
                return register.initial();
            }

            @Override
            public @Nullable Long step(Long state, Map.Entry<String, Ask> input, @Nullable Answer output) {
                return register.step(state, input.getValue(), output);
            }
        };
        Map<String, Verdict<Map.Entry<String, Ask>, Answer>> verdicts =
                Checker.checkEach(model, history, Map.Entry::getKey, BUDGET);
        assertInstanceOf(Verdict.Violated.class, verdicts.get("x"));
        assertInstanceOf(Verdict.Linearizable.class, verdicts.get("y"));
    }

    @Test
    void anAnswerBelongsToAReturn() {
        assertThrows(IllegalArgumentException.class, () -> Operation.of("a", 5, 4, "in", "out"));
        assertThrows(IllegalArgumentException.class, () -> Operation.of("a", 5, Operation.NEVER, "in", "out"));
        assertThrows(IllegalArgumentException.class, () -> new Operation<>("a", 5, 6, "in", null));
    }

    /** Against the definition: on small histories, right and wrong ones, both must say the same. */
    @Test
    void theSearchAgreesWithTryingEveryOrder() {
        Random random = new Random(20_261_123);
        int violated = 0;
        for (int round = 0; round < 4_000; round++) {
            List<Operation<Ask, Answer>> history = RegisterRuns.concurrent(random, 3, 6);
            if (random.nextBoolean()) {
                history = RegisterRuns.mutated(random, history);
            }
            boolean right = Exhaustive.isLinearizable(new Register(), history);
            Verdict<Ask, Answer> verdict = Checker.check(new Register(), history, BUDGET);
            assertEquals(right, verdict instanceof Verdict.Linearizable, "round " + round + ": " + history);
            violated += right ? 0 : 1;
        }
        assertTrue(violated > 300, "only " + violated + " of these histories were wrong: too few to learn from");
    }

    /** What really happened is accepted; with one answer changed it is rejected, unless every order is tried in vain. */
    @Test
    void realRunsAreAcceptedAndTheirMutationsRejectedOrEquivalent() {
        Random random = new Random(77);
        int rejected = 0;
        for (int round = 0; round < 500; round++) {
            List<Operation<Ask, Answer>> history = RegisterRuns.concurrent(random, 4, 9);
            assertInstanceOf(Verdict.Linearizable.class, Checker.check(new Register(), history, BUDGET));
            List<Operation<Ask, Answer>> mutation = RegisterRuns.mutated(random, history);
            if (Checker.check(new Register(), mutation, BUDGET) instanceof Verdict.Violated) {
                rejected++;
            } else {
                assertTrue(Exhaustive.isLinearizable(new Register(), mutation), mutation.toString());
            }
        }
        assertTrue(rejected > 250, "only " + rejected + " of 500 mutations were rejected");
    }
}
