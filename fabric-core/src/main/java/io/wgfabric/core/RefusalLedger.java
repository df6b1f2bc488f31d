package io.wgfabric.core;

import io.wgfabric.api.Actor;
import io.wgfabric.api.Command.RecordRefusal;
import io.wgfabric.api.Fabric;
import io.wgfabric.api.Limits;
import io.wgfabric.api.Rejection.Reason;
import io.wgfabric.api.RequestId;
import io.wgfabric.api.TokenId;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.function.LongSupplier;

/**
 * Counts what was refused before it became a command, and puts the counts into the audit chain from time to time: one
 * entry for each source, subject and reason. Thread-safe.
 *
 * <p>Whoever is refused again and again pushes nothing else out of the chain: from many sources the rest is counted
 * without them, and a budget of {@value #BURST} entries, then one in five minutes, holds for all together. What is over
 * it is counted on until there is budget.
 *
 * <p>Who shows a genuine token is refused by the machine, with an entry that names the attempt; so that one token cannot
 * fill the chain either, that holds for the first {@value #NAMED_OF_TOKEN} refusals of each, and the others are counted
 * here.
 */
public final class RefusalLedger {
    /** How many different entries name where they come from; the others of their kind are counted together. */
    private static final int MAX_SOURCES = 64;

    /** How many different entries there are at all; beyond them one counts for everything. */
    private static final int MAX_KINDS = 128;

    /** How many entries may be written at once. */
    private static final int BURST = 64;

    /** How long it takes until one more may be written: 288 in a day, of the 10,000 that are kept. */
    private static final long NANOS_PER_ENTRY = 300_000_000_000L;

    /** How many refusals of one token the machine decides and names; more than a crowd with one token has at once. */
    public static final int NAMED_OF_TOKEN = 256;

    private record Kind(String subject, Reason reason, String source) {}

    private static final Kind OTHERS = new Kind("others", Reason.NOT_ALLOWED, "");

    private final LongSupplier nanoTime;
    private final Map<Kind, Integer> counts = new LinkedHashMap<>();
    private final Map<TokenId, Integer> named = new LinkedHashMap<>(64, 0.75f, true) {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<TokenId, Integer> eldest) {
            return size() > Limits.TOKENS;
        }
    };
    private long budget = BURST;
    private long budgetNanos;

    public RefusalLedger() {
        this(System::nanoTime);
    }

    RefusalLedger(LongSupplier nanoTime) {
        this.nanoTime = nanoTime;
        budgetNanos = nanoTime.getAsLong();
    }

    /**
     * @param subject what was asked for; one of a few fixed words, never text of the caller's
     * @param from the network address of who asked
     */
    public synchronized void record(String subject, Reason reason, String from) {
        count(new Kind(subject, reason, Source.of(from)), 1);
    }

    /** Whether the next refusal of a genuine token still has an entry of its own. */
    synchronized boolean isNamed(TokenId token) {
        return named.getOrDefault(token, 0) < NAMED_OF_TOKEN;
    }

    /** The machine refused a token. */
    synchronized void named(TokenId token) {
        named.merge(token, 1, Integer::sum);
    }

    /** How many different entries wait to be written. */
    public synchronized int waiting() {
        return counts.size();
    }

    private void count(Kind kind, int times) {
        Kind counted = kind;
        if (!counts.containsKey(counted) && counts.size() >= MAX_SOURCES) {
            counted = new Kind(kind.subject(), kind.reason(), "");
        }
        if (!counts.containsKey(counted) && counts.size() >= MAX_KINDS) {
            counted = OTHERS;
        }
        counts.merge(counted, times, (a, b) -> (int) Math.min(Integer.MAX_VALUE, (long) a + b));
    }

    /** Records what was counted, as far as the budget goes; what cannot be recorded now is counted on. */
    public void flush(Fabric fabric, String manager) {
        for (Map.Entry<Kind, Integer> counted : due()) {
            Kind kind = counted.getKey();
            int count = counted.getValue();
            fabric.submit(
                            new Actor(Actor.Kind.SYSTEM, manager, kind.source()),
                            new RequestId("refusals:" + UUID.randomUUID()),
                            new RecordRefusal(kind.subject(), kind.reason(), count))
                    .whenComplete((outcome, failure) -> {
                        if (failure != null) {
                            giveBack(kind, count);
                        }
                    });
        }
    }

    /** The longest counted first. */
    private synchronized List<Map.Entry<Kind, Integer>> due() {
        long earned = (nanoTime.getAsLong() - budgetNanos) / NANOS_PER_ENTRY;
        budget = Math.min(BURST, budget + earned);
        budgetNanos += earned * NANOS_PER_ENTRY;
        List<Map.Entry<Kind, Integer>> due = new ArrayList<>();
        for (Map.Entry<Kind, Integer> counted : counts.entrySet()) {
            if (due.size() < budget) {
                due.add(Map.entry(counted.getKey(), counted.getValue()));
            }
        }
        due.forEach(counted -> counts.remove(counted.getKey()));
        budget -= due.size();
        return due;
    }

    private synchronized void giveBack(Kind kind, int count) {
        budget++;
        count(kind, count);
    }
}
