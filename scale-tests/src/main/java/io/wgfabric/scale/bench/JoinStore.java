package io.wgfabric.scale.bench;

import static java.nio.charset.StandardCharsets.US_ASCII;

import io.wgfabric.core.codec.Json;
import io.wgfabric.core.crypto.JoinToken;
import io.wgfabric.core.crypto.PinTrust;
import io.wgfabric.core.crypto.Tls;
import io.wgfabric.core.wire.JoinRequest;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.time.InstantSource;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.Function;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocket;

/** Whole joins in place of values: what is put is ignored, and a new peer joins. Thread-safe. */
final class JoinStore implements Store {
    private static final int OK = 200;

    private final JoinRequests requests;
    private final Function<JoinRequest, CompletableFuture<?>> way;
    private final AutoCloseable closing;

    private JoinStore(JoinRequests requests, Function<JoinRequest, CompletableFuture<?>> way, AutoCloseable closing) {
        this.requests = requests;
        this.way = way;
        this.closing = closing;
    }

    private static SSLContext trust(String token) {
        JoinToken peeked = JoinToken.peek(token);
        return Tls.context(new PinTrust(peeked.cluster(), peeked.pin(), InstantSource.system()));
    }

    /** Over one HTTP/2 connection to a manager. */
    static JoinStore keeping(String address, String token) {
        HttpClient client = HttpClient.newBuilder()
                .sslContext(trust(token))
                .version(HttpClient.Version.HTTP_2)
                .connectTimeout(Duration.ofSeconds(5))
                .build();
        URI uri = URI.create("https://" + address + "/v1/join");
        return new JoinStore(
                new JoinRequests(token),
                request -> client.sendAsync(
                                HttpRequest.newBuilder(uri)
                                        .header("Content-Type", "application/json")
                                        .header(
                                                "Idempotency-Key",
                                                request.request().text())
                                        .POST(HttpRequest.BodyPublishers.ofByteArray(json(request)))
                                        .build(),
                                HttpResponse.BodyHandlers.ofByteArray())
                        .thenAccept(answer -> {
                            if (answer.statusCode() != OK) {
                                throw new IllegalStateException("answered " + answer.statusCode());
                            }
                        }),
                () -> {});
    }

    /** A new connection for each, without resumption, as a machine that joins for the first time has it. */
    static JoinStore connecting(String address, String token) {
        InetSocketAddress manager = MemberPlan.address(address);
        ExecutorService workers = Executors.newCachedThreadPool(task -> {
            Thread thread = new Thread(task, "joining");
            thread.setDaemon(true);
            return thread;
        });
        return new JoinStore(
                new JoinRequests(token),
                request -> CompletableFuture.runAsync(() -> post(manager, trust(token), request), workers),
                workers::shutdownNow);
    }

    private static void post(InetSocketAddress manager, SSLContext trust, JoinRequest request) {
        byte[] body = json(request);
        try (SSLSocket socket =
                (SSLSocket) trust.getSocketFactory().createSocket(manager.getAddress(), manager.getPort())) {
            String head = "POST /v1/join HTTP/1.1\r\nHost: " + MemberPlan.text(manager)
                    + "\r\nContent-Type: application/json\r\nConnection: close\r\nIdempotency-Key: "
                    + request.request().text() + "\r\nContent-Length: " + body.length + "\r\n\r\n";
            OutputStream out = socket.getOutputStream();
            out.write(head.getBytes(US_ASCII));
            out.write(body);
            out.flush();
            String answer = new String(socket.getInputStream().readAllBytes(), US_ASCII);
            if (!answer.startsWith("HTTP/1.1 200 ")) {
                throw new IllegalStateException(answer.lines().findFirst().orElse("no answer"));
            }
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }

    /** Through the library, in the process that the address is of. */
    static JoinStore library(InetSocketAddress address) throws IOException {
        FrontClient front = new FrontClient(address);
        String status = front.ask(Front.STATUS, "", Duration.ofSeconds(5));
        String token = status.substring(status.lastIndexOf(' ') + 1);
        return new JoinStore(new JoinRequests(token), request -> front.put(json(request)), front);
    }

    private static byte[] json(JoinRequest request) {
        return Json.mapper().writeValueAsBytes(request);
    }

    @Override
    public CompletableFuture<?> put(byte[] value) {
        return way.apply(requests.next());
    }

    @Override
    public void close() {
        try {
            closing.close();
        } catch (Exception e) {
            throw new IllegalStateException(e);
        }
    }
}
