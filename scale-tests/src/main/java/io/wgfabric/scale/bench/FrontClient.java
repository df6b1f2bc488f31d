package io.wgfabric.scale.bench;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicLong;

/** Asks a {@link Front}; any number of requests at once. Thread-safe. */
final class FrontClient implements Store {
    private static final int CONNECT_MILLIS = 1000;

    private final Link link;
    private final AtomicLong numbers = new AtomicLong();
    private final Map<Long, CompletableFuture<byte[]>> waiting = new ConcurrentHashMap<>();

    FrontClient(InetSocketAddress address) throws IOException {
        Socket socket = new Socket();
        try {
            socket.connect(address, CONNECT_MILLIS);
            link = new Link(socket);
        } catch (IOException e) {
            socket.close();
            throw e;
        }
        link.start(new Link.Receiver() {
            @Override
            public void received(byte kind, long number, byte[] body) {
                CompletableFuture<byte[]> future = waiting.remove(number);
                if (future != null && kind == Front.DONE) {
                    future.complete(body);
                } else if (future != null) {
                    future.completeExceptionally(new IOException(new String(body, UTF_8)));
                }
            }

            @Override
            public void closed() {
                failAll();
            }
        });
    }

    private void failAll() {
        waiting.forEach((number, future) -> future.completeExceptionally(new IOException("the connection was closed")));
        waiting.clear();
    }

    CompletableFuture<byte[]> ask(byte kind, byte[] body) {
        long number = numbers.incrementAndGet();
        CompletableFuture<byte[]> future = new CompletableFuture<>();
        waiting.put(number, future);
        link.send(kind, number, body);
        if (!link.isOpen()) {
            failAll();
        }
        return future;
    }

    @Override
    public CompletableFuture<?> put(byte[] value) {
        return ask(Front.APPEND, value);
    }

    /** Waits for an answer. */
    String ask(byte kind, String body, Duration limit) throws IOException {
        try {
            return new String(ask(kind, body.getBytes(UTF_8)).get(limit.toMillis(), TimeUnit.MILLISECONDS), UTF_8);
        } catch (ExecutionException | TimeoutException e) {
            throw new IOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException(e);
        }
    }

    @Override
    public void close() {
        link.close();
    }
}
