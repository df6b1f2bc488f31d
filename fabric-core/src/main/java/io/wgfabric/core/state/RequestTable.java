package io.wgfabric.core.state;

import io.wgfabric.api.Actor;
import io.wgfabric.api.Bytes;
import io.wgfabric.api.Limits;
import io.wgfabric.api.Outcome;
import io.wgfabric.api.RequestId;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.pcollections.TreePMap;

/**
 * What was answered under which request id, so that a repeat gets the first answer. Immutable; the oldest answers make
 * room after {@link Limits#REMEMBERED_REQUESTS}.
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

    /** @param fingerprint SHA-256 of who asked and of the command, to tell a repeat from a reused id */
    public record Answer(Bytes fingerprint, Outcome outcome) {}

    static RequestTable empty() {
        return new RequestTable(TreePMap.empty(), TreePMap.empty());
    }

    @Nullable Answer find(Asked asked) {
        return answers.get(asked);
    }

    RequestTable plus(Asked asked, Bytes fingerprint, Outcome outcome) {
        TreePMap<Asked, Answer> grown = answers.plus(asked, new Answer(fingerprint, outcome));
        TreePMap<Long, Asked> ordered = order.plus(outcome.revision().number(), asked);
        Map.Entry<Long, Asked> oldest = ordered.firstEntry();
        if (ordered.size() > Limits.REMEMBERED_REQUESTS && oldest != null) {
            grown = grown.minus(oldest.getValue());
            ordered = ordered.minus(oldest.getKey());
        }
        return new RequestTable(grown, ordered);
    }
}
