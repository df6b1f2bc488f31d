package io.wgfabric.agent.wireguard;

import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.concurrent.TimeUnit;

/**
 * The configuration protocol of userspace WireGuard over its Unix socket (wireguard.com/xplatform, "Configuration
 * Protocol"). One connection for each request, each with a limit of time. Requests and answers may contain a private
 * key; whoever gets them wipes them.
 */
final class UapiSocket {
    private static final int MAX_ANSWER_BYTES = 64 << 20;
    private static final byte[] END = "\n\n".getBytes(StandardCharsets.US_ASCII);
    private static final byte[] GET = "get=1\n\n".getBytes(StandardCharsets.US_ASCII);

    private final Path path;
    private final Duration timeout;

    UapiSocket(Path path, Duration timeout) {
        this.path = path;
        this.timeout = timeout;
    }

    /** Whether a process listens. */
    boolean isServed() {
        try (SocketChannel channel = SocketChannel.open(StandardProtocolFamily.UNIX)) {
            return channel.connect(UnixDomainSocketAddress.of(path));
        } catch (IOException e) {
            return false;
        }
    }

    /** The configuration and the counters, in the text form of the protocol. */
    byte[] get() {
        return request(GET);
    }

    /** @param request with all its lines and the empty one at the end; returns the answer, which has {@code errno} */
    byte[] request(byte[] request) {
        long deadline = System.nanoTime() + timeout.toNanos();
        SecretBytes answer = new SecretBytes(MAX_ANSWER_BYTES);
        try (SocketChannel channel = SocketChannel.open(StandardProtocolFamily.UNIX);
                Selector selector = Selector.open()) {
            channel.configureBlocking(false);
            channel.connect(UnixDomainSocketAddress.of(path));
            SelectionKey key = channel.register(selector, SelectionKey.OP_WRITE);
            while (!channel.finishConnect()) {
                await(selector, deadline);
            }
            ByteBuffer out = ByteBuffer.wrap(request);
            while (out.hasRemaining()) {
                await(selector, deadline);
                channel.write(out);
            }
            key.interestOps(SelectionKey.OP_READ);
            receive(channel, selector, deadline, answer);
        } catch (IOException e) {
            throw new TunnelException("no answer from " + path + ": " + e.getMessage(), e);
        }
        byte[] bytes = answer.take();
        if (bytes == null) {
            throw new TunnelException("the answer from " + path + " is larger than is sensible");
        }
        return bytes;
    }

    private void receive(SocketChannel channel, Selector selector, long deadline, SecretBytes answer)
            throws IOException {
        ByteBuffer in = ByteBuffer.allocate(64 << 10);
        while (!answer.endsWith(END) && !answer.isFull()) {
            await(selector, deadline);
            if (channel.read(in) < 0) {
                return;
            }
            answer.append(in.array(), in.position());
            Arrays.fill(in.array(), 0, in.position(), (byte) 0);
            in.clear();
        }
    }

    private void await(Selector selector, long deadline) throws IOException {
        long left = TimeUnit.NANOSECONDS.toMillis(deadline - System.nanoTime());
        if (left <= 0) {
            throw new TunnelException(
                    "no answer from " + path + " in " + timeout.toMillis() + " ms: its process is overloaded or hangs");
        }
        selector.select(left);
        selector.selectedKeys().clear();
    }
}
