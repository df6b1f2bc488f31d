package io.wgfabric.scale.chaos;

import io.wgfabric.api.Address;
import io.wgfabric.core.codec.Json;
import io.wgfabric.scale.chaos.Parcel.End;
import io.wgfabric.scale.chaos.Parcel.Reply;
import io.wgfabric.simulation.netns.LabException;
import io.wgfabric.simulation.netns.LabHost;
import io.wgfabric.simulation.netns.LabNetwork;
import io.wgfabric.simulation.netns.Shell;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;

/** Managers as processes on machines of their own, and what an operator does with them. Thread-safe. */
final class ChaosCluster implements AutoCloseable {
    static final Duration START_LIMIT = Duration.ofMinutes(3);

    /** What the faults are made with. */
    private static final Map<String, String> PACKAGES =
            Map.of("nft", "nftables", "tc", "iproute2", "mkfs.ext4", "e2fsprogs", "losetup", "mount");

    private static final long POLL_NANOS = TimeUnit.MILLISECONDS.toNanos(50);
    private static final Duration ASK_LIMIT = Duration.ofMillis(2_500);

    private final LabNetwork network;
    private final Links links;
    private final List<ManagerHost> hosts;
    private final List<ManagerHost> members = new CopyOnWriteArrayList<>();
    private final LabHost clients;
    private final ManagerProgram program;
    private volatile @Nullable Postman postman;

    private ChaosCluster(LabNetwork network, int machines) {
        this.network = network;
        program = ManagerProgram.ofThisProcess();
        clients = network.add("c", Address.parse("10.77.9.9"));
        List<ManagerHost> made = new ArrayList<>();
        for (int i = 1; i <= machines; i++) {
            LabHost host = network.add("m" + i, Address.parse("10.77.0." + (10 + i)));
            Links.prepare(host);
            made.add(new ManagerHost(host, program, network));
        }
        hosts = List.copyOf(made);
        links = new Links(Links.kernelDelays(clients));
    }

    /** @param machines how many there are for managers; none runs yet */
    static ChaosCluster open(int machines) {
        requirePrograms();
        LabNetwork.sweep();
        LabNetwork network = LabNetwork.open(LabNetwork.Layout.BRIDGE);
        try {
            return new ChaosCluster(network, machines);
        } catch (RuntimeException e) {
            network.close();
            throw e;
        }
    }

    private static void requirePrograms() {
        LabNetwork.whyNot().ifPresent(why -> {
            throw new LabException("there can be no chaos here: " + why);
        });
        PACKAGES.forEach((program, debian) -> {
            if (!Shell.has(program)) {
                throw new LabException("'" + program + "' is not installed; in Debian it is in " + debian);
            }
        });
    }

    /** Starts so many managers, each on the next machine. */
    void found(int managers) {
        ManagerHost first = hosts.get(0);
        first.newManager();
        first.init();
        first.awaitLine(0, "operator.json", START_LIMIT);
        members.add(first);
        Path operator = network.folder().resolve("operator.json");
        try {
            Files.copy(first.seen(first.data().resolve("operator.json")), operator);
        } catch (IOException e) {
            throw new LabException("cannot read the operator's file: " + e.getMessage(), e);
        }
        postman = new Postman(
                clients.converse(Map.of(), network.logs().resolve("clients.log"), program.outpost(operator)));
        for (ManagerHost next : hosts.subList(1, managers)) {
            join(next);
        }
    }

    /**
     * Lets a manager join on a machine where none runs; returns once it has a vote. The program gives up where it
     * reaches nobody for a moment: then it is started again, as an operator would.
     */
    void join(ManagerHost host) {
        String token = managerToken();
        long deadline = System.nanoTime() + START_LIMIT.toNanos();
        host.newManager();
        while (!joined(host, token)) {
            if (System.nanoTime() > deadline) {
                throw new LabException(host + " cannot join; see " + host.log());
            }
        }
        members.add(host);
    }

    private static boolean joined(ManagerHost host, String token) {
        int since = host.logLines().size();
        host.join(token);
        try {
            host.awaitLine(since, "has joined cluster", START_LIMIT);
            return true;
        } catch (LabException e) {
            if (host.isAlive()) {
                throw e;
            }
            return false;
        }
    }

    private String managerToken() {
        JsonNode answer = decide(
                "POST",
                "/v1/tokens",
                Map.of("role", "mgmt", "ttlSeconds", 7_200, "uses", 1),
                UUID.randomUUID().toString(),
                START_LIMIT);
        return answer.path("token").asString("");
    }

    /** Removes a manager from the cluster, whether it runs or not. */
    void remove(ManagerHost host) {
        String id = nodeId(host);
        decide("DELETE", "/v1/nodes/" + id, null, UUID.randomUUID().toString(), START_LIMIT);
        members.remove(host);
    }

    private String nodeId(ManagerHost host) {
        return decide("GET", "/v1/nodes/" + host.node(), null, "-", START_LIMIT)
                .path("id")
                .asString("");
    }

    /**
     * Asks members in turn, under one request id, until one decides.
     *
     * @throws LabException if it is refused or none decides in time
     */
    JsonNode decide(String method, String path, @Nullable Object body, String key, Duration limit) {
        long deadline = System.nanoTime() + limit.toNanos();
        String last = "there is no manager";
        while (System.nanoTime() < deadline) {
            for (ManagerHost host : members) {
                if (!host.isAlive()) {
                    continue;
                }
                Reply reply = ask(host, method, path, key, body, ASK_LIMIT);
                if (reply.end() == End.ANSWERED && reply.status() < 300) {
                    return reply.body().isEmpty() ? Json.mapper().createObjectNode() : tree(reply.body());
                }
                last = host + ": " + (reply.end() == End.ANSWERED ? reply.status() + " " : "") + reply.body();
                // A look at one thing may be answered from an old state; a quorum at risk is one that soon is not.
                boolean later = reply.status() == 409 || (reply.status() == 404 && method.equals("GET"));
                boolean again = reply.status() >= 500 || later || reply.end() != End.ANSWERED;
                if (!again) {
                    throw new LabException(method + " " + path + " was refused: " + last);
                }
            }
            LockSupport.parkNanos(POLL_NANOS);
        }
        throw new LabException(method + " " + path + " was not decided in " + limit.toSeconds() + " s: " + last);
    }

    Reply ask(ManagerHost host, String method, String path, String key, @Nullable Object body, Duration timeout) {
        boolean operator = !path.equals("/v1/join");
        return postman().ask(host.api(), method, path, key, body, operator, timeout);
    }

    private Postman postman() {
        Postman current = postman;
        if (current == null) {
            throw new IllegalStateException("no manager was started yet");
        }
        return current;
    }

    /** What a manager answers to a look, if it does. */
    Optional<JsonNode> look(ManagerHost host, String path) {
        Reply reply = ask(host, "GET", path, "-", null, ASK_LIMIT);
        return reply.end() == End.ANSWERED && reply.status() == 200
                ? Optional.of(tree(reply.body()))
                : Optional.empty();
    }

    static JsonNode tree(String json) {
        try {
            return Json.mapper().readTree(json);
        } catch (JacksonException e) {
            throw new LabException("this is no JSON: " + json, e);
        }
    }

    /** Whether a manager serves: only once a majority has confirmed its state does it listen. */
    boolean serves(ManagerHost host) {
        return host.isAlive()
                && !host.isPaused()
                && ask(host, "GET", "/healthz", "-", null, Duration.ofSeconds(1))
                                .status()
                        == 200;
    }

    void awaitServing(ManagerHost host, Duration limit) {
        long deadline = System.nanoTime() + limit.toNanos();
        while (!serves(host)) {
            if (!host.isAlive() || System.nanoTime() > deadline) {
                throw new LabException(
                        host + (host.isAlive() ? " does not serve again" : " has ended") + "; see " + host.log());
            }
            LockSupport.parkNanos(POLL_NANOS);
        }
    }

    /** Who leads, as the first member says that answers. */
    Optional<ManagerHost> leader() {
        for (ManagerHost host : members) {
            if (host.isAlive() && !host.isPaused()) {
                Optional<JsonNode> status = look(host, "/v1/status");
                if (status.isPresent()) {
                    String name = status.get().path("leader").path("name").asString("");
                    return members.stream()
                            .filter(each -> each.node().equals(name))
                            .findFirst();
                }
            }
        }
        return Optional.empty();
    }

    List<ManagerHost> members() {
        return List.copyOf(members);
    }

    /** Machines without a manager. */
    List<ManagerHost> free() {
        return hosts.stream().filter(host -> !members.contains(host)).toList();
    }

    Links links() {
        return links;
    }

    Path logs() {
        return network.logs();
    }

    void keepLogs() {
        network.keepLogs(true);
    }

    Path folder() {
        return network.folder();
    }

    @Override
    public void close() {
        Postman current = postman;
        if (current != null) {
            current.close();
        }
        network.close();
    }
}
