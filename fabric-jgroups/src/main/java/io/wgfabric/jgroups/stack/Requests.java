package io.wgfabric.jgroups.stack;

import io.wgfabric.core.log.LogException;
import io.wgfabric.core.log.LogException.Outcome;
import io.wgfabric.jgroups.raft.Effects;
import io.wgfabric.jgroups.raft.Entry;
import io.wgfabric.jgroups.raft.Event;
import io.wgfabric.jgroups.raft.SnapshotMeta;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * What this member's callers wait for. Thread-safe.
 *
 * <p>A command carries (origin, request), and is sent to the leader of one term, which appends it in that term or not at
 * all. So a member recognises its own command when it applies it, whoever led; and once it has applied an entry of a
 * later term without having seen the command, the command never will be applied, and is safely sent again. No answer
 * that was lost on the way matters. To the same leader the same attempt is sent again after {@link #RESEND_NANOS}, since
 * the first may have been lost with a connection; the leader proposes it once.
 *
 * <p>Every wait ends at its timeout at the latest, give or take a tick, and says what is known. What no leader has been
 * sent is refused earlier, once there has been none for {@link #WITHOUT_LEADER_NANOS}. A leader that is cut off steps
 * down within two election timeouts; commands in its log then are in doubt until their timeout, reads are not.
 */
public final class Requests {
    /** The low bits of a request number count the attempts, so that a late refusal of one cannot hit another. */
    private static final int ATTEMPT_BITS = 12;
    /** Leaves room for the attempts, and for 2<sup>51</sup> requests. */
    private static final int NUMBER_SHIFT = 24;

    private static final long LAST_ATTEMPT = (1L << ATTEMPT_BITS) - 1;

    /**
     * For so long requests wait for a leader. An election takes one to two election timeouts (300 to 600 ms) and a split
     * vote doubles that, so after 2 s it is no election that is missing but a majority.
     */
    static final long WITHOUT_LEADER_NANOS = 2_000_000_000L;

    /** Longer than a leader on a busy machine takes to commit and tell. */
    static final long RESEND_NANOS = 1_000_000_000L;

    /** The commands that wait have at most so many bytes together. */
    private static final long MAX_PENDING_BYTES = 64L << 20;

    /** A command on its way. */
    private static final class Pending {
        final byte[] command;
        final long deadlineNanos;
        final CompletableFuture<byte[]> answer = new CompletableFuture<>();
        /** The term of the leader that it was sent to; 0 while it waits for a leader. */
        long sentTerm;
        /** The number that it was last sent under. */
        long attempt;

        long sentNanos;

        Pending(byte[] command, long deadlineNanos) {
            this.command = command;
            this.deadlineNanos = deadlineNanos;
        }
    }

    /** Who leads, as this member knows; a change of it is what moves waiting requests. */
    public record Leadership(long term, @Nullable String leader) {}

    private final String self;
    private final long origin;
    private final int limit;
    private final Network network;
    private final Mailbox mailbox;
    private final Executor answers;
    private final LongSupplier nanoClock;
    private final Supplier<String> absence;
    private final AtomicLong numbers;
    private final Map<Long, Pending> pending = new ConcurrentHashMap<>();
    private final AtomicLong pendingBytes = new AtomicLong();
    private final Questions questions;
    private final Arrivals arrivals = new Arrivals();
    private volatile Leadership leadership = new Leadership(0, null);
    /** Since when none leads, as far as is known here; null while one does, and before the first tick. */
    private volatile @Nullable Long withoutLeaderSince;

    /** The highest term of an applied entry: commands of earlier terms that were not seen never will be. */
    private volatile long passedTerm;

    private volatile @Nullable Throwable stopped;

    /**
     * @param origin differs for every start of every member
     * @param limit how many commands may wait
     * @param answers where callers' continuations run
     * @param nanoClock a monotonic time, from which deadlines count
     * @param absence says in one line which voters do not answer
     */
    public Requests(
            String self,
            long origin,
            int limit,
            Network network,
            Mailbox mailbox,
            Executor answers,
            LongSupplier nanoClock,
            Supplier<String> absence) {
        this.self = self;
        this.origin = origin;
        // What this member was told before it was started again, an answer or a refusal, must not fit a request of now.
        long first = origin >>> NUMBER_SHIFT;
        this.numbers = new AtomicLong(first);
        this.limit = limit;
        this.network = network;
        this.mailbox = mailbox;
        this.answers = answers;
        this.nanoClock = nanoClock;
        this.absence = absence;
        this.questions = new Questions(self, first, limit, network, mailbox, answers, nanoClock);
    }

    public CompletableFuture<byte[]> append(byte[] command, Duration timeout) {
        if (stopped != null) {
            return CompletableFuture.failedFuture(halted(Outcome.NOT_APPLIED));
        }
        if (isWithoutMajority()) {
            return CompletableFuture.failedFuture(LogException.noMajority(absence.get()));
        }
        if (pending.size() >= limit) {
            return CompletableFuture.failedFuture(
                    new LogException(Outcome.NOT_APPLIED, "too many commands wait (" + limit + "); try again later"));
        }
        if (pendingBytes.addAndGet(command.length) > MAX_PENDING_BYTES) {
            pendingBytes.addAndGet(-command.length);
            return CompletableFuture.failedFuture(
                    new LogException(Outcome.NOT_APPLIED, "the commands that wait are too large; try again later"));
        }
        long request = numbers.incrementAndGet();
        Pending one = new Pending(command, nanoClock.getAsLong() + timeout.toNanos());
        pending.put(request, one);
        route(request, one);
        if (stopped != null && take(request) != null) {
            fail(one.answer, halted(Outcome.UNKNOWN));
        }
        return one.answer;
    }

    private void route(long request, Pending one) {
        Leadership now = leadership;
        String leader = now.leader();
        synchronized (one) {
            // After the last attempt it waits unsent for its timeout: one more would have another request's number.
            if (leader == null || one.sentTerm != 0 || (one.attempt & LAST_ATTEMPT) == LAST_ATTEMPT) {
                return;
            }
            boolean sent;
            one.sentTerm = now.term();
            one.attempt = one.attempt == 0 ? request << ATTEMPT_BITS : one.attempt + 1;
            one.sentNanos = nanoClock.getAsLong();
            if (leader.equals(self)) {
                sent = mailbox.offer(new Event.Propose(now.term(), self, origin, one.attempt, one.command));
            } else {
                sent = network.send(leader, new Frame.Forward(now.term(), origin, one.attempt, one.command));
            }
            if (!sent) {
                one.sentTerm = 0;
            }
        }
    }

    private void resend(Pending one, long now) {
        Leadership leading = leadership;
        String leader = leading.leader();
        synchronized (one) {
            if (leader != null
                    && !leader.equals(self)
                    && one.sentTerm == leading.term()
                    && now - one.sentNanos >= RESEND_NANOS) {
                one.sentNanos = now;
                network.send(leader, new Frame.Forward(one.sentTerm, origin, one.attempt, one.command));
            }
        }
    }

    /** Of a request, whichever attempt. */
    static long number(long attempt) {
        return attempt >>> ATTEMPT_BITS;
    }

    public CompletableFuture<Void> ask(Question.Kind kind, String member, Duration timeout) {
        if (stopped != null) {
            return CompletableFuture.failedFuture(halted(Outcome.NOT_APPLIED));
        }
        if (isWithoutMajority()) {
            return CompletableFuture.failedFuture(LogException.noMajority(absence.get()));
        }
        Question question;
        try {
            question = questions.ask(kind, member, timeout);
        } catch (LogException tooMany) {
            return CompletableFuture.failedFuture(tooMany);
        }
        if (stopped != null) {
            questions.fail(question, halted(Outcome.UNKNOWN));
        }
        return question.answer;
    }

    /** A frame of another member that is about requests. */
    public void received(String from, Frame frame) {
        if (frame instanceof Frame.Forward forward) {
            forwarded(from, forward);
        } else if (frame instanceof Frame.Refused refused) {
            refused(refused.term(), refused.request());
        } else if (frame instanceof Frame.Ask ask) {
            questions.asked(from, ask);
        } else if (frame instanceof Frame.Told told) {
            questions.told(told);
        }
    }

    private void forwarded(String from, Frame.Forward forward) {
        Arrivals.Verdict verdict = arrivals.came(forward.origin(), forward.request());
        if (verdict == Arrivals.Verdict.DROP) {
            return;
        }
        Event.Propose propose =
                new Event.Propose(forward.term(), from, forward.origin(), forward.request(), forward.command());
        if (verdict == Arrivals.Verdict.REFUSE_AGAIN || !mailbox.offer(propose)) {
            refuse(propose);
        }
    }

    /** The core did not take a command. */
    public void refused(Effects.Refused refused) {
        Event.Propose propose = refused.propose();
        if (propose.from().equals(self)) {
            refused(propose.term(), propose.request());
        } else {
            refuse(propose);
        }
    }

    private void refuse(Event.Propose propose) {
        arrivals.refused(propose.origin(), propose.request());
        network.send(propose.from(), new Frame.Refused(propose.term(), propose.request()));
    }

    private void refused(long term, long attempt) {
        Pending one = pending.get(number(attempt));
        if (one != null) {
            synchronized (one) {
                if (one.sentTerm == term && one.attempt == attempt) {
                    one.sentTerm = 0; // sent again by the next tick
                }
            }
        }
    }

    /** The core answered a question. */
    public void answered(Effects.Answer answer) {
        questions.answered(answer);
    }

    /** Called by the applying thread, before the first entry of a later term is applied. */
    void termPassed(long term) {
        passedTerm = term;
        pending.forEach(this::routeAgain);
    }

    private void routeAgain(long request, Pending one) {
        synchronized (one) {
            if (one.sentTerm != 0 && one.sentTerm < passedTerm) {
                one.sentTerm = 0;
            }
        }
        route(request, one);
    }

    /** Called by the applying thread after an entry was applied. */
    void applied(Entry entry, byte[] answer) {
        if (entry.origin() == origin) {
            Pending one = take(number(entry.request()));
            if (one != null) {
                answers.execute(() -> one.answer.complete(answer));
            }
        }
    }

    /** Called by the applying thread when everything up to this index is applied. */
    void appliedTo(long index) {
        questions.appliedTo(index);
    }

    /** A snapshot replaced entries that were never applied one by one: whether ours were among them nobody knows. */
    void installed(SnapshotMeta meta) {
        pending.forEach((request, one) -> {
            boolean unsure;
            synchronized (one) {
                unsure = one.sentTerm != 0 && one.sentTerm <= meta.term();
            }
            if (unsure && take(request) != null) {
                fail(
                        one.answer,
                        new LogException(
                                Outcome.UNKNOWN, "this member was behind and got a snapshot; ask again under the id"));
            }
        });
        appliedTo(meta.index());
    }

    public void leadership(Leadership now) {
        leadership = now;
        pending.forEach(this::route);
        questions.leader(now.leader());
    }

    private boolean isWithoutMajority() {
        Long since = withoutLeaderSince;
        return since != null && leadership.leader() == null && nanoClock.getAsLong() - since >= WITHOUT_LEADER_NANOS;
    }

    /** Ends what is overdue or hopeless, and sends again what waits. */
    public void tick() {
        long now = nanoClock.getAsLong();
        if (leadership.leader() != null) {
            withoutLeaderSince = null;
        } else if (withoutLeaderSince == null) {
            withoutLeaderSince = now;
        }
        if (isWithoutMajority()) {
            refuseUnsent();
        }
        pending.forEach((request, one) -> {
            if (one.deadlineNanos - now <= 0) {
                expire(request, one);
            } else {
                routeAgain(request, one);
                resend(one, now);
            }
        });
        questions.tick(now);
    }

    private void refuseUnsent() {
        LogException refusal = LogException.noMajority(absence.get());
        pending.forEach((request, one) -> {
            boolean unsent;
            synchronized (one) {
                unsent = one.sentTerm == 0;
                one.sentTerm = unsent ? Long.MAX_VALUE : one.sentTerm; // never sent from now on
            }
            if (unsent && take(request) != null) {
                fail(one.answer, refusal);
            }
        });
        questions.refuse(refusal);
    }

    private void expire(long request, Pending one) {
        boolean sent;
        synchronized (one) {
            sent = one.sentTerm != 0;
            one.sentTerm = Long.MAX_VALUE; // never sent again
        }
        if (take(request) != null) {
            fail(
                    one.answer,
                    sent
                            ? new LogException(Outcome.UNKNOWN, "not known to be committed within the timeout")
                            : new LogException(Outcome.NOT_APPLIED, "no leader within the timeout"));
        }
    }

    private @Nullable Pending take(long request) {
        Pending one = pending.remove(request);
        if (one != null) {
            pendingBytes.addAndGet(-one.command.length);
        }
        return one;
    }

    /** Fails everything that waits, now and later. */
    public void stop(Throwable cause) {
        stopped = cause;
        pending.forEach((request, one) -> {
            if (take(request) != null) {
                fail(one.answer, halted(Outcome.UNKNOWN));
            }
        });
        questions.stop(() -> halted(Outcome.UNKNOWN));
    }

    private LogException halted(Outcome outcome) {
        Throwable cause = stopped;
        return new LogException(
                outcome, "this member has stopped: " + (cause == null ? "" : cause.getMessage()), cause);
    }

    private void fail(CompletableFuture<?> future, LogException cause) {
        answers.execute(() -> future.completeExceptionally(cause));
    }
}
