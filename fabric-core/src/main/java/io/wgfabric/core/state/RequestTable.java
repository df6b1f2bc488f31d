package io.wgfabric.core.state;

import io.wgfabric.api.Actor;
import io.wgfabric.api.Bytes;
import io.wgfabric.api.Limits;
import io.wgfabric.api.Outcome;
import io.wgfabric.api.RequestId;
import java.time.Instant;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.pcollections.TreePMap;

/**
 * What was answered under which request id, so that a repeat gets the first answer. Immutable.
 *
 * <p>An answer makes room only when {@link Limits#REMEMBERED_REQUESTS} newer ones are there and it is older than {@link
 * Limits#REMEMBERED_FOR}, by the state's time. So a repeat within that time is never applied twice, at whatever rate:
 * where the table cannot grow any more ({@link Limits#REMEMBERED_AT_MOST}, 5,000 commands a second for a minute) new
 * commands are refused instead. A repeat that comes later than that may find its answer gone and is a new command; its
 * own preconditions, such as a name that is taken, are all that meets it then. The rule is by the time of the answer and
 * not of the envelope, since every attempt is an envelope of its own.
 *
 * @param order who asked by the revision of the answer
 */
public record RequestTable(TreePMap<Asked, Answer> answers, TreePMap<Long, Asked> order) {

    /** Who asked under which request id: nobody can use up the id of another. */
    public record Asked(Actor.Kind kind, String actor, RequestId request) implements Comparable<Asked> {
        static Asked of(Envelope envelope) {
            return new Asked(envelope.actor().kind(), envelope.actor().id(), envelope.request());
        }

        @Override
        public int compareTo(Asked other) {
            int byKind = kind.compareTo(other.kind);
            int byActor = byKind != 0 ? byKind : actor.compareTo(other.actor);
            return byActor != 0 ? byActor : request.compareTo(other.request);
        }
    }

    /**
     * @param fingerprint SHA-256 of who asked and of the command, to tell a repeat from a reused id
     * @param time the state's when it was given
     */
    public record Answer(Bytes fingerprint, Outcome outcome, Instant time) {}

    static RequestTable empty() {
        return new RequestTable(TreePMap.empty(), TreePMap.empty());
    }

    public @Nullable Answer find(Asked asked) {
        return answers.get(asked);
    }

    /** Whether there is no room for one more answer at this time. */
    boolean isFull(Instant time) {
        return order.size() >= Limits.REMEMBERED_AT_MOST && !mayForget(order.firstEntry(), time);
    }

    RequestTable plus(Asked asked, Bytes fingerprint, Outcome outcome, Instant time) {
        RequestTable table = new RequestTable(
                answers.plus(asked, new Answer(fingerprint, outcome, time)),
                order.plus(outcome.revision().number(), asked));
        // Two for each new one, so that a table that has grown shrinks again, at a bounded cost for each command.
        for (int i = 0; i < 2; i++) {
            Map.Entry<Long, Asked> oldest = table.order.firstEntry();
            if (oldest == null || table.order.size() <= Limits.REMEMBERED_REQUESTS || !table.mayForget(oldest, time)) {
                break;
            }
            table = new RequestTable(table.answers.minus(oldest.getValue()), table.order.minus(oldest.getKey()));
        }
        return table;
    }

    private boolean mayForget(Map.@Nullable Entry<Long, Asked> oldest, Instant time) {
        Answer answer = oldest == null ? null : answers.get(oldest.getValue());
        return answer == null || !answer.time().plus(Limits.REMEMBERED_FOR).isAfter(time);
    }
}
