package io.wgfabric.core.state;

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
 * @param order request ids by the revision of their answer
 */
public record RequestTable(TreePMap<RequestId, Answer> answers, TreePMap<Long, RequestId> order) {

    /** @param fingerprint SHA-256 of who asked and of the command, to tell a repeat from a reused id */
    public record Answer(Bytes fingerprint, Outcome outcome) {}

    static RequestTable empty() {
        return new RequestTable(TreePMap.empty(), TreePMap.empty());
    }

    @Nullable Answer find(RequestId request) {
        return answers.get(request);
    }

    RequestTable plus(RequestId request, Bytes fingerprint, Outcome outcome) {
        TreePMap<RequestId, Answer> grown = answers.plus(request, new Answer(fingerprint, outcome));
        TreePMap<Long, RequestId> ordered = order.plus(outcome.revision().number(), request);
        Map.Entry<Long, RequestId> oldest = ordered.firstEntry();
        if (ordered.size() > Limits.REMEMBERED_REQUESTS && oldest != null) {
            grown = grown.minus(oldest.getValue());
            ordered = ordered.minus(oldest.getKey());
        }
        return new RequestTable(grown, ordered);
    }
}
