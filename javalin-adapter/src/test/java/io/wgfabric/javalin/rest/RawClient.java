package io.wgfabric.javalin.rest;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.TrustManager;
import org.jspecify.annotations.Nullable;

/** One connection to a manager, byte by byte, for what no HTTP client does. */
final class RawClient implements AutoCloseable {
    /** The types of HTTP/2 frames (RFC 9113 section 6). */
    static final int HEADERS = 1;

    static final int RST_STREAM = 3;
    static final int SETTINGS = 4;
    static final int PING = 6;
    static final int CONTINUATION = 9;

    /** Flags of HEADERS. */
    static final int END_STREAM = 1;

    static final int END_HEADERS = 4;

    private static final int TIMEOUT_MILLIS = 20_000;

    private final Socket raw;
    private final @Nullable SSLSocket tls;

    private RawClient(Socket raw, @Nullable SSLSocket tls) {
        this.raw = raw;
        this.tls = tls;
    }

    /** TCP alone. */
    static RawClient tcp(LoneManager manager) throws IOException {
        Socket socket = new Socket();
        // Little room for answers that are not read.
        socket.setReceiveBufferSize(4_096);
        socket.setSoTimeout(TIMEOUT_MILLIS);
        socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), manager.port()), TIMEOUT_MILLIS);
        return new RawClient(socket, null);
    }

    /** With the handshake done. */
    static RawClient tls(LoneManager manager, String protocol) throws IOException, GeneralSecurityException {
        RawClient tcp = tcp(manager);
        SSLSocket socket = (SSLSocket)
                context(manager).getSocketFactory().createSocket(tcp.raw, "127.0.0.1", manager.port(), true);
        SSLParameters parameters = socket.getSSLParameters();
        parameters.setApplicationProtocols(new String[] {protocol});
        socket.setSSLParameters(parameters);
        socket.startHandshake();
        return new RawClient(tcp.raw, socket);
    }

    /** With the handshake done and HTTP/2 begun. */
    static RawClient http2(LoneManager manager, byte[] settings) throws IOException, GeneralSecurityException {
        RawClient client = tls(manager, "h2");
        client.write("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
        client.write(frame(SETTINGS, 0, 0, settings));
        return client;
    }

    private static SSLContext context(LoneManager manager) throws GeneralSecurityException {
        SSLContext context = SSLContext.getInstance("TLSv1.3");
        context.init(null, new TrustManager[] {manager.trust()}, null);
        return context;
    }

    /** What a client says first. */
    static byte[] clientHello(LoneManager manager) throws IOException, GeneralSecurityException {
        SSLEngine engine = context(manager).createSSLEngine();
        engine.setUseClientMode(true);
        engine.beginHandshake();
        ByteBuffer hello = ByteBuffer.allocate(engine.getSession().getPacketBufferSize());
        engine.wrap(ByteBuffer.allocate(0), hello);
        byte[] bytes = new byte[hello.flip().remaining()];
        hello.get(bytes);
        return bytes;
    }

    static byte[] frame(int type, int flags, int stream, byte[] payload) {
        return ByteBuffer.allocate(9 + payload.length)
                .putInt(payload.length << 8 | type)
                .put((byte) flags)
                .putInt(stream)
                .put(payload)
                .array();
    }

    static byte[] get(String path) {
        return block("GET", path);
    }

    /** The header block of a request, in HPACK's static table and literals (RFC 7541). */
    static byte[] block(String method, String path) {
        ByteArrayOutputStream block = new ByteArrayOutputStream();
        block.write(0x87);
        literal(block, 0x02, method);
        literal(block, 0x04, path);
        literal(block, 0x01, "127.0.0.1");
        return block.toByteArray();
    }

    private static void literal(ByteArrayOutputStream block, int name, String value) {
        block.write(name);
        block.write(value.length());
        block.writeBytes(value.getBytes(StandardCharsets.US_ASCII));
    }

    void write(byte[] bytes) throws IOException {
        Socket socket = tls == null ? raw : tls;
        socket.getOutputStream().write(bytes);
        socket.getOutputStream().flush();
    }

    void write(String text) throws IOException {
        write(text.getBytes(StandardCharsets.US_ASCII));
    }

    /** A byte of the answer; -1 at its end. */
    int read() throws IOException {
        Socket socket = tls == null ? raw : tls;
        return socket.getInputStream().read();
    }

    /** Waits this long at most for what comes over TCP and drops it; false at its end. */
    boolean isOpen(int millis) throws IOException {
        raw.setSoTimeout(millis);
        try {
            return raw.getInputStream().read(new byte[65_536]) >= 0;
        } catch (SocketTimeoutException e) {
            return true;
        }
    }

    @Override
    public void close() throws IOException {
        raw.close();
    }
}
