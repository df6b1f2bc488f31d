package io.wgfabric.javalin.rest;

import io.wgfabric.core.codec.Json;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import javax.net.ssl.SSLContext;
import org.jspecify.annotations.Nullable;

/** Asks one manager, with whatever credential. */
final class Client {
    private final String base;
    private final HttpClient http;
    private final @Nullable String bearer;

    Client(int port, SSLContext tls, @Nullable String bearer) {
        base = "https://127.0.0.1:" + port;
        http = HttpClient.newBuilder().sslContext(tls).build();
        this.bearer = bearer;
    }

    private HttpRequest.Builder request(String path) {
        HttpRequest.Builder builder =
                HttpRequest.newBuilder(URI.create(base + path)).timeout(Duration.ofSeconds(20));
        return bearer == null ? builder : builder.header("Authorization", "Bearer " + bearer);
    }

    Reply ask(String method, String path) throws IOException, InterruptedException {
        return send(request(path).method(method, BodyPublishers.noBody()).build());
    }

    Reply ask(String method, String path, Object body) throws IOException, InterruptedException {
        String text = body instanceof String string ? string : Json.mapper().writeValueAsString(body);
        return send(request(path).method(method, BodyPublishers.ofString(text)).build());
    }

    /** @param body text as it is; null for none */
    Reply ask(String method, String path, @Nullable Object body, String idempotencyKey)
            throws IOException, InterruptedException {
        String text = body instanceof String string ? string : Json.mapper().writeValueAsString(body);
        return send(request(path)
                .header("Idempotency-Key", idempotencyKey)
                .method(method, body == null ? BodyPublishers.noBody() : BodyPublishers.ofString(text))
                .build());
    }

    /** What is answered in place of a stream, or null if the stream was opened; it is closed again. */
    @Nullable Reply refusedStream(String path) throws IOException, InterruptedException {
        HttpResponse<InputStream> response = http.send(request(path).build(), BodyHandlers.ofInputStream());
        try (InputStream body = response.body()) {
            if (response.statusCode() == 200) {
                return null;
            }
            return new Reply(
                    response.statusCode(),
                    new String(body.readAllBytes(), StandardCharsets.UTF_8),
                    response.headers().firstValue("content-type").orElse(""),
                    response.headers().firstValue("retry-after").orElse(""),
                    response.headers().firstValue("allow").orElse(""),
                    false,
                    response.version());
        }
    }

    Reply askOver(HttpClient.Version version, String path) throws IOException, InterruptedException {
        return send(request(path).version(version).build());
    }

    private Reply send(HttpRequest request) throws IOException, InterruptedException {
        HttpResponse<String> response = http.send(request, BodyHandlers.ofString());
        return new Reply(
                response.statusCode(),
                response.body(),
                response.headers().firstValue("content-type").orElse(""),
                response.headers().firstValue("retry-after").orElse(""),
                response.headers().firstValue("allow").orElse(""),
                response.headers().firstValue("fabric-stale").isPresent(),
                response.version());
    }

    /** A stream that is open; the caller closes it. */
    InputStream open(String path) throws IOException, InterruptedException {
        HttpResponse<InputStream> response = http.send(request(path).build(), BodyHandlers.ofInputStream());
        if (response.statusCode() != 200) {
            throw new IOException("status " + response.statusCode());
        }
        return response.body();
    }
}
