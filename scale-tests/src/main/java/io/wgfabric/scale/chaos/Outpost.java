package io.wgfabric.scale.chaos;

import io.wgfabric.api.Role;
import io.wgfabric.core.codec.Json;
import io.wgfabric.core.crypto.Certificates;
import io.wgfabric.core.crypto.FabricTrust;
import io.wgfabric.core.crypto.Tls;
import io.wgfabric.javalin.server.OperatorFile;
import io.wgfabric.scale.chaos.Parcel.Ask;
import io.wgfabric.scale.chaos.Parcel.End;
import io.wgfabric.scale.chaos.Parcel.Reply;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.net.ConnectException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpConnectTimeoutException;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Map;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ConcurrentHashMap;
import javax.net.ssl.SSLContext;
import org.jspecify.annotations.Nullable;

/**
 * The clients' end of the wire, as a process in a network namespace: the driver's own has no way to the managers. Reads
 * an {@link Ask} a line, each for one manager and over a connection of its own kind, and writes a {@link Reply} a line
 * in the order in which they come. Ends with its input.
 */
final class Outpost {
    private static final Duration CONNECT = Duration.ofSeconds(1);

    private final OperatorFile operator;
    private final SSLContext tls;
    private final PrintStream out;
    private final Map<String, HttpClient> clients = new ConcurrentHashMap<>();

    private Outpost(OperatorFile operator, PrintStream out) {
        this.operator = operator;
        this.out = out;
        tls = Tls.context(new FabricTrust(
                Certificates.decode(operator.authority()),
                operator.cluster(),
                identity -> identity.role() == Role.MGMT,
                InstantSource.system()));
    }

    /** @param arguments the operator's file */
    public static void main(String[] arguments) throws IOException {
        PrintStream out = new PrintStream(System.out, false, StandardCharsets.UTF_8);
        Outpost outpost = new Outpost(OperatorFile.read(Path.of(arguments[0])), out);
        BufferedReader in = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        for (String line = in.readLine(); line != null; line = in.readLine()) {
            outpost.ask(Json.mapper().readValue(line, Ask.class));
        }
        // Requests that are under way have no one to answer to.
        Runtime.getRuntime().halt(0);
    }

    /** One client a manager, so that none is asked over what belongs to another. */
    private HttpClient client(String manager) {
        return clients.computeIfAbsent(
                manager,
                name -> HttpClient.newBuilder()
                        .sslContext(tls)
                        .version(HttpClient.Version.HTTP_2)
                        .connectTimeout(CONNECT)
                        .build());
    }

    private void ask(Ask ask) {
        HttpRequest.Builder request = HttpRequest.newBuilder(URI.create("https://" + ask.manager() + ask.path()))
                .timeout(Duration.ofMillis(ask.timeoutMillis()))
                .header("Idempotency-Key", ask.key())
                .header("Content-Type", "application/json")
                .method(
                        ask.method(),
                        ask.body() == null ? BodyPublishers.noBody() : BodyPublishers.ofString(ask.body()));
        if (ask.operator()) {
            request.header("Authorization", "Bearer " + operator.credential());
        }
        var unused = client(ask.manager())
                .sendAsync(request.build(), BodyHandlers.ofString())
                .whenComplete((answer, failure) -> reply(ask, answer, failure));
    }

    private void reply(Ask ask, @Nullable HttpResponse<String> answer, @Nullable Throwable failure) {
        Reply reply = answer != null
                ? new Reply(ask.id(), End.ANSWERED, answer.statusCode(), answer.body())
                : new Reply(ask.id(), end(failure), 0, String.valueOf(failure));
        String line = Json.mapper().writeValueAsString(reply);
        synchronized (out) {
            out.println(line);
            out.flush();
        }
    }

    private static End end(@Nullable Throwable failure) {
        Throwable cause = failure instanceof CompletionException ? failure.getCause() : failure;
        return cause instanceof ConnectException || cause instanceof HttpConnectTimeoutException
                ? End.NOT_CONNECTED
                : End.NO_ANSWER;
    }
}
