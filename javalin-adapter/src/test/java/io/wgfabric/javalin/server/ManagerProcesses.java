package io.wgfabric.javalin.server;

import static org.awaitility.Awaitility.await;

import io.wgfabric.agent.ControlClient;
import io.wgfabric.api.Role;
import io.wgfabric.core.crypto.Certificates;
import io.wgfabric.core.crypto.FabricTrust;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/** A cluster of managers that are processes, and the first operator, who asks whichever of them answers. */
final class ManagerProcesses implements AutoCloseable {
    private static final Duration PATIENCE = Duration.ofMinutes(2);
    private static final int PAGE = 500;

    private final List<ManagerProcess> managers = new ArrayList<>();
    private @Nullable ControlClient operator;

    /** Starts this many, named m1 and so on; what was begun is ended by {@link #close} even if one does not start. */
    void start(Path root, int count) throws IOException {
        for (int i = 1; i <= count; i++) {
            ManagerProcess manager = new ManagerProcess(root, "m" + i);
            managers.add(manager);
            if (i == 1) {
                manager.init(Map.of());
                operator = Access.operator(DataFolder.operatorFile(manager.data()));
            } else {
                manager.join(token("mgmt").path("token").asString(""), Map.of());
            }
        }
        operator().setManagers(managers.stream().map(ManagerProcess::api).toList());
    }

    List<ManagerProcess> all() {
        return List.copyOf(managers);
    }

    private ControlClient operator() {
        return Objects.requireNonNull(operator, "the first manager has started");
    }

    JsonNode ask(String method, String path, @Nullable Object body) {
        return TestPeer.patiently(operator(), method, path, body, JsonNode.class);
    }

    /** A new one for one node. */
    JsonNode token(String role) {
        return ask("POST", "/v1/tokens", Map.of("role", role, "uses", 1));
    }

    /** How a node that wants to join knows the managers. */
    FabricTrust trust() throws IOException {
        OperatorFile file =
                OperatorFile.read(DataFolder.operatorFile(managers.get(0).data()));
        return new FabricTrust(
                Certificates.decode(file.authority()),
                file.cluster(),
                identity -> identity.role() == Role.MGMT,
                InstantSource.system());
    }

    /** Who leads once all of them take part. */
    ManagerProcess leader() {
        await().atMost(PATIENCE)
                .until(() -> ask("GET", "/v1/status", null)
                                .path("managers")
                                .valueStream()
                                .filter(each -> each.path("role").asString("").matches("leader|follower"))
                                .count()
                        == managers.size());
        String name = ask("GET", "/v1/status", null).path("leader").path("name").asString("");
        return managers.stream().filter(m -> m.name().equals(name)).findFirst().orElseThrow();
    }

    int nodes() {
        return ask("GET", "/v1/status", null).path("nodes").path("total").asInt();
    }

    /** The entries after the one of this number, the oldest first. */
    List<JsonNode> audit(long after) {
        List<JsonNode> entries = new ArrayList<>();
        long next = after;
        JsonNode items;
        do {
            JsonNode page = ask("GET", "/v1/audit?limit=" + PAGE + "&after=" + next, null);
            items = page.path("items");
            items.forEach(entries::add);
            next = page.path("next").asLong();
        } while (!items.isEmpty());
        return entries;
    }

    /** The number of the newest entry. */
    long audited() {
        return ask("GET", "/v1/audit?limit=1", null).path("next").asLong();
    }

    @Override
    public void close() {
        managers.forEach(ManagerProcess::close);
    }
}
