package io.wgfabric.jgroups.stack;

import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/** Something that is asked of the leader again and again until it answers; asking twice is harmless. */
public final class Question {

    /** What is asked. The code is on the wire and never changes. */
    public enum Kind {
        READ(1),
        ADD_VOTER(2),
        REMOVE_VOTER(3);

        private final int code;

        Kind(int code) {
            this.code = code;
        }

        int code() {
            return code;
        }
    }

    final long request;
    final Kind kind;
    final String member;
    final long deadlineNanos;
    final CompletableFuture<Void> answer = new CompletableFuture<>();

    /** When to ask (again). */
    volatile long dueNanos;
    /** Once told: the index that must be applied here; -1 before. */
    volatile long index = -1;

    /** Whether a leader may have heard of it. */
    volatile boolean sent;

    volatile @Nullable String lastRefusal;

    Question(long request, Kind kind, String member, long deadlineNanos) {
        this.request = request;
        this.kind = kind;
        this.member = member;
        this.deadlineNanos = deadlineNanos;
    }

    /** Whether it is known that it changed nothing and will not: a read never does. */
    boolean isHarmless() {
        return kind == Kind.READ || !sent;
    }
}
