package io.wgfabric.agent;

import io.wgfabric.api.Edition;
import io.wgfabric.api.Revision;
import io.wgfabric.core.codec.Json;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.net.ConnectException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpConnectTimeoutException;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.UUID;
import java.util.concurrent.ThreadLocalRandom;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLHandshakeException;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;

/**
 * Talks to whichever manager answers: HTTP/2 over TLS 1.3, JSON in and out. The manager that answered last is asked
 * first the next time. Thread-safe; calls block.
 */
public final class ControlClient {
    /** How long a manager may take to accept a connection, TLS included; with three managers, two dead ones cost 3 s. */
    private static final Duration CONNECT_TIMEOUT = Duration.ofMillis(1500);

    /** The same when all took longer than that: a busy manager is slow at handshakes, and better than none. */
    private static final Duration LONG_CONNECT_TIMEOUT = Duration.ofSeconds(8);

    /**
     * So long the long timeout is the first one after that. A handshake that is given up has cost the manager all the
     * same, so agents that come back together and are all in a hurry would keep it busy for nothing.
     */
    private static final Duration PATIENT = Duration.ofSeconds(30);

    /** How long a manager may take to answer; longer than it gives the cluster to decide. */
    private static final Duration ANSWER_TIMEOUT = Duration.ofSeconds(12);

    /** How long a call goes on asking while managers say that they cannot decide now: longer than an election takes. */
    private static final Duration PATIENCE = Duration.ofSeconds(6);

    /** A manager says so only once an election would be over, so there is nothing to wait for if no other says else. */
    private static final String NO_MAJORITY = "no-majority";

    private static final Duration PAUSE = Duration.ofMillis(250);

    /** The largest answer that is read, in bytes. */
    private static final int MAX_ANSWER = 64 << 20;

    /** Two ways to the same managers, by how long a connection may take. */
    private record Clients(HttpClient quick, HttpClient patient) {}

    private volatile Clients clients;
    /** Since when, by {@link System#nanoTime}, none could be connected to in time; null while one could. */
    private volatile @Nullable Long slowSince;

    private final @Nullable String bearer;
    private volatile List<String> managers;

    /**
     * @param managers {@code HOST:PORT}, at least one
     * @param bearer an operator's credential, or null for who shows a certificate or needs nothing
     */
    public ControlClient(SSLContext tls, List<String> managers, @Nullable String bearer) {
        if (managers.isEmpty()) {
            throw new IllegalArgumentException("there is no manager to ask");
        }
        this.managers = List.copyOf(managers);
        this.bearer = bearer;
        clients = clients(tls);
    }

    private ControlClient(Clients clients, String manager, @Nullable String bearer) {
        this.clients = clients;
        managers = List.of(manager);
        this.bearer = bearer;
    }

    /** The same for one manager alone. It goes on to show the certificate that is shown now. */
    public ControlClient at(String manager) {
        return new ControlClient(clients, manager, bearer);
    }

    private static Clients clients(SSLContext tls) {
        return new Clients(client(tls, CONNECT_TIMEOUT), client(tls, LONG_CONNECT_TIMEOUT));
    }

    private static HttpClient client(SSLContext tls, Duration connectTimeout) {
        return HttpClient.newBuilder()
                .sslContext(tls)
                .version(HttpClient.Version.HTTP_2)
                .connectTimeout(connectTimeout)
                .build();
    }

    /**
     * Shows another certificate from the next request on. Neither connections nor sessions of the old one are used
     * again; a stream that is open lives on until it is closed.
     */
    void setTls(SSLContext newTls) {
        clients = clients(newTls);
    }

    private boolean isSlow() {
        Long since = slowSince;
        return since != null && System.nanoTime() - since < PATIENT.toNanos();
    }

    /** Whether to try once more, with more time. */
    private boolean becomesPatient(boolean patient, boolean timedOut) {
        if (timedOut) {
            slowSince = System.nanoTime();
        }
        return timedOut && !patient;
    }

    private static boolean isTimeout(ControlException e) {
        return e.getCause() instanceof HttpConnectTimeoutException;
    }

    /** Sets which managers there are; the order is the order of asking. */
    public void setManagers(List<String> newManagers) {
        if (!newManagers.isEmpty() && !newManagers.equals(managers)) {
            String preferred = managers.get(0);
            managers = List.copyOf(newManagers);
            prefer(preferred);
        }
    }

    public List<String> managers() {
        return managers;
    }

    /** The same under a request id of its own. */
    public <T> T call(String method, String path, @Nullable Object body, Class<T> answer) {
        return call(method, path, body, answer, UUID.randomUUID().toString());
    }

    /**
     * Asks managers in turn until one decides. All attempts are one request to them: they carry one request id.
     *
     * @param answer what the answer is read as; {@code String} for its text, {@code Void} for none
     * @throws ControlException if a manager refuses, none has a majority, none could decide within 6 s, or none could be
     *     connected to, at the second try within 8 s each
     */
    public <T> T call(String method, String path, @Nullable Object body, Class<T> answer, String requestId) {
        return call(method, path, body, answer, requestId, ANSWER_TIMEOUT);
    }

    /** The same for what is soon of no more use: each manager gets this long to answer. */
    <T> T call(String method, String path, @Nullable Object body, Class<T> answer, Duration timeout) {
        return call(method, path, body, answer, UUID.randomUUID().toString(), timeout);
    }

    /** Asks one manager, once. */
    <T> T callAt(String manager, String method, String path, @Nullable Object body, Class<T> answer, Duration timeout) {
        return ask(
                clients.quick(),
                manager,
                method,
                path,
                body,
                answer,
                UUID.randomUUID().toString(),
                timeout);
    }

    private <T> T call(
            String method, String path, @Nullable Object body, Class<T> answer, String requestId, Duration timeout) {
        long deadline = System.nanoTime() + PATIENCE.toNanos();
        boolean patient = isSlow();
        while (true) {
            HttpClient client = patient ? clients.patient() : clients.quick();
            ControlException undecided = null;
            boolean hopeless = true;
            boolean slow = false;
            ControlException unreachable = null;
            for (String manager : managers) {
                try {
                    T result = ask(client, manager, method, path, body, answer, requestId, timeout);
                    prefer(manager);
                    return result;
                } catch (ControlException e) {
                    if (e.isRefusal()) {
                        throw e;
                    }
                    hopeless &= e.status() == ControlException.UNREACHABLE
                            || e.slug().equals(NO_MAJORITY);
                    undecided = e.status() == ControlException.UNREACHABLE ? undecided : e;
                    unreachable = unreachable == null || unreachable.isWithoutEffect() ? e : unreachable;
                    slow |= isTimeout(e);
                }
            }
            if (undecided == null && becomesPatient(patient, slow)) {
                patient = true;
                continue;
            }
            if (undecided == null || hopeless || System.nanoTime() > deadline) {
                throw Objects.requireNonNull(undecided == null ? unreachable : undecided);
            }
            pause();
        }
    }

    private <T> T ask(
            HttpClient client,
            String manager,
            String method,
            String path,
            @Nullable Object body,
            Class<T> answer,
            String requestId,
            Duration timeout) {
        Answer response = send(client, manager, request(manager, method, path, body, requestId, timeout));
        if (response.status() >= 400) {
            throw problem(manager, response.status(), response.body());
        }
        if (answer == Void.class) {
            return cast(answer, null);
        }
        if (answer == String.class) {
            return answer.cast(new String(response.body(), StandardCharsets.UTF_8));
        }
        try {
            return Json.mapper().readValue(response.body(), answer);
        } catch (JacksonException e) {
            throw new ControlException(
                    response.status(), "unreadable", "manager " + manager + " gave an answer that cannot be read", e);
        }
    }

    /** A call for {@code Void} has nothing to return. */
    @SuppressWarnings("NullAway")
    private static <T> T cast(Class<T> type, @Nullable Object value) {
        return type.cast(value);
    }

    /**
     * Opens a stream of lines from one manager, the preferred one first. The caller closes it; closing ends a blocked
     * read.
     *
     * @throws ControlException if a manager refuses, or none could be connected to, at the second try within 8 s each
     */
    public InputStream open(String path) {
        boolean patient = isSlow();
        while (true) {
            ControlException last = null;
            boolean slow = false;
            for (String manager : managers) {
                try {
                    HttpRequest request = request(
                                    manager, path, UUID.randomUUID().toString())
                            .timeout(ANSWER_TIMEOUT)
                            .build();
                    HttpClient client = patient ? clients.patient() : clients.quick();
                    HttpResponse<InputStream> response = sendForStream(client, manager, request);
                    prefer(manager);
                    return response.body();
                } catch (ControlException e) {
                    if (e.isRefusal()) {
                        throw e;
                    }
                    last = e;
                    slow |= isTimeout(e);
                }
            }
            if (!becomesPatient(patient, slow)) {
                throw last == null ? new ControlException(0, "unreachable", "there is no manager to ask") : last;
            }
            patient = true;
        }
    }

    @SuppressWarnings("ArrayRecordComponent")
    private record Answer(int status, byte[] body) {}

    private HttpRequest.Builder request(String manager, String path, String requestId) {
        HttpRequest.Builder builder =
                HttpRequest.newBuilder(URI.create("https://" + manager + path)).header("Idempotency-Key", requestId);
        return bearer == null ? builder : builder.header("Authorization", "Bearer " + bearer);
    }

    private HttpRequest request(
            String manager, String method, String path, @Nullable Object body, String requestId, Duration timeout) {
        return request(manager, path, requestId)
                .timeout(timeout)
                .header("Content-Type", "application/json")
                .method(
                        method,
                        body == null
                                ? BodyPublishers.noBody()
                                : BodyPublishers.ofByteArray(Json.mapper().writeValueAsBytes(body)))
                .build();
    }

    private static Answer send(HttpClient client, String manager, HttpRequest request) {
        try {
            HttpResponse<InputStream> response = client.send(request, BodyHandlers.ofInputStream());
            try (InputStream body = response.body()) {
                return new Answer(response.statusCode(), body.readNBytes(MAX_ANSWER));
            }
        } catch (IOException e) {
            throw unreachable(manager, e);
        } catch (InterruptedException e) {
            throw interrupted(e);
        }
    }

    private static HttpResponse<InputStream> sendForStream(HttpClient client, String manager, HttpRequest request) {
        try {
            HttpResponse<InputStream> response = client.send(request, BodyHandlers.ofInputStream());
            if (response.statusCode() >= 400) {
                try (InputStream body = response.body()) {
                    throw problem(manager, response.statusCode(), body.readNBytes(1 << 16));
                }
            }
            return response;
        } catch (IOException e) {
            throw unreachable(manager, e);
        } catch (InterruptedException e) {
            throw interrupted(e);
        }
    }

    private static ControlException problem(String manager, int status, byte[] body) {
        String slug = "http-" + status;
        Edition asOf = Edition.NONE;
        String detail = "manager " + manager + " answered with status " + status;
        try {
            JsonNode problem = Json.mapper().readTree(body);
            String type = problem.path("type").asString("");
            slug = type.isEmpty() ? slug : type.substring(type.lastIndexOf(':') + 1);
            detail = problem.path("detail").asString(detail);
            asOf = new Edition(
                    problem.path("epoch").asLong(0),
                    new Revision(problem.path("revision").asLong(0)));
        } catch (JacksonException | IllegalArgumentException e) {
            // What is not a problem document says no more than its status.
            return new ControlException(status, slug, detail, e);
        }
        return new ControlException(status, slug, detail, asOf);
    }

    private static ControlException unreachable(String manager, IOException e) {
        if (hasCause(e, SSLHandshakeException.class) && hasCause(e, EOFException.class)) {
            return new ControlException(
                    ControlException.UNREACHABLE,
                    "unreachable",
                    "manager " + manager + " ended the connection at once: it stops, or has too many; ask again",
                    e);
        }
        if (hasCause(e, SSLHandshakeException.class)) {
            return new ControlException(
                    ControlException.UNREACHABLE,
                    "untrusted",
                    "manager " + manager + " is not one of this cluster: " + rootMessage(e),
                    e);
        }
        if (hasCause(e, ConnectException.class) || e instanceof HttpConnectTimeoutException) {
            return new ControlException(
                    ControlException.UNREACHABLE,
                    "unreachable",
                    "no manager answers at " + manager + "; check that it runs and that its port is open",
                    e);
        }
        return new ControlException(
                ControlException.UNREACHABLE,
                ControlException.UNANSWERED,
                "manager " + manager + " gave no answer (" + rootMessage(e)
                        + "); it may have done what was asked: look, or ask the same again",
                e);
    }

    private static boolean hasCause(Throwable thrown, Class<? extends Throwable> type) {
        for (Throwable t = thrown; t != null; t = t.getCause()) {
            if (type.isInstance(t)) {
                return true;
            }
        }
        return false;
    }

    private static String rootMessage(Throwable thrown) {
        Throwable root = thrown;
        for (Throwable t = thrown; t != null; t = t.getCause()) {
            root = t;
        }
        return root.getMessage() == null ? "" : root.getMessage();
    }

    private static ControlException interrupted(InterruptedException e) {
        Thread.currentThread().interrupt();
        return new ControlException(ControlException.UNREACHABLE, "interrupted", "interrupted while asking", e);
    }

    private static void pause() {
        try {
            Thread.sleep(PAUSE.toMillis());
        } catch (InterruptedException e) {
            throw interrupted(e);
        }
    }

    /** Says something to one of the managers that are not preferred, if there is one; waits for nothing. */
    void tellAnother(String path, Object body, Duration timeout) {
        List<String> others = managers.subList(1, managers.size());
        if (!others.isEmpty()) {
            String other = others.get(ThreadLocalRandom.current().nextInt(others.size()));
            HttpRequest request =
                    request(other, "POST", path, body, UUID.randomUUID().toString(), timeout);
            var unused = clients.quick().sendAsync(request, BodyHandlers.discarding());
        }
    }

    /** Asks the preferred manager last from now on. */
    synchronized void moveOn() {
        List<String> reordered = new ArrayList<>(managers);
        reordered.add(reordered.remove(0));
        managers = List.copyOf(reordered);
    }

    private synchronized void prefer(String manager) {
        if (managers.contains(manager) && !managers.get(0).equals(manager)) {
            List<String> reordered = new ArrayList<>(managers);
            reordered.remove(manager);
            reordered.add(0, manager);
            managers = List.copyOf(reordered);
        }
    }
}
