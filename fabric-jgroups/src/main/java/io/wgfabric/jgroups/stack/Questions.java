package io.wgfabric.jgroups.stack;

import io.wgfabric.core.log.LogException;
import io.wgfabric.core.log.LogException.Outcome;
import io.wgfabric.jgroups.raft.Effects;
import io.wgfabric.jgroups.raft.Effects.Refusal;
import io.wgfabric.jgroups.raft.Event;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** Reads and changes of the voters that wait for the leader's answer, and those that it is asked. Thread-safe. */
final class Questions {
    private static final long RETRY_NANOS = 50_000_000;
    private static final long READ_RETRY_NANOS = 250_000_000;
    private static final long CHANGE_RETRY_NANOS = 4 * RETRY_NANOS;

    /** Who asked the core: the token of its answer. */
    record Asker(String member, long request) {}

    private final String self;
    private final int limit;
    private final Network network;
    private final Mailbox mailbox;
    private final Executor answers;
    private final LongSupplier nanos;
    private final AtomicLong numbers;
    private final Map<Long, Question> waiting = new ConcurrentHashMap<>();
    private volatile @Nullable String leader;
    private volatile long applied;

    /** @param first where the numbers of questions begin: elsewhere after every start */
    Questions(
            String self,
            long first,
            int limit,
            Network network,
            Mailbox mailbox,
            Executor answers,
            LongSupplier nanos) {
        this.self = self;
        this.numbers = new AtomicLong(first);
        this.limit = limit;
        this.network = network;
        this.mailbox = mailbox;
        this.answers = answers;
        this.nanos = nanos;
    }

    /** @throws LogException if too many wait */
    Question ask(Question.Kind kind, String member, Duration timeout) {
        if (waiting.size() >= limit) {
            throw new LogException(Outcome.NOT_APPLIED, "too many reads wait (" + limit + "); try again later");
        }
        long now = nanos.getAsLong();
        Question question = new Question(numbers.incrementAndGet(), kind, member, now + timeout.toNanos());
        waiting.put(question.request, question);
        put(question, now);
        return question;
    }

    private void put(Question question, long now) {
        String to = leader;
        if (to == null) {
            question.dueNanos = now;
            return;
        }
        question.dueNanos = now + (question.kind == Question.Kind.READ ? READ_RETRY_NANOS : CHANGE_RETRY_NANOS);
        Frame.Ask ask = new Frame.Ask(question.request, question.kind, question.member);
        boolean sent = to.equals(self) ? asked(self, ask) : network.send(to, ask);
        if (sent) {
            question.sent = true;
        }
    }

    /** A member, or this one, asks this one's core; returns false if there is no room. */
    boolean asked(String from, Frame.Ask ask) {
        Asker token = new Asker(from, ask.request());
        Event event = switch (ask.kind()) {
            case READ -> new Event.Read(from, token);
            case ADD_VOTER -> new Event.Change(ask.member(), true, token);
            case REMOVE_VOTER -> new Event.Change(ask.member(), false, token);
        };
        return mailbox.offer(event);
    }

    /** This member's core answered. */
    void answered(Effects.Answer answer) {
        if (!(answer.token() instanceof Asker asker)) {
            return;
        }
        if (answer.refusal() == Refusal.IS_LEADER) {
            mailbox.offer(new Event.Transfer(null)); // hand over; the new leader removes this member
        }
        Frame.Told told = new Frame.Told(asker.request(), answer.refusal(), answer.index());
        if (asker.member().equals(self)) {
            told(told);
        } else {
            network.send(asker.member(), told);
        }
    }

    /** The leader answered. */
    void told(Frame.Told told) {
        Question question = waiting.get(told.request());
        if (question == null) {
            return;
        }
        Refusal refusal = told.refusal();
        if (refusal == null) {
            question.index = told.index();
            settle(question);
        } else if (refusal == Refusal.LAST_VOTER) {
            fail(question, new LogException(Outcome.NOT_APPLIED, "the last voter cannot be removed"));
        } else {
            question.lastRefusal = refusal.name();
            question.dueNanos = Math.min(question.dueNanos, nanos.getAsLong() + RETRY_NANOS);
        }
    }

    private void settle(Question question) {
        long index = question.index;
        if (index >= 0 && applied >= index && waiting.remove(question.request) != null) {
            answers.execute(() -> question.answer.complete(null));
        }
    }

    /** Called by the applying thread when everything up to this index is applied. */
    void appliedTo(long index) {
        applied = index;
        waiting.values().forEach(this::settle);
    }

    void leader(@Nullable String newLeader) {
        leader = newLeader;
        long now = nanos.getAsLong();
        for (Question question : waiting.values()) {
            if (question.index < 0) {
                put(question, now);
            }
        }
    }

    /** Ends what is overdue, and asks again. */
    void tick(long now) {
        for (Question question : waiting.values()) {
            if (question.deadlineNanos - now <= 0) {
                expire(question);
            } else if (question.index < 0 && question.dueNanos - now <= 0) {
                put(question, now);
            }
        }
    }

    private void expire(Question question) {
        String refusal = question.lastRefusal;
        String what =
                question.kind == Question.Kind.READ ? "no majority confirmed the read" : "the voters were not changed";
        fail(
                question,
                new LogException(
                        question.isHarmless() ? Outcome.NOT_APPLIED : Outcome.UNKNOWN,
                        what + " within the timeout" + (refusal == null ? "" : "; last refusal: " + refusal)));
    }

    /** Ends what no leader can have carried out. */
    void refuse(LogException refusal) {
        for (Question question : waiting.values()) {
            if (question.index < 0 && question.isHarmless()) {
                fail(question, refusal);
            }
        }
    }

    /** Ends all of them. */
    void stop(Supplier<LogException> cause) {
        waiting.values().forEach(question -> fail(question, cause.get()));
    }

    void fail(Question question, LogException cause) {
        if (waiting.remove(question.request) != null) {
            answers.execute(() -> question.answer.completeExceptionally(cause));
        }
    }
}
