package io.wgfabric.scale.dataplane;

import io.wgfabric.api.Address;
import io.wgfabric.core.codec.Json;
import io.wgfabric.javalin.server.Settings;
import io.wgfabric.scale.chaos.ManagerProgram;
import io.wgfabric.scale.chaos.Parcel;
import io.wgfabric.scale.chaos.Postman;
import io.wgfabric.simulation.lab.FabricProgram;
import io.wgfabric.simulation.lab.Fleet;
import io.wgfabric.simulation.lab.LabNode;
import io.wgfabric.simulation.netns.LabException;
import io.wgfabric.simulation.netns.LabNetwork;
import io.wgfabric.simulation.netns.Shell;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.stream.StreamSupport;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/**
 * A fabric of real programs in network namespaces, and what is done to it: commands of an operator, and faults. Needs
 * root, wireguard-tools and iperf3, and wireguard-go where the kernel has no WireGuard.
 */
final class DataPlane implements AutoCloseable {
    static final Duration LIMIT = Duration.ofMinutes(2);

    private static final List<String> PROGRAMS = List.of("wg", "iperf3");
    private static final String USERSPACE = "wireguard-go";
    private static final Duration ASK_LIMIT = Duration.ofSeconds(3);
    private static final long POLL_NANOS = TimeUnit.MILLISECONDS.toNanos(50);
    private static final Path REPORTS = Path.of("target", "dataplane");

    private final LabNetwork network;
    private final ManagerProgram program = ManagerProgram.ofThisProcess();
    private final Fleet fleet;
    private final Set<LabNode> removed = new HashSet<>();
    private @Nullable Postman postman;

    private static @Nullable DataPlane shared;

    private DataPlane(LabNetwork network) {
        this.network = network;
        fleet = new Fleet(network, new FabricProgram(program.fabric()));
    }

    /**
     * Three managers and four peers for all suites of this process, since it takes half a minute to make them; it goes
     * away with the process. Each suite leaves them as it found them: all up, nothing rotating.
     */
    static synchronized DataPlane shared() {
        DataPlane known = shared;
        if (known == null) {
            known = open(3, 4);
            shared = known;
        }
        return known;
    }

    /** Returns once every node reaches every other. */
    static DataPlane open(int managers, int peers) {
        LabNetwork.whyNot().ifPresent(why -> {
            throw new LabException("there can be no lab here: " + why);
        });
        PROGRAMS.stream().filter(each -> !Shell.has(each)).findFirst().ifPresent(missing -> {
            throw new LabException("'" + missing + "' is not installed");
        });
        LabNetwork.sweep();
        LabNetwork network = LabNetwork.open(LabNetwork.Layout.forHosts(managers + peers + 1));
        DataPlane plane = new DataPlane(network);
        try {
            if (!network.kernelHasWireGuard() && !Shell.has(USERSPACE)) {
                throw new LabException("this kernel has no WireGuard, and '" + USERSPACE + "' is not installed");
            }
            plane.build(managers, peers);
            return plane;
        } catch (RuntimeException e) {
            network.keepLogs(true);
            network.close();
            throw e;
        }
    }

    private void build(int managers, int peers) {
        LabNode first = fleet.add(true);
        fleet.found(first);
        first.readOverlay();
        postman = new Postman(network.add("c", Address.parse("10.77.9.9"))
                .converse(
                        Map.of(),
                        network.logs().resolve("operator.log"),
                        program.outpost(first.data().resolve("operator.json"))));
        for (int i = 1; i < managers; i++) {
            fleet.joinManager(
                    fleet.add(true), fleet.createToken(first, "mgmt", 1).token());
        }
        String token = fleet.createToken(first, "peer", peers).token();
        for (int i = 0; i < peers; i++) {
            fleet.joinPeer(fleet.add(false), token, first);
        }
        fleet.nodes().forEach(LabNode::readOverlay);
        awaitPairs(fleet.nodes(), LIMIT);
    }

    Fleet fleet() {
        return fleet;
    }

    ManagerProgram program() {
        return program;
    }

    Path logs() {
        return network.logs();
    }

    /** All members, whether they run or not. */
    List<LabNode> nodes() {
        return fleet.nodes().stream().filter(node -> !removed.contains(node)).toList();
    }

    List<LabNode> peers() {
        return nodes().stream().filter(node -> !node.isManager()).toList();
    }

    /** Returns once its agent has ended. */
    void remove(LabNode node) {
        decide("DELETE", "/v1/nodes/" + node.name(), null);
        await("its agent ends", LIMIT, () -> !node.isAlive());
        removed.add(node);
    }

    LabNode node(String name) {
        return fleet.node(name);
    }

    /** The first manager that runs. */
    LabNode manager() {
        return fleet.managers().stream()
                .filter(LabNode::isAlive)
                .findFirst()
                .orElseThrow(() -> new LabException("no manager runs"));
    }

    LabNode leader() {
        return fleet.leader(manager());
    }

    /** Asks one manager as an operator does, once; without the start of another program, which costs half a second. */
    Parcel.Reply ask(LabNode manager, String method, String path, @Nullable Object body) {
        Postman asked = postman;
        if (asked == null) {
            throw new IllegalStateException("there is no manager yet");
        }
        String api = manager.host().address() + ":" + Settings.DEFAULT_PORT;
        return asked.ask(api, method, path, UUID.randomUUID().toString(), body, true, ASK_LIMIT);
    }

    /** @throws LabException if it is refused, or not answered by then */
    JsonNode decide(String method, String path, @Nullable Object body) {
        Parcel.Reply reply = ask(manager(), method, path, body);
        if (reply.status() < 200 || reply.status() > 299) {
            throw new LabException(method + " " + path + ": " + reply.status() + " " + reply.body());
        }
        return Json.mapper().readTree(reply.body().isEmpty() ? "{}" : reply.body());
    }

    /** A node as the managers that run see it; missing while none of them answers. */
    JsonNode show(LabNode node) {
        for (LabNode manager : fleet.managers()) {
            if (manager.isAlive()) {
                Parcel.Reply reply = ask(manager, "GET", "/v1/nodes/" + node.name(), null);
                if (reply.status() == 200) {
                    return Json.mapper().readTree(reply.body());
                }
            }
        }
        return Json.mapper().missingNode();
    }

    /** The public keys of its planes. */
    Set<String> keys(LabNode node) {
        return keys(show(node));
    }

    static Set<String> keys(JsonNode shown) {
        JsonNode keys = shown.path("keys");
        return Set.of(keys.path("main").asString("main?"), keys.path("spare").asString("spare?"));
    }

    /** The phase of the node's rotation; empty at rest, or while no manager answers. */
    String phase(LabNode node) {
        return phase(show(node));
    }

    static String phase(JsonNode shown) {
        return shown.path("rotation").asString("");
    }

    /** @return how long it took */
    static Duration await(String what, Duration limit, BooleanSupplier condition) {
        long start = System.nanoTime();
        while (!condition.getAsBoolean()) {
            if (System.nanoTime() - start > limit.toNanos()) {
                throw new LabException("not within " + limit.toSeconds() + " s: " + what);
            }
            LockSupport.parkNanos(POLL_NANOS);
        }
        return Duration.ofNanos(System.nanoTime() - start);
    }

    /** Waits until every one of the nodes answers every other's echo requests, over IPv4 and IPv6. */
    static Duration awaitPairs(List<LabNode> nodes, Duration limit) {
        Map<LabNode, Set<Address>> open = new ConcurrentHashMap<>();
        for (LabNode node : nodes) {
            Set<Address> targets = new HashSet<>();
            nodes.stream().filter(other -> other != node).forEach(other -> targets.addAll(other.overlay()));
            open.put(node, targets);
        }
        return await("every pair of " + nodes + " reaches each other, open are " + open, limit, () -> {
            open.replaceAll((node, targets) -> node.host().unreachable(targets));
            open.values().removeIf(Set::isEmpty);
            return open.isEmpty();
        });
    }

    /** Kill -9 of its program; the interface stays. */
    static void kill(LabNode node) {
        node.process().destroyForcibly();
        await(node + " ends", LIMIT, () -> !node.isAlive());
    }

    /** Kill -9 of its userspace WireGuard as well, and with it of its interfaces. */
    static void killWireGuard(LabNode node) {
        List<ProcessHandle> tunnels = node.host().processes().stream()
                .filter(each -> each.info().command().orElse("").endsWith(USERSPACE))
                .toList();
        tunnels.forEach(ProcessHandle::destroyForcibly);
        await("WireGuard of " + node + " ends", LIMIT, () -> tunnels.stream().noneMatch(ProcessHandle::isAlive));
    }

    /** Starts it again. */
    void start(LabNode node) {
        if (node.isManager()) {
            fleet.restart(node);
        } else {
            fleet.resume(node);
        }
    }

    /** Starts many again at once: of the managers none serves before there is a majority. */
    void startAll(List<LabNode> nodes) {
        List<CompletableFuture<Void>> starts = nodes.stream()
                .map(node -> CompletableFuture.runAsync(() -> start(node)))
                .toList();
        starts.forEach(CompletableFuture::join);
    }

    /** All nodes as a manager lists them; empty while it answers nothing. */
    List<JsonNode> list() {
        Parcel.Reply reply = ask(manager(), "GET", "/v1/nodes", null);
        if (reply.status() != 200) {
            return List.of();
        }
        JsonNode list = Json.mapper().readTree(reply.body());
        JsonNode items = list.isArray() ? list : list.path("items");
        return StreamSupport.stream(items.spliterator(), false).toList();
    }

    /** Pulls its cable, or plugs it in again. */
    static void plug(LabNode node, boolean in) {
        node.host().require("ip", "link", "set", "eth0", in ? "up" : "down");
    }

    /** Prints, and keeps in the folder of reports. */
    static void report(String name, String text) {
        String whole = "\n" + name + "\n" + text + "\n";
        System.out.print(whole);
        System.out.flush();
        try {
            Files.createDirectories(REPORTS);
            Files.writeString(
                    REPORTS.resolve("report.txt"), whole, StandardOpenOption.CREATE, StandardOpenOption.APPEND);
        } catch (IOException e) {
            throw new LabException("cannot write to " + REPORTS + ": " + e.getMessage(), e);
        }
    }

    /** What failed can be looked at in the logs. */
    void keepLogs() {
        network.keepLogs(true);
    }

    @Override
    public void close() {
        if (postman != null) {
            postman.close();
        }
        network.close();
    }

    /** The words of its program since so many lines. */
    static List<String> words(LabNode node, int since) {
        List<String> all = new ArrayList<>(node.lastWords(Integer.MAX_VALUE));
        return all.subList(Math.min(since, all.size()), all.size());
    }
}
