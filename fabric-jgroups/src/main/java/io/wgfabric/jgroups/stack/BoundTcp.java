package io.wgfabric.jgroups.stack;

import java.io.IOException;
import java.net.Socket;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Semaphore;
import java.util.function.Function;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLPeerUnverifiedException;
import javax.net.ssl.SSLSocket;
import org.jgroups.Address;
import org.jgroups.Message;
import org.jgroups.PhysicalAddress;
import org.jgroups.blocks.cs.TcpConnection;
import org.jgroups.blocks.cs.TcpServer;
import org.jgroups.conf.ClassConfigurator;
import org.jgroups.protocols.BasicTCP;
import org.jgroups.protocols.TCP;
import org.jgroups.raft.util.Utils;
import org.jgroups.util.MaxOneThreadPerSender;
import org.jgroups.util.MessageBatch;
import org.jgroups.util.TLS;
import org.jgroups.util.TLSClientAuth;
import org.jgroups.util.ThreadFactory;
import org.jgroups.util.Util;
import org.jspecify.annotations.Nullable;

/**
 * JGroups' TCP on connections that know whose certificate the other end showed. Every message says by itself who sent
 * it; what says another name than its connection's certificate is dropped before any protocol sees it. So no member can
 * vote, acknowledge or lead in the name of another.
 *
 * <p>JGroups opens connections inside {@link TCP}, out of reach; hence this class beside it, with the same parts.
 */
public final class BoundTcp extends BasicTCP {
    private static final int OUTPUT_BUFFER = 1 << 17;
    private static final int INPUT_BUFFER = 1 << 16;

    /** Connections that were accepted and have not said yet who they are; more are closed. */
    private static final int MAX_HANDSHAKES = 32;

    /** Who speaks on the connection that this thread reads. */
    private static final ThreadLocal<@Nullable String> SPEAKER = new ThreadLocal<>();

    private final @Nullable SSLContext tls;
    private final Function<X509Certificate[], Optional<String>> speakers;
    private final Gate gate;
    private final Semaphore handshakes = new Semaphore(MAX_HANDSHAKES);
    private volatile @Nullable Server server;

    /**
     * @param tls null is plaintext, where everybody is who they say
     * @param speakers the member that a chain of certificates, its own first, speaks for; asked again as long as the
     *     connection lives, so it must be quick
     */
    BoundTcp(@Nullable SSLContext tls, Function<X509Certificate[], Optional<String>> speakers, Gate gate) {
        this.tls = tls;
        this.speakers = speakers;
        this.gate = gate;
        // As JGroups knows TCP, or its headers would be another protocol's.
        setId(ClassConfigurator.getProtocolId(TCP.class));
        message_processing_policy = null; // a name would replace the check by what it names
        msgProcessingPolicy(new Check());
    }

    @Override
    public void start() throws Exception {
        if (!(msg_processing_policy instanceof Check)) {
            throw new IllegalStateException("messages would not be checked");
        }
        if (tls != null) {
            setSocketFactory(new TLS()
                    .enabled(true)
                    .setSSLContext(tls)
                    .setProtocols(new String[] {"TLSv1.3"})
                    .setClientAuth(TLSClientAuth.NEED)
                    .createSocketFactory());
        }
        Server made = new Server();
        made.setBufferedInputStreamSize(INPUT_BUFFER)
                .setBufferedOutputStreamSize(OUTPUT_BUFFER)
                .peerAddressReadTimeout(peer_addr_read_timeout)
                .usePeerConnections(true)
                .socketFactory(getSocketFactory())
                .receiver(this)
                .timeService(time_service)
                .socketConnectionTimeout(sock_conn_timeout)
                .tcpNodelay(tcp_nodelay)
                .linger(linger)
                .clientBindAddress(client_bind_addr)
                .clientBindPort(client_bind_port)
                .deferClientBinding(defer_client_bind_addr)
                .log(log)
                .logDetails(log_details)
                .addConnectionListener(this);
        server = made;
        super.start();
    }

    @Override
    public void stop() {
        super.stop();
        Util.close(server);
    }

    @Override
    protected void handleConnect() throws Exception {
        running().start();
        connected = true;
        super.handleConnect();
    }

    @Override
    protected void handleDisconnect() {
        super.handleDisconnect();
        connected = false;
        running().stop();
    }

    private Server running() {
        Server current = server;
        if (current == null) {
            throw new IllegalStateException("the transport was not started");
        }
        return current;
    }

    @Override
    protected @Nullable PhysicalAddress getPhysicalAddress() {
        Server current = server;
        return current == null ? null : (PhysicalAddress) current.localAddress();
    }

    @Override
    public void send(Address to, byte[] data, int offset, int length) throws Exception {
        Server current = server;
        if (current != null) {
            current.send(to, data, offset, length);
        }
    }

    @Override
    public void retainAll(Collection<Address> members) {
        running().retainAll(members, is_member);
    }

    @Override
    public String printConnections() {
        return running().printConnections();
    }

    @Override
    public BasicTCP clearConnections(boolean graceful) {
        running().clearConnections(graceful);
        return this;
    }

    /** Closes connections to whom the gate has shut out since. May block for a moment. */
    void closeRefused() {
        Server current = server;
        if (current == null || tls == null) {
            return;
        }
        List<Line> refused = new ArrayList<>();
        current.forAllConnections((address, connection) -> {
            if (connection instanceof Line line && !line.isWelcome()) {
                refused.add(line);
            }
        });
        for (Line line : refused) {
            Util.close(() -> line.close(false));
            current.removeConnectionIfPresent(line.peerAddress(), line);
        }
    }

    /** Opens connections, and accepts them. */
    private final class Server extends TcpServer {
        Server() throws Exception {
            super(
                    getThreadFactory(),
                    getSocketFactory(),
                    bind_addr,
                    bind_port,
                    bind_port + port_range,
                    external_addr,
                    external_port,
                    BoundTcp.this.recv_buf_size);
            acceptor = factory.newThread(new Accepting(), "TcpServer.Acceptor[" + srv_sock.getLocalPort() + "]");
        }

        @Override
        protected TcpConnection createConnection(Address to) throws Exception {
            return new Line(to, this);
        }

        /** A stranger that connects and then says nothing holds up nobody else. */
        private final class Accepting extends Acceptor {
            @Override
            protected void handleAccept(Socket socket) {
                if (!handshakes.tryAcquire()) {
                    Util.close(socket);
                    return;
                }
                factory.newThread(() -> greet(socket), "TcpServer.Handshake").start();
            }
        }

        private void greet(Socket socket) {
            try {
                Line line = new Line(socket, this);
                if (line.isWelcome()) {
                    handleIncomingConnection(line.peerAddress(), line);
                } else {
                    line.close(false);
                }
                // Stopping closes what it knows, and does not wait for handshakes: the other end would go on to believe
                // in
                // a connection that nobody reads, and refuse the next one of a member that is started again.
                if (!running()) {
                    line.close(false);
                }
            } catch (Exception e) {
                log.debug("%s: a connection from %s came to nothing: %s", local_addr, socket, e.getMessage());
                Util.close(socket);
            } finally {
                handshakes.release();
            }
        }
    }

    /** A connection, and who is at its other end. */
    private final class Line extends TcpConnection {
        private volatile X509Certificate @Nullable [] shown;

        /** One to be opened. */
        Line(Address to, Server server) throws Exception {
            super(to, server);
        }

        /** One that was accepted. The handshake is over when this returns, since the peer's address was read. */
        Line(Socket socket, Server server) throws Exception {
            super(socket, server);
            shown = identify();
        }

        @Override
        protected void connect(Address to, boolean tellAddress) throws Exception {
            super.connect(to, tellAddress);
            shown = identify();
            if (!isWelcome()) {
                close(false);
                throw new IOException("the manager at " + to + " is not admitted here");
            }
        }

        /** The session keeps the certificates when it is resumed, and then no trust manager is asked. */
        private X509Certificate @Nullable [] identify() throws SSLPeerUnverifiedException {
            return sock instanceof SSLSocket secured
                            && secured.getSession().getPeerCertificates() instanceof X509Certificate[] chain
                    ? chain
                    : null;
        }

        private @Nullable String speaker() {
            X509Certificate[] chain = shown;
            return chain == null ? null : speakers.apply(chain).orElse(null);
        }

        boolean isWelcome() {
            String who = speaker();
            if (tls == null || (who != null && gate.replicates(who))) {
                return true;
            }
            gate.refused(who == null ? "a certificate of no member" : who, "it is no member, or was removed");
            return false;
        }

        @Override
        public void start() {
            Receiver before = receiver;
            if (before != null) {
                before.stop();
            }
            receiver = new Reader(getThreadFactory()).start();
        }

        private final class Reader extends Receiver {
            Reader(ThreadFactory threads) {
                super(threads);
            }

            @Override
            public void run() {
                SPEAKER.set(speaker());
                try {
                    super.run();
                } finally {
                    SPEAKER.remove();
                }
            }
        }
    }

    /** Sees every message on the thread that read it, before it goes to the protocols. */
    private final class Check extends MaxOneThreadPerSender {
        @Override
        public boolean process(Message message, boolean oob) {
            return isTrue(message.getSrc()) && super.process(message, oob);
        }

        @Override
        public boolean process(MessageBatch batch, boolean oob) {
            if (!isTrue(batch.sender())) {
                return false;
            }
            for (Message message : batch) {
                if (!batch.sender().equals(message.getSrc())) {
                    gate.refused(String.valueOf(SPEAKER.get()), "it sent a message under another's name");
                    return false;
                }
            }
            return super.process(batch, oob);
        }

        private boolean isTrue(@Nullable Address source) {
            if (tls == null) {
                return source != null;
            }
            String who = SPEAKER.get();
            if (source == null || who == null || !who.equals(Utils.extractRaftId(source))) {
                gate.refused(String.valueOf(who), "it sent a message under another's name");
                return false;
            }
            if (!gate.replicates(who)) {
                gate.refused(who, "it was removed");
                return false;
            }
            return true;
        }
    }
}
