package io.wgfabric.core;

import io.wgfabric.api.Actor;
import io.wgfabric.api.Command.RecordRefusal;
import io.wgfabric.api.Fabric;
import io.wgfabric.api.Rejection.Reason;
import io.wgfabric.api.RequestId;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Counts what was refused before it became a command, and puts the counts into the audit chain from time to time: one
 * entry for each subject and reason, so that an attacker fills no log. Thread-safe.
 */
public final class RefusalLedger {
    /** How many different entries are counted between two records; the rest is dropped. */
    private static final int MAX_KINDS = 64;

    private record Kind(String subject, Reason reason) {}

    private final Map<Kind, Integer> counts = new ConcurrentHashMap<>();

    /** @param subject what was asked for; one of a few fixed words, never text of the caller's */
    public void record(String subject, Reason reason) {
        Kind kind = new Kind(subject, reason);
        if (counts.size() < MAX_KINDS || counts.containsKey(kind)) {
            counts.merge(kind, 1, Integer::sum);
        }
    }

    /** Records what was counted since the last time; what cannot be recorded now is counted on. */
    public void flush(Fabric fabric, String manager) {
        for (Kind kind : List.copyOf(counts.keySet())) {
            Integer count = counts.remove(kind);
            if (count == null) {
                continue;
            }
            fabric.submit(
                            Actor.system(manager),
                            new RequestId("refusals:" + UUID.randomUUID()),
                            new RecordRefusal(kind.subject(), kind.reason(), count))
                    .whenComplete((outcome, failure) -> {
                        if (failure != null) {
                            counts.merge(kind, count, Integer::sum);
                        }
                    });
        }
    }
}
