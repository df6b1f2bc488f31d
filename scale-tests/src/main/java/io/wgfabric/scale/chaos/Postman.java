package io.wgfabric.scale.chaos;

import io.wgfabric.core.codec.Json;
import io.wgfabric.scale.chaos.Parcel.Ask;
import io.wgfabric.scale.chaos.Parcel.End;
import io.wgfabric.scale.chaos.Parcel.Reply;
import io.wgfabric.simulation.netns.LabException;
import java.io.BufferedReader;
import java.io.BufferedWriter;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.OutputStreamWriter;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/** The driver's side of an {@link Outpost}. Thread-safe; calls block for as long as the request may take. */
public final class Postman implements AutoCloseable {
    /** How much later than its time a reply may come before the outpost counts as lost. */
    private static final long GRACE_MILLIS = 5_000;

    private final Process outpost;
    private final BufferedWriter out;
    private final AtomicLong ids = new AtomicLong();
    private final Map<Long, CompletableFuture<Reply>> waiting = new ConcurrentHashMap<>();

    /** @param outpost a process that runs {@link Outpost}; ended with this */
    public Postman(Process outpost) {
        this.outpost = outpost;
        out = new BufferedWriter(new OutputStreamWriter(outpost.getOutputStream(), StandardCharsets.UTF_8));
        Thread reader = new Thread(this::read, "chaos-replies");
        reader.setDaemon(true);
        reader.start();
    }

    private void read() {
        try (BufferedReader in =
                new BufferedReader(new InputStreamReader(outpost.getInputStream(), StandardCharsets.UTF_8))) {
            for (String line = in.readLine(); line != null; line = in.readLine()) {
                Reply reply = Json.mapper().readValue(line, Reply.class);
                CompletableFuture<Reply> asked = waiting.remove(reply.id());
                if (asked != null) {
                    asked.complete(reply);
                }
            }
        } catch (IOException e) {
            // The outpost has ended; who waits is told below.
            System.err.println("the outpost ended: " + e.getMessage());
        }
        waiting.values().forEach(asked -> asked.completeExceptionally(new LabException("the outpost has ended")));
    }

    /**
     * Asks one manager once.
     *
     * @param body any JSON value; null for none
     * @throws LabException if the outpost is lost
     */
    public Reply ask(
            String manager,
            String method,
            String path,
            String key,
            @Nullable Object body,
            boolean operator,
            Duration timeout) {
        long id = ids.incrementAndGet();
        String text = body == null ? null : Json.mapper().writeValueAsString(body);
        Ask ask = new Ask(id, manager, method, path, key, text, operator, timeout.toMillis());
        CompletableFuture<Reply> asked = new CompletableFuture<>();
        waiting.put(id, asked);
        try {
            String line = Json.mapper().writeValueAsString(ask);
            synchronized (out) {
                out.write(line);
                out.write('\n');
                out.flush();
            }
            return asked.get(timeout.toMillis() + GRACE_MILLIS, TimeUnit.MILLISECONDS);
        } catch (IOException | ExecutionException e) {
            throw new LabException("the outpost is lost: " + e.getMessage(), e);
        } catch (TimeoutException e) {
            return new Reply(id, End.NO_ANSWER, 0, "the outpost gave no reply");
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new LabException("interrupted", e);
        } finally {
            waiting.remove(id);
        }
    }

    @Override
    public void close() {
        outpost.destroyForcibly();
    }
}
