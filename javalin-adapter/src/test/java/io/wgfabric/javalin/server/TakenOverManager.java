package io.wgfabric.javalin.server;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsServer;
import io.wgfabric.agent.NodeStore;
import io.wgfabric.api.Role;
import io.wgfabric.core.crypto.FabricTrust;
import io.wgfabric.core.crypto.ShownCertificate;
import io.wgfabric.core.crypto.Tls;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import javax.net.ssl.SSLContext;

/**
 * What a manager is whose program was replaced: it has the manager's own TLS key, and passes on what the honest one
 * behind it says, as far as it likes. Toward the honest one it shows the certificate of the node that asks it.
 */
final class TakenOverManager implements AutoCloseable {
    private static final Set<String> PASSED = Set.of("content-type", "idempotency-key");

    /** Does something with a configuration's line before it goes out. */
    interface Tamper {
        Tamper NONE = (line, out) -> send(line, out);

        /** @throws IOException to cut the stream */
        void pass(String line, OutputStream out) throws IOException;

        static void send(String line, OutputStream out) throws IOException {
            out.write((line + "\n").getBytes(StandardCharsets.UTF_8));
            out.flush();
        }
    }

    private final HttpsServer server;
    private final ExecutorService threads = Executors.newCachedThreadPool();
    private final int honest;
    private final List<String> heard = new ArrayList<>();
    private volatile HttpClient asNode;
    private volatile Tamper tamper = Tamper.NONE;

    /** @param honest the port of the manager's own program */
    TakenOverManager(NodeStore manager, int port, int honest) throws IOException {
        this.honest = honest;
        asNode = HttpClient.newBuilder().sslContext(tls(manager)).build();
        server = HttpsServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), 50);
        server.setHttpsConfigurator(new HttpsConfigurator(tls(manager)));
        server.createContext("/", this::handle);
        server.setExecutor(threads);
        server.start();
    }

    private static SSLContext tls(NodeStore node) throws IOException {
        FabricTrust managers = new FabricTrust(
                node::believed, node.identity().cluster(), who -> who.role() == Role.MGMT, InstantSource.system());
        return Tls.context(new ShownCertificate(node.tlsKey(), node.certificate(), node.authorities()), managers);
    }

    /** Whose questions it passes on from now on; until then as the manager itself. */
    void serve(NodeStore node) throws IOException {
        asNode = HttpClient.newBuilder().sslContext(tls(node)).build();
    }

    void tamper(Tamper next) {
        tamper = next;
    }

    /** The lines of configurations that the honest one has sent. */
    List<String> heard() {
        synchronized (heard) {
            return List.copyOf(heard);
        }
    }

    private void handle(HttpExchange exchange) throws IOException {
        try (exchange) {
            HttpRequest.Builder request =
                    HttpRequest.newBuilder(URI.create("https://127.0.0.1:" + honest + exchange.getRequestURI()));
            exchange.getRequestHeaders().forEach((name, values) -> {
                if (PASSED.contains(name.toLowerCase(Locale.ROOT))) {
                    request.header(name, values.get(0));
                }
            });
            request.method(
                    exchange.getRequestMethod(),
                    BodyPublishers.ofByteArray(exchange.getRequestBody().readAllBytes()));
            HttpResponse<InputStream> response = asNode.send(request.build(), BodyHandlers.ofInputStream());
            try (InputStream body = response.body()) {
                boolean empty = response.statusCode() == 204;
                exchange.sendResponseHeaders(response.statusCode(), empty ? -1 : 0);
                if (exchange.getRequestURI().getPath().equals("/v1/watch") && response.statusCode() == 200) {
                    pass(body, exchange.getResponseBody());
                } else if (!empty) {
                    body.transferTo(exchange.getResponseBody());
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void pass(InputStream from, OutputStream to) throws IOException {
        BufferedReader lines = new BufferedReader(new InputStreamReader(from, StandardCharsets.UTF_8));
        for (String line = lines.readLine(); line != null; line = lines.readLine()) {
            if (line.startsWith("{\"netmap\"") || line.startsWith("{\"signature\"")) {
                synchronized (heard) {
                    heard.add(line);
                }
                tamper.pass(line, to);
            } else {
                Tamper.send(line, to);
            }
        }
    }

    @Override
    public void close() {
        server.stop(0);
        threads.shutdownNow();
    }
}
