package io.wgfabric.scale.bench;

import io.wgfabric.agent.ControlClient;
import io.wgfabric.agent.ControlException;
import io.wgfabric.core.codec.Json;
import io.wgfabric.javalin.cli.FabricCommand;
import io.wgfabric.javalin.server.Access;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/**
 * Three managers as operators run them, {@code fabric server init}, {@code join} and {@code run}, each in a process of
 * its own on the loopback address, without tunnels.
 */
public final class FabricManagers implements AutoCloseable {
    private static final Duration LIMIT = Duration.ofMinutes(3);
    private static final int PORTS_BELOW_EPHEMERAL = 20_000;

    /** A manager that does not start for any other reason than a busy machine will not the next time either. */
    private static final int MAX_RESTARTS = 5;

    private final Path folder;
    private final List<String> jvm;
    private final List<String> apis = new ArrayList<>();
    private final List<Child> children = new ArrayList<>();
    private @Nullable ControlClient operator;

    private FabricManagers(Path folder, List<String> jvm) {
        this.folder = folder;
        this.jvm = List.copyOf(jvm);
    }

    /** @param jvm options of Java, such as the size of the heap */
    public static FabricManagers start(Path folder, List<String> jvm) throws IOException {
        Files.createDirectories(folder);
        FabricManagers managers = new FabricManagers(folder, jvm);
        try {
            for (int i = 0; i < Members.COUNT; i++) {
                managers.add(i);
            }
            managers.awaitAll();
            return managers;
        } catch (IOException | RuntimeException e) {
            managers.close();
            throw e;
        }
    }

    public static String name(int number) {
        return "m" + (number + 1);
    }

    private Path data(int number) {
        return folder.resolve(name(number));
    }

    private void add(int number) throws IOException {
        int port = Child.freePort().getPort();
        int replication = Child.freePort().getPort();
        apis.add("127.0.0.1:" + port);
        List<String> arguments = new ArrayList<>(List.of("server", number == 0 ? "init" : "join"));
        if (number > 0) {
            arguments.addAll(List.of("--token", token("mgmt", 1)));
        }
        arguments.addAll(List.of(
                "--name",
                name(number),
                "--advertise",
                "127.0.0.1:" + port,
                "--bind",
                "127.0.0.1",
                "--port",
                Integer.toString(port),
                "--replication-port",
                Integer.toString(replication),
                "--wireguard-port",
                Integer.toString(PORTS_BELOW_EPHEMERAL + 2 * number),
                "--data",
                data(number).toString(),
                "--no-tunnel"));
        children.add(launch(number, arguments));
        Path credential = data(0).resolve("operator.json");
        int[] restarts = {0};
        Child.await(name(number) + " serves", LIMIT, () -> {
            if (!child(number).isAlive()) {
                if (restarts[0]++ == MAX_RESTARTS) {
                    throw new IllegalStateException(name(number) + " does not start; see its log in " + folder);
                }
                restart(number, arguments); // a busy machine did not let it reach the first one in time
            }
            return Files.exists(credential) && serves(number);
        });
        operator = Access.operator(credential);
        operator.setManagers(List.copyOf(apis));
    }

    private Child launch(int number, List<String> arguments) throws IOException {
        return Child.start(folder.resolve(name(number) + ".log"), Child.java(jvm, FabricCommand.class, arguments));
    }

    /** Starts one again that was killed; does not wait until it serves. */
    public void restart(int number) {
        restart(number, List.of("server", "run", "--data", data(number).toString()));
    }

    private void restart(int number, List<String> arguments) {
        try {
            children.set(number, launch(number, arguments));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    public Process process(int number) {
        return child(number).process();
    }

    Child child(int number) {
        return children.get(number);
    }

    public List<String> apis() {
        return List.copyOf(apis);
    }

    private ControlClient operator() {
        return Objects.requireNonNull(operator, "no manager serves yet");
    }

    /** A join token for so many uses, 0 for any number; it names the managers that there are. */
    public String token(String role, int uses) {
        JsonNode answer = Json.mapper()
                .readTree(operator()
                        .call(
                                "POST",
                                "/v1/tokens",
                                Map.of("role", role, "ttlSeconds", 86_400, "uses", uses),
                                String.class));
        return answer.path("token").asString();
    }

    /** @param topology {@code mesh}, as it is at first, or {@code hub} */
    void setTopology(String topology) {
        operator().call("PUT", "/v1/mesh", Map.of("topology", topology), Void.class);
    }

    private @Nullable JsonNode status(int number) {
        try {
            ControlClient one = Access.operator(data(0).resolve("operator.json"));
            one.setManagers(List.of(apis.get(number)));
            return Json.mapper().readTree(one.call("GET", "/v1/status", null, String.class));
        } catch (IOException | ControlException e) {
            return null;
        }
    }

    private boolean serves(int number) {
        JsonNode status = status(number);
        return status != null
                && status.path("manager").path("name").asString("").equals(name(number));
    }

    /** Waits until each is up, sees all others, and all of them have a vote. */
    public void awaitAll() {
        Child.await("three managers that vote", LIMIT, () -> {
            for (int i = 0; i < Members.COUNT; i++) {
                JsonNode status = status(i);
                if (status == null
                        || status.path("stale").asBoolean(false)
                        || status.path("voters").size() != Members.COUNT
                        || voting(status) != Members.COUNT) {
                    return false;
                }
            }
            return true;
        });
    }

    private static long voting(JsonNode status) {
        long voting = 0;
        for (JsonNode manager : status.path("managers")) {
            String role = manager.path("role").asString("");
            voting += role.equals("leader") || role.equals("follower") ? 1 : 0;
        }
        return voting;
    }

    public int leader() {
        List<String> names = List.of(name(0), name(1), name(2));
        List<Integer> found = new ArrayList<>();
        Child.await("a leader of the managers", LIMIT, () -> {
            JsonNode status = status(0);
            found.clear();
            found.add(
                    status == null
                            ? -1
                            : names.indexOf(status.path("leader").path("name").asString("")));
            return found.get(0) >= 0;
        });
        return found.get(0);
    }

    /** Removes the peers, so that joins do not become slower from one kill to the next. */
    int removePeers() {
        int removed = 0;
        JsonNode page = Json.mapper().readTree(operator().call("GET", "/v1/nodes", null, String.class));
        for (JsonNode node : page.path("items")) {
            if (node.path("role").asString("").equals("peer")) {
                operator().call("DELETE", "/v1/nodes/" + node.path("id").asString(), null, Void.class);
                removed++;
            }
        }
        return removed;
    }

    @Override
    public void close() {
        children.forEach(Child::close);
    }
}
