package io.wgfabric.core.state;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.wgfabric.api.Actor;
import io.wgfabric.api.Bytes;
import io.wgfabric.api.Limits;
import io.wgfabric.api.Outcome;
import io.wgfabric.api.Rejection.Reason;
import io.wgfabric.api.RequestId;
import io.wgfabric.api.Revision;
import io.wgfabric.api.Role;
import io.wgfabric.core.codec.Codec;
import io.wgfabric.core.state.RequestTable.Asked;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;

class RequestTableTest {
    private static final Instant START = Commands.START;
    private static final Bytes FINGERPRINT = Bytes.of(new byte[32]);

    private static Asked asked(int number) {
        return new Asked(Actor.Kind.PEER, "p", new RequestId("r" + number));
    }

    /** Answers so many requests after those that are there, all at one time. */
    private static RequestTable grow(RequestTable table, int from, int to, Instant time) {
        RequestTable grown = table;
        for (int i = from; i < to; i++) {
            Outcome outcome = new Outcome.Accepted(new Revision(i + 1), List.of());
            grown = grown.plus(asked(i), FINGERPRINT, outcome, time);
        }
        return grown;
    }

    @Test
    void youngAnswerIsKeptHoweverManyCome_andAnOldOneMakesRoom() {
        int many = Limits.REMEMBERED_REQUESTS + 5_000;
        RequestTable table = grow(RequestTable.empty(), 0, many, START);
        assertEquals(many, table.order().size());
        assertNotNull(table.find(asked(0)));

        Instant almost = START.plus(Limits.REMEMBERED_FOR).minusMillis(1);
        assertNotNull(grow(table, many, many + 1, almost).find(asked(0)));

        Instant later = START.plus(Limits.REMEMBERED_FOR);
        RequestTable shrinking = grow(table, many, many + 1, later);
        assertNull(shrinking.find(asked(0)));
        assertNull(shrinking.find(asked(1)), "two go for each that comes");
        assertNotNull(shrinking.find(asked(2)));
        RequestTable shrunk = grow(table, many, many + 6_000, later);
        assertEquals(Limits.REMEMBERED_REQUESTS, shrunk.order().size());
        assertEquals(shrunk.order().size(), shrunk.answers().size());
    }

    @Test
    void fewAnswersAreKeptForEver() {
        RequestTable table = grow(RequestTable.empty(), 0, Limits.REMEMBERED_REQUESTS, START);
        assertNotNull(table.find(asked(0)));
        RequestTable later = grow(
                RequestTable.empty(),
                0,
                Limits.REMEMBERED_REQUESTS,
                START.plus(Limits.REMEMBERED_FOR.multipliedBy(99)));
        assertNotNull(later.find(asked(0)));
    }

    @Test
    void whenNoAnswerCouldBeRemembered_thenNothingIsDecided_andRepeatsStillGetTheirs() {
        Commands commands = Commands.bootstrapped("10.0.0.0/24");
        Envelope first =
                new Envelope(START, Commands.SYSTEM, new RequestId("first"), commands.createToken(1, Role.PEER, 1));
        Outcome answered = commands.apply(first);
        int begin = 1_000;
        RequestTable full = grow(commands.state.requests(), begin, begin + Limits.REMEMBERED_AT_MOST - 2, START);
        State before = States.with(commands.state, full);
        assertEquals(Limits.REMEMBERED_AT_MOST, full.order().size());

        Envelope second =
                new Envelope(START, Commands.SYSTEM, new RequestId("second"), commands.createToken(2, Role.PEER, 1));
        Machine.Result refused = Machine.apply(before, second, Codec.fingerprint(second));
        assertSame(Reason.TOO_MANY_REQUESTS, Commands.reasonOf(refused.outcome()));
        assertSame(before, refused.state(), "nothing is changed, so that the same id may ask again");
        assertEquals(
                answered, Machine.apply(before, first, Codec.fingerprint(first)).outcome());

        Envelope later =
                new Envelope(START.plus(Limits.REMEMBERED_FOR), Commands.SYSTEM, second.request(), second.command());
        assertTrue(Machine.apply(before, later, Codec.fingerprint(later)).outcome() instanceof Outcome.Accepted);
    }
}
