package io.wgfabric.javalin.cli;

import io.wgfabric.agent.ControlClient;
import io.wgfabric.agent.ControlException;
import io.wgfabric.core.codec.Json;
import io.wgfabric.javalin.server.Access;
import java.io.IOException;
import java.io.InputStream;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;

/** How a command asks the managers, whichever answers. */
final class ClientOptions {
    private static final String DEFAULT_DATA = "/var/lib/fabric";

    private static final String STALE =
            "fabric: stale: no majority of the managers confirmed this; something newer may" + " have been decided";

    @Spec(Spec.Target.MIXEE)
    private @Nullable CommandSpec spec;

    private boolean warned;

    @Option(
            names = "--context",
            paramLabel = "FILE",
            description = "An operator's file, such as the operator.json of the first manager, or a name of 'fabric"
                    + " context list' (env FABRIC_CONTEXT).")
    private @Nullable String context;

    @Option(
            names = "--data",
            paramLabel = "DIR",
            description = "The data folder of a manager on this machine (env FABRIC_DATA, else " + DEFAULT_DATA + ").")
    private @Nullable Path data;

    private ControlClient client() throws IOException {
        Path file = operatorFile();
        return file == null ? Access.folder(folder()) : Access.operator(file);
    }

    /**
     * The operator's file to use; null if the data folder has what is needed. What is said on the command line wins over
     * the environment, and that over the context that was chosen.
     */
    @Nullable Path operatorFile() throws IOException {
        Contexts contexts = Contexts.ofUser();
        if (context != null) {
            return contexts.named(context);
        }
        if (data != null) {
            return null;
        }
        String named = System.getenv("FABRIC_CONTEXT");
        if (named != null && !named.isEmpty()) {
            return contexts.named(named);
        }
        return System.getenv("FABRIC_DATA") == null ? contexts.currentFile().orElse(null) : null;
    }

    /** Whether the operator's file was named with this very command. */
    boolean namesContext() {
        return context != null;
    }

    Path folder() {
        return dataFolder(data);
    }

    /** The folder that was named, or the usual one. */
    static Path dataFolder(@Nullable Path named) {
        if (named != null) {
            return named;
        }
        String folder = System.getenv("FABRIC_DATA");
        return Path.of(folder == null ? DEFAULT_DATA : folder);
    }

    /** @throws ControlException if a manager refuses, or none answers; the message is one line */
    JsonNode call(String method, String path, @Nullable Object body) throws IOException {
        return call(client(), method, path, body);
    }

    private JsonNode call(ControlClient client, String method, String path, @Nullable Object body) {
        try {
            String answer = client.call(method, path, body, String.class);
            JsonNode read = answer.isEmpty()
                    ? JsonNodeFactory.instance.objectNode()
                    : Json.mapper().readTree(answer);
            warnIfStale(read);
            return read;
        } catch (ControlException e) {
            if (e.status() == ControlException.UNREACHABLE && e.slug().equals("unreachable")) {
                throw new ControlException(
                        e.status(),
                        e.slug(),
                        "no manager answers at " + String.join(", ", client.managers())
                                + "; check that they run and that this machine reaches them",
                        e);
            }
            throw e;
        }
    }

    /** The bytes of an answer that is no JSON. */
    InputStream open(String path) throws IOException {
        return client().open(path);
    }

    /** Beside the answer, so that a program that reads it gets what it expects. */
    private void warnIfStale(JsonNode answer) {
        if (spec != null && !warned && answer.path("stale").asBoolean(false)) {
            warned = true;
            spec.commandLine().getErr().println(STALE);
            spec.commandLine().getErr().flush();
        }
    }

    /** The whole of a list that comes in parts. */
    ArrayNode list(String path) throws IOException {
        ControlClient client = client();
        ArrayNode all = JsonNodeFactory.instance.arrayNode();
        String after = null;
        do {
            String query = after == null ? "" : (path.contains("?") ? "&" : "?") + "after=" + encode(after);
            JsonNode page = call(client, "GET", path + query, null);
            page.path("items").forEach(all::add);
            after = page.path("next").isString() ? page.path("next").asString() : null;
        } while (after != null);
        return all;
    }

    static String encode(String part) {
        return URLEncoder.encode(part, StandardCharsets.UTF_8).replace("+", "%20");
    }
}
