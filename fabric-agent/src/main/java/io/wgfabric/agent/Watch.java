package io.wgfabric.agent;

import io.wgfabric.api.Edition;
import io.wgfabric.api.Revision;
import io.wgfabric.core.codec.Json;
import io.wgfabric.core.netmap.SignedNetmap;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;

/**
 * Hears from one manager, and from another one when that falls silent: one stream of lines over HTTP/2 that carries
 * each new configuration and, in between, signs of life. Runs on a thread of its own until it is closed.
 */
final class Watch implements AutoCloseable {
    /** A manager gives a sign of life every 2 s; after that long without one it counts as dead. */
    static final Duration SILENCE = Duration.ofSeconds(5);

    static final Duration MIN_PAUSE = Duration.ofMillis(100);
    static final Duration MAX_PAUSE = Duration.ofSeconds(3);

    /** While this node is shut out: each time it asks is one more refusal, and an operator who lets it in can wait. */
    static final Duration MAX_PAUSE_OUTSIDE = Duration.ofSeconds(30);

    private static final Logger LOGGER = System.getLogger(Watch.class.getName());

    /** Who hears what the managers say; called on the watch's thread. */
    interface Listener {
        /** What the node has already, to be told no more than what follows; a query, or nothing. */
        String query();

        /**
         * A configuration as a manager sent it, not verified yet.
         *
         * @return whether the stream may go on; if not, another is opened
         */
        boolean netmap(SignedNetmap signed);

        /** The same of a delta, in the line that it came in. */
        boolean delta(String line);

        /** This node waits for an operator's approval; the stream goes on, and tells when it is given. */
        void pending(String message);

        /**
         * A manager refuses this node, such as one that is no active member.
         *
         * @param asOf the state that it decides from
         * @return whether the other managers would say the same until somebody lets the node in
         */
        boolean gone(String slug, String message, Edition asOf);
    }

    /** One line of the stream: a configuration, a delta with its signature, or one of the others. */
    record Line(
            @Nullable String netmap,
            @Nullable List<String> deltas,
            @Nullable String signature,
            @Nullable JsonNode delta,
            @Nullable String pending,
            @Nullable Long ping,
            @Nullable String gone,
            @Nullable Long epoch,
            @Nullable Long revision) {
        Edition asOf() {
            Long ofEpoch = epoch;
            Long number = revision;
            return ofEpoch == null || number == null ? Edition.NONE : new Edition(ofEpoch, new Revision(number));
        }
    }

    private final ControlClient client;
    private final Listener listener;
    private final Thread reader;
    private final Thread guard;
    private volatile boolean closed;
    private volatile long lastLineNanos;
    private volatile @Nullable InputStream open;

    Watch(ControlClient client, Listener listener) {
        this.client = client;
        this.listener = listener;
        reader = daemon("fabric-watch", this::run);
        guard = daemon("fabric-watch-guard", this::guard);
    }

    private static Thread daemon(String name, Runnable task) {
        Thread thread = new Thread(task, name);
        thread.setDaemon(true);
        return thread;
    }

    void start() {
        reader.start();
        guard.start();
    }

    private void run() {
        Duration pause = MIN_PAUSE;
        while (!closed) {
            Duration longest = MAX_PAUSE;
            try (InputStream stream = client.open("/v1/watch" + listener.query())) {
                lastLineNanos = System.nanoTime();
                open = stream;
                Duration before = pause;
                pause = MIN_PAUSE;
                if (!read(stream)) {
                    pause = before;
                }
            } catch (ControlException e) {
                if (e.isRefusal()) {
                    boolean outside = listener.gone(e.slug(), String.valueOf(e.getMessage()), e.asOf());
                    longest = outside ? MAX_PAUSE_OUTSIDE : MAX_PAUSE;
                } else {
                    LOGGER.log(Level.DEBUG, "no manager to watch: {0}", e.getMessage());
                }
            } catch (IOException | RuntimeException e) {
                // Whatever one manager sent, the next one may be better: a node without a watch is deaf.
                LOGGER.log(Level.DEBUG, "the watch broke off: {0}", e.getMessage());
            } finally {
                open = null;
            }
            // Jitter, so that the agents of a dead manager do not all come to the next one in the same moment.
            LockSupport.parkNanos(
                    pause.toNanos() / 2 + ThreadLocalRandom.current().nextLong(pause.toNanos()));
            pause = next(pause, longest);
        }
    }

    static Duration next(Duration pause, Duration longest) {
        Duration twice = pause.multipliedBy(2);
        return twice.compareTo(longest) < 0 ? twice : longest;
    }

    /** Whether it ended by itself; if not, what the manager says is of no use to this node. */
    private boolean read(InputStream stream) throws IOException {
        BufferedReader lines = new BufferedReader(new InputStreamReader(stream, StandardCharsets.UTF_8));
        String text = lines.readLine();
        while (text != null && !closed) {
            lastLineNanos = System.nanoTime();
            if (!hear(text)) {
                return false;
            }
            text = lines.readLine();
        }
        return true;
    }

    private boolean hear(String text) throws IOException {
        Line line;
        try {
            line = Json.mapper().readValue(text, Line.class);
        } catch (JacksonException e) {
            throw new IOException("a manager sent a line that cannot be read", e);
        }
        String netmap = line.netmap();
        if (netmap != null) {
            return listener.netmap(new SignedNetmap(netmap, line.deltas() == null ? List.of() : line.deltas()));
        }
        if (line.delta() != null) {
            return listener.delta(text);
        }
        if (line.pending() != null) {
            listener.pending(line.pending());
        }
        if (line.gone() != null) {
            var unused = listener.gone("node-" + line.gone().split(":", 2)[0], line.gone(), line.asOf());
        }
        return true;
    }

    /** Ends a read that waits for a manager that has died without a word. */
    private void guard() {
        while (!closed) {
            LockSupport.parkNanos(SILENCE.toNanos() / 10);
            InputStream stream = open;
            if (stream != null && System.nanoTime() - lastLineNanos > SILENCE.toNanos()) {
                lastLineNanos = System.nanoTime();
                closeQuietly(stream);
            }
        }
    }

    /** Ends the stream or the pause before it, so that the next one is opened. */
    void reopen() {
        LockSupport.unpark(reader);
        InputStream stream = open;
        if (stream != null) {
            closeQuietly(stream);
        }
    }

    private static void closeQuietly(InputStream stream) {
        try {
            stream.close();
        } catch (IOException e) {
            LOGGER.log(Level.DEBUG, "a broken stream: {0}", e.getMessage());
        }
    }

    @Override
    public void close() {
        closed = true;
        InputStream stream = open;
        if (stream != null) {
            closeQuietly(stream);
        }
        LockSupport.unpark(reader);
        LockSupport.unpark(guard);
    }
}
