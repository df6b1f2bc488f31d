package io.wgfabric.simulation.containers;

import io.wgfabric.api.Address;
import io.wgfabric.api.Role;
import io.wgfabric.javalin.Version;
import io.wgfabric.simulation.netns.KernelLimits;
import io.wgfabric.simulation.netns.LabException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.opentest4j.TestAbortedException;
import tools.jackson.databind.JsonNode;

/**
 * A fabric in containers on this machine's engine, for tests that kill, hang, cut off and add nodes:
 *
 * <pre>{@code
 * @Test
 * void ordersGoOnWhenTheLeaderDies() {
 *     FabricCluster.assumePossible();
 *     try (FabricCluster fabric = FabricCluster.of(3, 2).start()) {
 *         fabric.leader().kill();
 *         PeerContainer shop = fabric.addPeer();
 *         assertTrue(fabric.awaitMesh().isComplete());
 *         assertEquals(2, shop.overlay().size());
 *     }
 * }
 * }</pre>
 *
 * <p>Needs the images that {@code deploy/images/build} makes, and an engine that grants {@link Privilege#NET_ADMIN}. What
 * is made is removed by {@link #close}; what a killed process left is removed by the next cluster on this machine. The
 * logs of all nodes are kept in {@link #logs}. Blocking; thread-safe.
 */
public final class FabricCluster implements AutoCloseable {
    private static final AtomicInteger NUMBER = new AtomicInteger();
    private static final String REPOSITORY = "wireguard-fabric";
    private static final int MAX_MANAGERS = 7;

    /** Their links grow with the square of that, on one machine. */
    private static final int MAX_NODES = 120;

    private static final int PROGRESS_LINES = 20;
    private static final Duration MESH_LIMIT = Duration.ofSeconds(90);

    /** Until all nodes have followed a change. */
    private static final Duration CHANGE_LIMIT = Duration.ofMinutes(3);

    private static final long POLL_NANOS = TimeUnit.MILLISECONDS.toNanos(100);
    private static final int TOKEN_USES = 10_000;

    /** What a cluster shall be. Not thread-safe. */
    public static final class Plan {
        private final int managers;
        private final int peers;
        private Privilege privilege = Privilege.NET_ADMIN;
        private String tag = Version.text();
        private Consumer<String> progress = line -> {};
        private Path logs = Path.of("target", "containers");

        private Plan(int managers, int peers) {
            if (managers < 1 || managers > MAX_MANAGERS || peers < 0 || managers + peers > MAX_NODES) {
                throw new IllegalArgumentException("a cluster has 1 to " + MAX_MANAGERS + " managers, and at most "
                        + MAX_NODES + " nodes, not " + managers + " managers and " + peers + " peers");
            }
            this.managers = managers;
            this.peers = peers;
        }

        /** {@link Privilege#NET_ADMIN} if not said. */
        public Plan privilege(Privilege wanted) {
            privilege = wanted;
            return this;
        }

        /** Of both images; this library's own version if not said. */
        public Plan tag(String wanted) {
            tag = wanted;
            return this;
        }

        /** Hears in a line what has come about; from several threads. */
        public Plan progress(Consumer<String> listener) {
            progress = listener;
            return this;
        }

        /** Where the nodes' logs are kept; {@code target/containers} if not said. */
        public Plan logs(Path folder) {
            logs = folder;
            return this;
        }

        /**
         * Starts the managers one after another, then the peers some at a time.
         *
         * @throws LabException if there can be no cluster here, or a node does not come up; nothing is left then
         */
        public FabricCluster start() {
            return FabricCluster.start(this);
        }
    }

    private final Plan plan;
    private final String id = "wgfabric-" + ProcessHandle.current().pid() + "-" + NUMBER.incrementAndGet();
    private final Privilege privilege;
    private final Underlay underlay;
    private final List<ManagerContainer> managers = new CopyOnWriteArrayList<>();
    private final List<PeerContainer> peers = new CopyOnWriteArrayList<>();
    private final AtomicInteger peerNumber = new AtomicInteger();
    private final Map<FabricNode<?>, List<Address>> overlays = new ConcurrentHashMap<>();
    private final long began = System.nanoTime();
    private volatile @Nullable JoinToken peerToken;
    private volatile boolean closed;

    private FabricCluster(Plan plan) {
        this.plan = plan;
        this.privilege = settle(plan);
        this.underlay = Underlay.create(id, Engine.labels(id));
    }

    /** @throws IllegalArgumentException if it is too few or too many */
    public static FabricCluster.Plan of(int managers, int peers) {
        return new Plan(managers, peers);
    }

    /** Why there can be no cluster here; empty if there can be. */
    public static Optional<String> whyNot() {
        return Engine.whyNot(List.of(image("manager", Version.text()), image("agent", Version.text())));
    }

    /**
     * Skips the test that calls it where there can be no cluster, and says why; with {@code -Dfabric.engine=required} it
     * fails instead.
     */
    public static void assumePossible() {
        whyNot().ifPresent(why -> {
            if ("required".equals(System.getProperty("fabric.engine"))) {
                throw new LabException(why);
            }
            System.out.println("skipped: " + why);
            throw new TestAbortedException(why);
        });
    }

    private static String image(String node, String tag) {
        return REPOSITORY + "/" + node + ":" + tag;
    }

    private static Privilege settle(Plan plan) {
        if (plan.privilege != Privilege.AUTO) {
            return plan.privilege;
        }
        if (Engine.grantsPrivileged(image("agent", plan.tag))) {
            return Privilege.PRIVILEGED;
        }
        plan.progress.accept("the engine refuses privileged containers: nodes get " + Privilege.NET_ADMIN);
        return Privilege.NET_ADMIN;
    }

    private static FabricCluster start(Plan plan) {
        Engine.whyNot(List.of(image("manager", plan.tag), image("agent", plan.tag)))
                .ifPresent(why -> {
                    throw new LabException(why);
                });
        int swept = Engine.sweep();
        if (swept > 0) {
            plan.progress.accept("removed " + swept + " containers of a process that had been killed");
        }
        KernelLimits.tooLowFor(plan.managers + plan.peers).forEach(plan.progress);
        FabricCluster cluster = new FabricCluster(plan);
        try {
            for (int number = 0; number < plan.managers; number++) {
                cluster.addManager();
            }
            cluster.addPeers(plan.peers);
            return cluster;
        } catch (RuntimeException e) {
            cluster.close();
            throw e;
        }
    }

    /** The name of everything that is this cluster's on the engine. */
    public String id() {
        return id;
    }

    /** Also those that do not run. */
    public List<ManagerContainer> managers() {
        return List.copyOf(managers);
    }

    /** Also those that do not run. */
    public List<PeerContainer> peers() {
        return List.copyOf(peers);
    }

    /** Those whose containers run. */
    public List<FabricNode<?>> running() {
        List<FabricNode<?>> nodes = new ArrayList<>(managers);
        nodes.addAll(peers);
        nodes.removeIf(node -> !node.isRunning());
        return nodes;
    }

    /** Asks all nodes that run, some at a time; in their order. */
    public <R> Map<FabricNode<?>, R> onAll(Function<FabricNode<?>, R> question) {
        List<FabricNode<?>> nodes = running();
        List<R> answers = Parallel.map(nodes, question);
        Map<FabricNode<?>, R> all = new LinkedHashMap<>();
        for (int i = 0; i < nodes.size(); i++) {
            all.put(nodes.get(i), answers.get(i));
        }
        return all;
    }

    private List<ManagerContainer> runningManagers() {
        return managers.stream().filter(ManagerContainer::isRunning).toList();
    }

    /** Founds the cluster, or lets one more manager join it with a token of its own. */
    public ManagerContainer addManager() {
        return managers.isEmpty() ? addManager(null) : addManager(createToken(Role.MGMT, 1));
    }

    /** Lets one more manager join with this token. */
    public synchronized ManagerContainer addManager(@Nullable JoinToken token) {
        int number = managers.size() + 1;
        ManagerContainer manager = new ManagerContainer(
                image("manager", plan.tag), "m" + number, underlay, underlay.address(true, number), privilege, id);
        if (token != null) {
            manager.withToken(token);
        }
        managers.add(manager);
        startNode(manager);
        return manager;
    }

    /** One more peer, with the token of this cluster's peers. */
    public PeerContainer addPeer() {
        return addPeer(peerToken());
    }

    /**
     * One more peer with this token. From its first moment on it asks a manager for an echo.
     *
     * @throws LabException if it is refused, with what the peer said; it is no node of this cluster then
     */
    public PeerContainer addPeer(JoinToken token) {
        return addPeer(token, runningManagers().stream().limit(1).toList());
    }

    /** One more peer, which asks these for an echo from its first moment on, for its {@link PeerContainer#joinTimes}. */
    public PeerContainer addPeer(JoinToken token, List<? extends FabricNode<?>> asked) {
        int number = peerNumber.incrementAndGet();
        PeerContainer peer = new PeerContainer(
                        image("agent", plan.tag),
                        "p" + number,
                        underlay,
                        underlay.address(false, number),
                        privilege,
                        id)
                .withToken(token)
                .watching(v4(asked));
        peers.add(peer);
        try {
            startNode(peer);
            return peer;
        } catch (LabException e) {
            peers.remove(peer);
            saveLog(peer);
            peer.stop();
            throw e;
        }
    }

    /** A node keeps its addresses, so they are read once. */
    private List<Address> v4(List<? extends FabricNode<?>> nodes) {
        List<Address> found = new ArrayList<>();
        for (FabricNode<?> node : nodes) {
            found.addAll(overlays.computeIfAbsent(node, FabricNode::overlay));
        }
        found.removeIf(address -> !address.isV4());
        return found;
    }

    /** So many more peers, some at a time, with the token of this cluster's peers. */
    public List<PeerContainer> addPeers(int count) {
        return count == 0 ? List.of() : addPeers(count, peerToken());
    }

    /** So many more peers with this token, some at a time. */
    public List<PeerContainer> addPeers(int count, JoinToken token) {
        AtomicInteger up = new AtomicInteger();
        List<Integer> numbers = IntStream.range(0, count).boxed().toList();
        return Parallel.map(numbers, number -> {
            PeerContainer peer = addPeer(token);
            int now = up.incrementAndGet();
            if (now == count || now % Math.max(1, count / PROGRESS_LINES) == 0) {
                say(now + " of " + count + " peers are up");
            }
            return peer;
        });
    }

    private synchronized JoinToken peerToken() {
        JoinToken known = peerToken;
        if (known == null) {
            known = createToken(Role.PEER, TOKEN_USES);
            peerToken = known;
        }
        return known;
    }

    private void startNode(FabricNode<?> node) {
        if (closed) {
            throw new LabException(node + " is not started: the cluster is closed");
        }
        try {
            node.start();
        } catch (RuntimeException e) {
            throw reason(e);
        }
        if (node instanceof ManagerContainer) {
            say(node + " is up");
        }
    }

    /** What a node said itself, not what Testcontainers makes of it. */
    private static LabException reason(RuntimeException thrown) {
        for (Throwable each = thrown; each != null; each = each.getCause()) {
            if (each instanceof LabException lab) {
                return lab;
            }
        }
        return new LabException(String.valueOf(thrown.getMessage()), thrown);
    }

    private void say(String what) {
        double seconds = (System.nanoTime() - began) / 1e9;
        plan.progress.accept(String.format(Locale.ROOT, "%6.1f s  %s", seconds, what));
    }

    /** Asks the first manager that runs and answers, trying for a while, since a new leader may have to be elected. */
    public JsonNode ask(String... arguments) {
        LabException last = new LabException("no manager runs");
        long deadline = System.nanoTime() + MESH_LIMIT.toNanos();
        do {
            for (ManagerContainer manager : runningManagers()) {
                try {
                    return manager.ask(arguments);
                } catch (LabException e) {
                    last = e;
                }
            }
            LockSupport.parkNanos(POLL_NANOS);
        } while (System.nanoTime() < deadline);
        throw last;
    }

    /** A token for so many joins within an hour. */
    public JoinToken createToken(Role role, int uses) {
        JsonNode answer =
                ask("token", "create", "--role", role.text(), "--ttl", "1h", "--uses", Integer.toString(uses));
        return new JoinToken(
                answer.path("id").asString(""), answer.path("token").asString(""));
    }

    /** Who leads now. */
    public ManagerContainer leader() {
        String name = ask("status").path("leader").path("name").asString("");
        return managers.stream()
                .filter(manager -> manager.name().equals(name))
                .findFirst()
                .orElseThrow(() -> new LabException("the managers know no leader"));
    }

    /** The public WireGuard keys of both planes by which the managers know a node. */
    public Set<String> keys(FabricNode<?> node) {
        return keys(ask("node", "show", node.name()));
    }

    private static Set<String> keys(JsonNode shown) {
        JsonNode keys = shown.path("keys");
        return Set.of(keys.path("main").asString("main?"), keys.path("spare").asString("spare?"));
    }

    /**
     * Gives a node new keys; returns once all know those alone.
     *
     * @throws LabException if that takes longer than three minutes
     */
    public void rotate(FabricNode<?> node) {
        Set<String> before = keys(node);
        JsonNode unused = ask("node", "rotate", node.name());
        await(node + " has new keys and is at rest", () -> {
            JsonNode shown = ask("node", "show", node.name());
            return shown.path("rotation").asString("").isEmpty()
                    && keys(shown).stream().noneMatch(before::contains);
        });
    }

    /**
     * Until all managers hold the same state; answers which.
     *
     * @throws LabException if that takes longer than three minutes
     */
    public String awaitOneState() {
        Set<String> states = new HashSet<>();
        await("all managers hold the same state", () -> {
            states.clear();
            managers.forEach(manager -> states.add(state(manager)));
            return states.size() == 1;
        });
        return states.iterator().next();
    }

    private static String state(ManagerContainer manager) {
        JsonNode status = manager.ask("status");
        return "revision " + status.path("revision").asLong(-1) + ", digest "
                + status.path("digest").asString("");
    }

    private static void await(String what, BooleanSupplier condition) {
        long deadline = System.nanoTime() + CHANGE_LIMIT.toNanos();
        while (!condition.getAsBoolean()) {
            if (System.nanoTime() > deadline) {
                throw new LabException("not within " + CHANGE_LIMIT.toSeconds() + " s: " + what);
            }
            LockSupport.parkNanos(POLL_NANOS);
        }
    }

    /** Until every node that runs reaches every other, for at most 90 s and one more for each node. */
    public Reachability awaitMesh() {
        List<FabricNode<?>> nodes = running();
        return Reachability.await(nodes, MESH_LIMIT.plusSeconds(nodes.size()));
    }

    /** Where the logs of the nodes are after {@link #close}, and of each that was refused or failed. */
    public Path logs() {
        return plan.logs.resolve(id);
    }

    private void saveLog(FabricNode<?> node) {
        try {
            if (node.getContainerId() != null) {
                Files.createDirectories(logs());
                Files.writeString(logs().resolve(node.name() + ".log"), node.getLogs());
            }
        } catch (IOException | RuntimeException e) {
            say("no log of " + node + ": " + e.getMessage());
        }
    }

    /** What of this cluster the engine still has; nothing after {@link #close}. */
    public List<String> leftovers() {
        return Engine.namesOf(id);
    }

    /** Removes it, also what another thread is about to add. */
    @Override
    public void close() {
        closed = true;
        List<FabricNode<?>> nodes = new ArrayList<>(managers);
        nodes.addAll(peers);
        Parallel.map(nodes, node -> {
            saveLog(node);
            node.stop();
            return node;
        });
        Engine.removeContainers(id);
        underlay.close();
    }
}
