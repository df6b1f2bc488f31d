package io.wgfabric.javalin.rest;

import java.net.InetSocketAddress;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import org.eclipse.jetty.io.Connection;
import org.eclipse.jetty.io.CyclicTimeout;
import org.eclipse.jetty.io.EndPoint;
import org.eclipse.jetty.io.ssl.SslConnection;
import org.eclipse.jetty.io.ssl.SslConnection.SslEndPoint;
import org.eclipse.jetty.server.Handler;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.util.Callback;
import org.eclipse.jetty.util.thread.Scheduler;
import org.jspecify.annotations.Nullable;

/**
 * Closes connections by {@link ConnectionLimits}. Jetty's own timeouts begin anew with every byte, so a client that sends
 * one from time to time outlives them; these do not. Thread-safe.
 *
 * <p>A connection is either between requests, and then its next one must come in time, or has some under way, and then
 * each of them must end in time. So a handshake or headers that never end need no clock of their own.
 */
final class ConnectionGuard extends Handler.Wrapper implements Connection.Listener {
    private static final String ASKED = ConnectionGuard.class.getName() + ".asked";

    private final ConnectionLimits limits;
    private final FabricMetrics metrics;
    private final Map<SslConnection, Client> clients = new ConcurrentHashMap<>();

    /** Connections that have shown no credential yet. */
    private final SourceCount newcomers;

    /** KiB of answers that wait to be read. */
    private final SourceCount unread =
            new SourceCount(ConnectionLimits.UNREAD_KIB, ConnectionLimits.UNREAD_KIB_OF_SOURCE);

    ConnectionGuard(Handler next, ConnectionLimits limits, FabricMetrics metrics) {
        super(next);
        this.limits = limits;
        this.metrics = metrics;
        newcomers = new SourceCount(limits.newcomers(), limits.newcomersOfSource());
    }

    /**
     * Takes the limit of time off an answer: it is a stream that somebody else looks after, or long, and for somebody who
     * may have it.
     *
     * @param attributes of the request
     */
    static void unlimit(Function<String, @Nullable Object> attributes) {
        if (attributes.apply(ASKED) instanceof Asked asked) {
            asked.deadline.cancel();
        }
    }

    /**
     * Says that whoever asks has a credential, or was given one: its connection is nobody's any more.
     *
     * @param attributes of the request
     */
    static void known(Function<String, @Nullable Object> attributes) {
        if (attributes.apply(ASKED) instanceof Asked asked) {
            asked.client.known();
        }
    }

    /**
     * Counts an answer that is kept in memory until its client has read it.
     *
     * @param attributes of the request
     * @return false if too much of the same source, or of all, waits to be read already
     */
    static boolean hold(Function<String, @Nullable Object> attributes, int bytes) {
        return !(attributes.apply(ASKED) instanceof Asked asked) || asked.hold(bytes / 1024);
    }

    /** How many connections there are that have shown no credential. */
    int newcomers() {
        return newcomers.size();
    }

    @Override
    public void onOpened(Connection connection) {
        // What runs within TLS is the same client's.
        if (connection instanceof SslConnection tls) {
            String source = tls.getEndPoint().getRemoteSocketAddress() instanceof InetSocketAddress remote
                    ? remote.getAddress().getHostAddress()
                    : "";
            if (!newcomers.take(source, 1)) {
                metrics.cut();
                tls.getEndPoint().close();
                return;
            }
            Client client = new Client(getServer().getScheduler(), tls.getEndPoint(), source);
            clients.put(tls, client);
            client.schedule(limits.firstRequest().toMillis(), TimeUnit.MILLISECONDS);
        }
    }

    @Override
    public void onClosed(Connection connection) {
        if (connection instanceof SslConnection tls) {
            Client client = clients.remove(tls);
            if (client != null) {
                client.left();
            }
        }
    }

    @Override
    public boolean handle(Request request, Response response, Callback callback) throws Exception {
        EndPoint endPoint = request.getConnectionMetaData().getConnection().getEndPoint();
        Client client = endPoint instanceof SslEndPoint inner ? clients.get(inner.getSslConnection()) : null;
        if (client != null) {
            client.began();
            Asked asked = new Asked(client);
            request.setAttribute(ASKED, asked);
            Request.addCompletionListener(request, failure -> asked.ended());
        }
        return super.handle(request, response, callback);
    }

    /** A request that is under way. */
    private final class Asked {
        private final Client client;
        private final Scheduler.Task deadline;
        private int heldKib;
        private boolean over;

        Asked(Client client) {
            this.client = client;
            deadline = client.getScheduler().schedule(client::onTimeoutExpired, limits.answer());
        }

        synchronized boolean hold(int kib) {
            if (over || !unread.take(client.source, kib)) {
                return false;
            }
            heldKib += kib;
            return true;
        }

        void ended() {
            deadline.cancel();
            synchronized (this) {
                over = true;
                unread.release(client.source, heldKib);
            }
            client.ended();
        }
    }

    /** The other end of one connection; it expires when that does nothing of use for too long. */
    private final class Client extends CyclicTimeout {
        private final EndPoint endPoint;
        private final String source;
        private boolean isNew = true;
        private int underWay;
        private boolean gone;

        Client(Scheduler scheduler, EndPoint endPoint, String source) {
            super(scheduler);
            this.endPoint = endPoint;
            this.source = source;
        }

        synchronized void began() {
            underWay++;
            cancel();
        }

        synchronized void known() {
            if (isNew) {
                newcomers.release(source, 1);
                isNew = false;
            }
        }

        synchronized void ended() {
            underWay--;
            if (underWay == 0 && !gone) {
                schedule(limits.nextRequest().toMillis(), TimeUnit.MILLISECONDS);
            }
        }

        synchronized void left() {
            gone = true;
            known();
            destroy();
        }

        @Override
        public void onTimeoutExpired() {
            metrics.cut();
            endPoint.close();
        }
    }
}
