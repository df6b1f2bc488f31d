package io.wgfabric.javalin.cli;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.time.Duration;
import java.util.concurrent.Executor;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/** Like a busy manager: takes connections at once, and lets nothing through until a while later. */
final class SlowFront implements AutoCloseable {
    private final ServerSocket socket = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
    private final ScheduledExecutorService later = Executors.newScheduledThreadPool(1, SlowFront::thread);
    private final Executor pumps = task -> thread(task).start();
    private final int port;
    private final Duration delay;
    private final AtomicInteger connections = new AtomicInteger();

    SlowFront(int port, Duration delay) throws IOException {
        this.port = port;
        this.delay = delay;
        pumps.execute(this::accept);
    }

    private static Thread thread(Runnable task) {
        Thread thread = new Thread(task, "slow-front");
        thread.setDaemon(true);
        return thread;
    }

    int port() {
        return socket.getLocalPort();
    }

    /** How many it has taken. */
    int connections() {
        return connections.get();
    }

    private void accept() {
        try {
            while (true) {
                Socket client = socket.accept();
                connections.incrementAndGet();
                var unused = later.schedule(() -> join(client), delay.toMillis(), TimeUnit.MILLISECONDS);
            }
        } catch (IOException closed) {
            later.shutdownNow();
        }
    }

    private void join(Socket client) {
        try {
            Socket manager = new Socket(InetAddress.getLoopbackAddress(), port);
            pumps.execute(() -> pump(client, manager));
            pumps.execute(() -> pump(manager, client));
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }

    private static void pump(Socket from, Socket to) {
        try (from;
                to) {
            InputStream in = from.getInputStream();
            OutputStream out = to.getOutputStream();
            in.transferTo(out);
        } catch (IOException closed) {
            // One side went, and the other with it.
        }
    }

    @Override
    public void close() throws IOException {
        socket.close();
    }
}
