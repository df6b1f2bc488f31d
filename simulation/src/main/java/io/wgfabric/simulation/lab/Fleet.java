package io.wgfabric.simulation.lab;

import io.wgfabric.api.Address;
import io.wgfabric.simulation.netns.LabException;
import io.wgfabric.simulation.netns.LabHost;
import io.wgfabric.simulation.netns.LabNetwork;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.regex.Pattern;
import tools.jackson.databind.JsonNode;

/** The nodes of the lab and what an operator does with them, each through the real program. Thread-safe. */
public final class Fleet {
    /** How often something is looked at that will change soon. */
    private static final long POLL_NANOS = TimeUnit.MILLISECONDS.toNanos(10);

    private static final Duration START_LIMIT = Duration.ofSeconds(60);
    private static final String INTERFACE = "wgf0";

    /** What a manager prints when it serves. */
    private static final Pattern SERVES = Pattern.compile("is up\\.|has joined cluster|serves again");

    private static final int PEERS_OF_A_GROUP = 200;

    private final LabNetwork network;
    private final FabricProgram program;
    private final List<LabNode> nodes = new CopyOnWriteArrayList<>();

    public Fleet(LabNetwork network, FabricProgram program) {
        this.network = network;
        this.program = program;
    }

    public FabricProgram program() {
        return program;
    }

    /** In the order in which they were added. */
    public List<LabNode> nodes() {
        return List.copyOf(nodes);
    }

    public List<LabNode> managers() {
        return nodes.stream().filter(LabNode::isManager).toList();
    }

    public List<LabNode> peers() {
        return nodes.stream().filter(node -> !node.isManager()).toList();
    }

    public LabNode node(String name) {
        return nodes.stream()
                .filter(node -> node.name().equals(name))
                .findFirst()
                .orElseThrow(() -> new LabException("there is no node " + name + " in this lab"));
    }

    /** A machine for a manager or a peer; nothing runs on it yet. */
    public LabNode add(boolean manager) {
        int number = (manager ? managers() : peers()).size() + 1;
        LabNode node = bystander((manager ? "m" : "p") + number, manager ? manager(number) : peer(number), manager);
        nodes.add(node);
        return node;
    }

    /** A peer on a machine that is there already. */
    LabNode adopt(LabHost host) {
        LabNode node = node(host, false);
        nodes.add(node);
        return node;
    }

    /** A machine that is not counted among the nodes. */
    LabNode bystander(String name, Address address, boolean manager) {
        return node(network.add(name, address), manager);
    }

    private LabNode node(LabHost host, boolean manager) {
        return new LabNode(
                host,
                manager,
                network.folder().resolve("nodes").resolve(host.name()),
                network.logs().resolve(host.name() + ".log"));
    }

    private static Address manager(int number) {
        return Address.parse("10.77.0." + (10 + number));
    }

    private static Address peer(int number) {
        return Address.parse(
                "10.77." + (1 + (number - 1) / PEERS_OF_A_GROUP) + "." + (1 + (number - 1) % PEERS_OF_A_GROUP));
    }

    /** Starts the first manager; answers how long it took until it served. */
    public Duration found(LabNode first) {
        return serve(
                first,
                List.of(
                        "server",
                        "init",
                        "--name",
                        first.name(),
                        "--advertise",
                        first.host().address().toString(),
                        "--data",
                        first.data().toString(),
                        "--interface",
                        INTERFACE));
    }

    /** Lets one more manager join; answers how long it took until it served. */
    public Duration joinManager(LabNode node, String token) {
        return serve(
                node,
                List.of(
                        "server",
                        "join",
                        "--token",
                        token,
                        "--name",
                        node.name(),
                        "--advertise",
                        node.host().address().toString(),
                        "--data",
                        node.data().toString(),
                        "--interface",
                        INTERFACE));
    }

    /** Starts a manager again; answers how long it took until it served. */
    public Duration restart(LabNode node) {
        return serve(node, List.of("server", "run", "--data", node.data().toString()));
    }

    /** Starts a peer's agent again, and does not wait for it. */
    public void resume(LabNode node) {
        program.start(node, List.of("peer", "run", "--data", node.data().toString()));
    }

    private Duration serve(LabNode node, List<String> arguments) {
        long start = System.nanoTime();
        int before = node.lastWords(Integer.MAX_VALUE).size();
        program.start(node, arguments);
        await(
                node,
                "did not serve",
                () -> node.lastWords(Integer.MAX_VALUE).stream()
                        .skip(before)
                        .anyMatch(line -> SERVES.matcher(line).find()));
        return Times.since(start);
    }

    static List<String> joinArguments(LabNode node, String token) {
        return List.of(
                "peer",
                "join",
                "--token",
                token,
                "--name",
                node.name(),
                "--data",
                node.data().toString(),
                "--interface",
                INTERFACE);
    }

    /** Lets a peer join; answers how long it took until another node answered through the tunnel. */
    public Duration joinPeer(LabNode node, String token, LabNode other) {
        Address target = other.v4().orElseThrow(() -> new LabException(other + " has no overlay address"));
        long start = System.nanoTime();
        program.start(node, joinArguments(node, token));
        Process probe = node.host().untilAnswer(target);
        try {
            await(node, "reaches nobody", () -> !probe.isAlive());
        } finally {
            probe.destroyForcibly();
        }
        Duration took = Times.since(start);
        node.joined(took);
        return took;
    }

    private static void await(LabNode node, String failure, BooleanSupplier condition) {
        long deadline = System.nanoTime() + START_LIMIT.toNanos();
        while (!condition.getAsBoolean()) {
            if (!node.isAlive()) {
                node.setState("failed");
                throw new NodeFailure(
                        node, "ended with exit status " + node.process().exitValue());
            }
            if (System.nanoTime() > deadline || Thread.currentThread().isInterrupted()) {
                node.setState("failed");
                throw new NodeFailure(node, failure + " within " + START_LIMIT.toSeconds() + " s");
            }
            LockSupport.parkNanos(POLL_NANOS);
        }
    }

    /** Asks a manager with its own credential. */
    public JsonNode ask(LabNode manager, String... arguments) {
        List<String> whole = new ArrayList<>(List.of(arguments));
        whole.addAll(List.of("--data", manager.data().toString()));
        return program.ask(manager.host(), whole);
    }

    /** A token for so many joins. */
    public Issued createToken(LabNode manager, String role, int uses) {
        JsonNode answer =
                ask(manager, "token", "create", "--role", role, "--ttl", "1h", "--uses", Integer.toString(uses));
        return new Issued(answer.path("id").asString(""), answer.path("token").asString(""));
    }

    /** A new token: its name, and what admits. */
    public record Issued(String id, String token) {
        @Override
        public String toString() {
            return "Issued[" + id + "]";
        }
    }

    /** Who leads, as one manager sees it. */
    public LabNode leader(LabNode asked) {
        String name = ask(asked, "status").path("leader").path("name").asString("");
        if (name.isEmpty()) {
            throw new LabException(asked + " knows no leader");
        }
        return node(name);
    }
}
