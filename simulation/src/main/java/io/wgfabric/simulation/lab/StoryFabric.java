package io.wgfabric.simulation.lab;

import io.wgfabric.api.Address;
import io.wgfabric.simulation.netns.LabException;
import io.wgfabric.simulation.netns.LabHost;
import io.wgfabric.simulation.netns.LabNetwork;
import io.wgfabric.simulation.netns.Shell;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/** A few managers, and peers as a story wants them, each the real program on a routed line of its own. */
final class StoryFabric implements AutoCloseable {
    static final String INTERFACE = "wgf0";

    /** Of a host on a line of its own. */
    private static final String GATEWAY = "169.254.1.1";

    private static final int JOINS = 4;
    private static final Duration JOIN_LIMIT = Duration.ofSeconds(90);
    private static final Duration LIMIT = Duration.ofSeconds(60);
    private static final long POLL_NANOS = TimeUnit.MILLISECONDS.toNanos(40);

    private final LabNetwork network;
    private final Fleet fleet;
    private Fleet.@Nullable Issued token;

    private StoryFabric(LabNetwork network) {
        this.network = network;
        fleet = new Fleet(network, FabricProgram.ofThisProcess("io.wgfabric.javalin.cli.FabricCommand"));
    }

    /**
     * Starts managers, and what a story needs besides. If either fails, the logs stay.
     *
     * @throws LabException if this machine cannot have a lab
     */
    static <T> T start(int managers, Function<StoryFabric, T> story) {
        new Requirements(text -> {}).provideTools();
        LabNetwork.sweep();
        StoryFabric fabric = new StoryFabric(LabNetwork.open(LabNetwork.Layout.ROUTED));
        try {
            fabric.found(managers);
            return story.apply(fabric);
        } catch (LabException e) {
            String logs = fabric.keepLogs();
            fabric.close();
            throw new LabException(e.getMessage() + "; the logs are in " + logs, e);
        }
    }

    private void found(int managers) {
        new Requirements(text -> {}).provideWireGuard(network);
        LabNode first = fleet.add(true);
        fleet.found(first);
        first.readOverlay();
        while (fleet.managers().size() < managers) {
            LabNode next = fleet.add(true);
            fleet.joinManager(next, fleet.createToken(first, "mgmt", 1).token());
            next.readOverlay();
        }
        token = fleet.createToken(first, "peer", 100);
    }

    LabNetwork network() {
        return network;
    }

    Fleet fleet() {
        return fleet;
    }

    LabNode manager() {
        return fleet.managers().get(0);
    }

    /** A peer that has joined and reaches a manager. A busy machine may need more than one attempt; a repeat continues it. */
    LabNode join(LabHost host) {
        LabNode node = fleet.adopt(host);
        String admits = token == null ? "" : token.token();
        fleet.program().start(node, Fleet.joinArguments(node, admits));
        int[] attempts = {1};
        boolean joined = await(
                () -> {
                    if (!node.isAlive() && attempts[0]++ < JOINS) {
                        fleet.program().start(node, Fleet.joinArguments(node, admits));
                    }
                    return address(node, true) != null && reaches(node, overlay(manager(), true));
                },
                JOIN_LIMIT);
        if (!joined) {
            throw new NodeFailure(node, "does not join");
        }
        return node;
    }

    /** Asks the first manager. */
    JsonNode ask(String... arguments) {
        return fleet.ask(manager(), arguments);
    }

    /** Runs {@code fabric peer …} on a peer's own machine, which must succeed. */
    void peer(LabNode node, String... arguments) {
        List<String> whole = new ArrayList<>(List.of("peer"));
        whole.addAll(List.of(arguments));
        whole.addAll(List.of("--data", node.data().toString()));
        Shell.Result result = fleet.program().run(node.host(), whole);
        if (!result.ok()) {
            throw new NodeFailure(node, "'fabric peer " + arguments[0] + "' failed: " + result.reason());
        }
    }

    /** Rotates a node's keys, and waits for the end; answers how long that took. */
    Duration rotate(LabNode node) {
        long start = System.nanoTime();
        ask("node", "rotate", node.name());
        await(() -> !ask("node", "show", node.name()).has("rotation"), LIMIT.multipliedBy(2));
        return Times.since(start);
    }

    static Address overlay(LabNode node, boolean v4) {
        await(() -> address(node, v4) != null);
        Address found = address(node, v4);
        if (found == null) {
            throw new NodeFailure(node, "has no overlay address");
        }
        return found;
    }

    private static @Nullable Address address(LabNode node, boolean v4) {
        return node.host().interfaces().stream()
                .filter(each -> each.name().equals(INTERFACE))
                .flatMap(each -> each.addresses().stream())
                .filter(address ->
                        address.isV4() == v4 && !address.toInetAddress().isLinkLocalAddress())
                .findFirst()
                .orElse(null);
    }

    static boolean reaches(LabNode node, Address target) {
        return node.host().unreachable(List.of(target)).isEmpty();
    }

    /** Pulls a node's cable. */
    static void unplug(LabNode node) {
        node.host().require("ip", "link", "set", "eth0", "down");
    }

    /** Puts it in again; its default route went with it. */
    static void plugIn(LabNode node) {
        node.host().require("ip", "link", "set", "eth0", "up");
        node.host().require("ip", "route", "replace", "default", "via", GATEWAY, "dev", "eth0", "onlink");
    }

    /** The public key of a node's main plane. */
    static String key(LabNode node) {
        return node.host().run("wg", "show", INTERFACE, "public-key").out().strip();
    }

    /** What a node sends to another one on the main plane, as WireGuard has it. */
    static String allowed(LabNode node, LabNode other) {
        String key = key(other);
        return node.host()
                .run("wg", "show", INTERFACE, "allowed-ips")
                .out()
                .lines()
                .filter(line -> !key.isEmpty() && line.startsWith(key))
                .findFirst()
                .orElse("");
    }

    static boolean await(BooleanSupplier condition) {
        return await(condition, LIMIT);
    }

    static boolean await(BooleanSupplier condition, Duration limit) {
        long deadline = System.nanoTime() + limit.toNanos();
        while (!condition.getAsBoolean()) {
            if (System.nanoTime() > deadline || Thread.currentThread().isInterrupted()) {
                return false;
            }
            LockSupport.parkNanos(POLL_NANOS);
        }
        return true;
    }

    /** Leaves the logs of all nodes behind when it is closed, and says where. */
    String keepLogs() {
        network.keepLogs(true);
        return network.logs().toString();
    }

    @Override
    public void close() {
        network.close();
    }
}
