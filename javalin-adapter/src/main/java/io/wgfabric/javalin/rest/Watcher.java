package io.wgfabric.javalin.rest;

import io.wgfabric.api.NodeId;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Instant;
import java.util.concurrent.Executor;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.util.Callback;
import org.jspecify.annotations.Nullable;

/**
 * One watch stream. Between the publisher and the client are two slots: the newest announcement of the configuration,
 * and a line of another kind; each takes the place of one that was not sent yet. The stream remembers what it was told
 * last, and asks the announcement for what follows when the client can take more: so a slow client costs no memory, and
 * catches up in as few lines as there are by then. Nothing here blocks; one write at a time is under way. Thread-safe.
 */
final class Watcher {
    /** How much is written at once, so that a slow client that still reads shows progress. */
    private static final int CHUNK = 64 << 10;

    private final NodeId node;
    private final Instant expires;
    private final int authority;
    private final Response response;
    private final Callback done;
    private final Executor writers;
    private final Runnable onEnd;

    /** What was announced last, sent or not. */
    private @Nullable Announcement last;

    private @Nullable Announcement announced;
    private volatile Announcement.Told told;
    private @Nullable ByteBuffer waiting;
    private @Nullable ByteBuffer current;
    private boolean lastIsWaiting;
    private boolean writing;
    private boolean ended;
    private long progressNanos = System.nanoTime();

    /**
     * @param expires when the certificate that opened it does
     * @param told what the node has already
     * @param authority the generation of the one that the certificate is from
     * @param writers where lines are encrypted and sent
     * @param onEnd called once when the stream is over, for whatever reason
     */
    Watcher(
            NodeId node,
            Announcement.Told told,
            Instant expires,
            int authority,
            Response response,
            Callback done,
            Executor writers,
            Runnable onEnd) {
        this.node = node;
        this.told = told;
        this.expires = expires;
        this.authority = authority;
        this.response = response;
        this.done = done;
        this.writers = writers;
        this.onEnd = onEnd;
    }

    NodeId node() {
        return node;
    }

    boolean isExpired(Instant now) {
        return now.isAfter(expires);
    }

    /** Whether its certificate is from an authority before this one. */
    boolean isBefore(int oldest) {
        return authority < oldest;
    }

    /** What the node has been told, or will be by what is on its way. */
    Announcement.Told told() {
        return told;
    }

    /** Tells the node of a configuration, as far as it has not been told. */
    void announce(Announcement newest) {
        synchronized (this) {
            Announcement before = last;
            if (ended || lastIsWaiting || newest == before) {
                return;
            }
            if (before != null && !before.isOfTheSame(newest)) {
                // It was told as a spoke, or is from now on: no delta leads from one to the other.
                told = new Announcement.Told(told.seen(), null);
            }
            last = newest;
            announced = newest;
            if (!begin()) {
                return;
            }
        }
        writers.execute(this::writeNext);
    }

    /** Takes back what was announced and not sent yet: the node may not know of it. */
    synchronized void retract() {
        announced = null;
        last = null;
    }

    /** What was announced last; null for nothing yet. */
    synchronized @Nullable Announcement last() {
        return last;
    }

    /** Puts a line into the slot, in place of one that was not sent yet. */
    void offer(byte[] line) {
        put(line, false);
    }

    /** Puts the last line into the slot; after it the stream ends. */
    void finish(byte[] line) {
        put(line, true);
    }

    private void put(byte[] line, boolean last) {
        synchronized (this) {
            if (ended || lastIsWaiting) {
                return;
            }
            waiting = ByteBuffer.wrap(line).asReadOnlyBuffer();
            lastIsWaiting = last;
            if (last) {
                announced = null;
            }
            if (!begin()) {
                return;
            }
        }
        writers.execute(this::writeNext);
    }

    /** Whether the caller has to start the writing; called with the lock. */
    private boolean begin() {
        if (writing) {
            return false;
        }
        writing = true;
        progressNanos = System.nanoTime();
        return true;
    }

    /** Puts a ping into the slot if the stream was silent that long and has nothing to say. */
    void ping(byte[] line, long silenceNanos) {
        synchronized (this) {
            if (writing || System.nanoTime() - progressNanos < silenceNanos) {
                return;
            }
        }
        offer(line);
    }

    /** Whether a write has made no progress for that long. */
    synchronized boolean isStalled(long nanos) {
        return writing && !ended && System.nanoTime() - progressNanos >= nanos;
    }

    private void writeNext() {
        ByteBuffer line = line();
        if (line == null) {
            return;
        }
        ByteBuffer chunk;
        boolean last;
        synchronized (this) {
            chunk = line.slice(line.position(), Math.min(CHUNK, line.remaining()));
            line.position(line.position() + chunk.remaining());
            last = lastIsWaiting && waiting == null && !line.hasRemaining();
        }
        response.write(last, chunk, Callback.from(() -> written(last), this::end));
    }

    /** The rest of the line that is being written, or else the next one; null if there is none, then nothing is written. */
    private @Nullable ByteBuffer line() {
        while (true) {
            Announcement newest;
            synchronized (this) {
                if (ended || (current != null && current.hasRemaining())) {
                    return current;
                }
                current = waiting;
                waiting = null;
                newest = announced;
                if (current != null || newest == null) {
                    writing = current != null;
                    return current;
                }
            }
            // Without the lock, since the first that needs a full configuration encodes it.
            Announcement.Line news = newest.after(told);
            synchronized (this) {
                if (ended) {
                    return null;
                }
                if (news == null && announced == newest) {
                    announced = null;
                } else if (news != null && announced != null) {
                    told = news.then();
                    current = ByteBuffer.wrap(news.bytes()).asReadOnlyBuffer();
                    return current;
                }
            }
        }
    }

    private void written(boolean last) {
        synchronized (this) {
            progressNanos = System.nanoTime();
        }
        if (last) {
            if (over()) {
                done.succeeded();
            }
        } else {
            writers.execute(this::writeNext);
        }
    }

    /** Drops the stream: the client is gone, or does not read. */
    void end(Throwable cause) {
        if (over()) {
            done.failed(cause);
        }
    }

    void drop(String why) {
        end(new IOException(why));
    }

    synchronized boolean isOver() {
        return ended;
    }

    private boolean over() {
        synchronized (this) {
            if (ended) {
                return false;
            }
            ended = true;
            announced = null;
            waiting = null;
            current = null;
        }
        onEnd.run();
        return true;
    }
}
