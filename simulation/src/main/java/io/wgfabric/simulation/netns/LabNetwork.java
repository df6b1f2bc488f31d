package io.wgfabric.simulation.netns;

import io.wgfabric.api.Address;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BiConsumer;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * A network of hosts, each in a network namespace of its own. What connects them is in a namespace as well, so that the
 * machine itself gets no address, no route and no interface. All of it goes away with {@link #close}, also when the
 * process ends before, and with the next lab if the process was killed.
 *
 * <pre>{@code
 * try (LabNetwork network = LabNetwork.open(LabNetwork.Layout.BRIDGE)) {
 *     LabHost one = network.add("one", Address.parse("10.77.0.1"));
 *     LabHost two = network.add("two", Address.parse("10.77.0.2"));
 *     Set<Address> silent = one.unreachable(List.of(two.address()));
 * }
 * }</pre>
 *
 * Thread-safe. Needs root and {@code ip}; {@link #whyNot} says what is missing.
 */
public final class LabNetwork implements AutoCloseable {
    /** Where userspace WireGuard has its sockets, on every host; no option of it changes that. */
    static final String SOCKETS = "/var/run/wireguard";

    private static final String NET = "net";
    private static final int PREFIX_BITS = 16;
    /** What a router of a lab is to those behind it; its own way out has another address. */
    private static final Address INNER = Address.parse("169.254.2.1");

    private static final Address INNER_V6 = Address.parse("fd00:169:254:2::1");
    private static final Address GATEWAY_V6 = Address.parse("fd00:169:254::1");
    private static final Address GATEWAY = Address.parse("169.254.1.1");
    private static final Duration CARRIER_LIMIT = Duration.ofSeconds(5);
    private static final long POLL_NANOS = TimeUnit.MILLISECONDS.toNanos(10);

    /** More hosts than that, all talking, fill the neighbour table that all namespaces of a machine share. */
    private static final int BRIDGE_HOSTS = 30;

    /** How the hosts are connected. */
    public enum Layout {
        /** One broadcast domain. */
        BRIDGE,
        /** A router with a line to each host: for many hosts. */
        ROUTED;

        public static Layout forHosts(int count) {
            return count <= BRIDGE_HOSTS ? BRIDGE : ROUTED;
        }
    }

    /** What a closed network took with it. */
    public record Removal(int namespaces, int processes) {}

    private final LabId id = LabId.next();
    private final Layout layout;
    private final Path folder;
    private final List<LabHost> hosts = new ArrayList<>();
    private final Map<LabHost, String> ports = new HashMap<>();
    private final Map<LabHost, LabHost> routers = new HashMap<>();
    private final AtomicInteger logs = new AtomicInteger();
    private final Thread hook = new Thread(this::atExit, "lab-removal");
    private volatile Runnable onExit = this::remove;
    private boolean closed;
    private @Nullable Removal removal;
    private volatile boolean keepsLogs;

    private LabNetwork(Layout layout, Path folder) {
        this.layout = layout;
        this.folder = folder;
    }

    /** Why there can be no such network here; empty if there can be. */
    public static Optional<String> whyNot() {
        if (!System.getProperty("os.name", "").startsWith("Linux")) {
            return Optional.of("network namespaces exist on Linux only");
        }
        for (String program : List.of("ip", "ping", "mount", "setsid", "sh")) {
            if (!Shell.has(program)) {
                return Optional.of("'" + program + "' is not installed");
            }
        }
        LabId probe = LabId.next();
        Shell.Result made = Shell.run("ip", "netns", "add", probe.namespace(NET));
        Shell.run("ip", "netns", "del", probe.namespace(NET));
        return made.ok() ? Optional.empty() : Optional.of("cannot make network namespaces: " + made.reason());
    }

    /** @throws LabException if this machine or the rights of this process do not allow it */
    public static LabNetwork open(Layout layout) {
        LabNetwork network;
        try {
            network = new LabNetwork(layout, Files.createTempDirectory("fabric-lab-"));
            Files.createDirectories(network.folder.resolve("logs"));
        } catch (IOException e) {
            throw new LabException("cannot make a temporary folder: " + e.getMessage(), e);
        }
        LabRegister.add(network.id, network.folder);
        Runtime.getRuntime().addShutdownHook(network.hook);
        try {
            network.build();
        } catch (LabException e) {
            network.close();
            throw e;
        }
        return network;
    }

    /**
     * Removes what labs left that were killed.
     *
     * @return how many there were
     */
    public static int sweep() {
        List<LabRegister.Remains> abandoned = LabRegister.abandoned();
        for (LabRegister.Remains remains : abandoned) {
            Namespaces.remove(namespaces(remains.id()));
            Trees.delete(remains.folder());
            LabRegister.remove(remains.id());
        }
        return abandoned.size();
    }

    private static List<String> namespaces(LabId id) {
        return Namespaces.all().stream()
                .filter(name -> LabId.ofNamespace(name).equals(Optional.of(id)))
                .toList();
    }

    private void build() {
        Shell.require("ip", "netns", "add", id.namespace(NET));
        net("link", "set", "lo", "up");
        if (layout == Layout.BRIDGE) {
            net("link", "add", "bridge", "type", "bridge");
            net("link", "set", "bridge", "up");
        } else {
            Shell.require(
                    "ip", "netns", "exec", id.namespace(NET), "sh", "-c", "echo 1 >/proc/sys/net/ipv4/ip_forward");
        }
    }

    private void net(String... arguments) {
        ip(id.namespace(NET), arguments);
    }

    private static void ip(String namespace, String... arguments) {
        List<String> command = new ArrayList<>(List.of("ip", "-n", namespace));
        command.addAll(List.of(arguments));
        Shell.require(command.toArray(String[]::new));
    }

    public LabId id() {
        return id;
    }

    /** A temporary folder that goes away with the network; only its owner enters. */
    public Path folder() {
        return folder;
    }

    /** Where the hosts' programs write. */
    public Path logs() {
        return folder.resolve("logs");
    }

    Path newLog(String name) {
        return logs().resolve(name + "-" + logs.incrementAndGet() + ".log");
    }

    /** Whether the logs stay when the rest goes; if not said, they do not. */
    public void keepLogs(boolean keep) {
        keepsLogs = keep;
    }

    /** What is done if the process ends while the network is open, such as by Ctrl-C; it shall remove the network. */
    public void onExit(Runnable action) {
        onExit = action;
    }

    private void atExit() {
        onExit.run();
    }

    /**
     * Adds a host and waits until its line carries.
     *
     * @param name short, unique in this network, of letters and digits
     * @param address an IPv4 address; with {@link Layout#BRIDGE} all are of one /16
     */
    public LabHost add(String name, Address address) {
        LabHost host = made(name, address, this::connect);
        awaitCarrier(host);
        return host;
    }

    /**
     * Adds a host that is reached through another one alone, which routes; a NAT is put there by {@link Nat}.
     *
     * @param router a host of this network with {@link Layout#ROUTED}
     */
    public LabHost addBehind(LabHost router, String name, Address address) {
        LabHost host = made(name, address, (added, port) -> connectBehind(router, added, port));
        awaitCarrier(host);
        return host;
    }

    private synchronized LabHost made(String name, Address address, BiConsumer<LabHost, String> line) {
        requireOpen();
        Path sockets = folder.resolve("sockets").resolve(name);
        try {
            Files.createDirectories(sockets);
        } catch (IOException e) {
            throw new LabException("cannot make " + sockets + ": " + e.getMessage(), e);
        }
        LabHost host = new LabHost(this, name, address, sockets);
        Shell.require("ip", "netns", "add", host.namespace());
        hosts.add(host);
        String port = "v" + hosts.size();
        ports.put(host, port);
        line.accept(host, port);
        return host;
    }

    private void connectBehind(LabHost router, LabHost host, String port) {
        routers.put(host, router);
        ip(router.namespace(), "link", "add", port, "type", "veth", "peer", "name", "eth0", "netns", host.namespace());
        router.require("sh", "-c", "echo 1 >/proc/sys/net/ipv4/ip_forward");
        ip(host.namespace(), "link", "set", "lo", "up");
        ip(host.namespace(), "link", "set", "eth0", "up");
        route(router.namespace(), port, host, host.address());
    }

    /** Takes from a host behind a router its default route: it answers its router alone. */
    public synchronized void answerRouterAlone(LabHost host) {
        ip(host.namespace(), "route", "del", "default");
        ip(host.namespace(), "route", "add", INNER.toPrefix().toString(), "dev", "eth0");
    }

    /** The line between a router and a host gets the host's address. */
    private static void route(String router, String port, LabHost host, Address address) {
        boolean behind = !router.equals(host.network().id().namespace(NET));
        Address gateway = address.isV4() ? (behind ? INNER : GATEWAY) : (behind ? INNER_V6 : GATEWAY_V6);
        ip(router, "link", "set", port, "up");
        ip(router, "addr", "replace", gateway.toPrefix().toString(), "dev", port);
        ip(router, "route", "replace", address.toPrefix().toString(), "dev", port);
        ip(host.namespace(), "addr", "add", address.toPrefix().toString(), "dev", "eth0");
        ip(host.namespace(), "route", "replace", "default", "via", gateway.toString(), "dev", "eth0", "onlink");
    }

    /** Gives a host one more address, of either family; only with {@link Layout#ROUTED}, behind one router at most. */
    public synchronized void addAddress(LabHost host, Address address) {
        String port = String.valueOf(ports.get(host));
        LabHost router = routers.get(host);
        if (router == null) {
            allowV6(id.namespace(NET));
            route(id.namespace(NET), port, host, address);
            return;
        }
        allowV6(id.namespace(NET));
        allowV6(router.namespace());
        route(router.namespace(), port, host, address);
        String outside = String.valueOf(ports.get(router));
        net("addr", "replace", GATEWAY_V6.toPrefix().toString(), "dev", outside);
        net("route", "replace", address.toPrefix().toString(), "dev", outside);
        ip(router.namespace(), "route", "replace", "default", "via", GATEWAY_V6.toString(), "dev", "eth0", "onlink");
        // Outside the address seems to be on the line (RFC 4389): the router has to answer for it.
        router.require("sh", "-c", "echo 1 >/proc/sys/net/ipv6/conf/eth0/proxy_ndp");
        ip(router.namespace(), "-6", "neigh", "add", "proxy", address.toString(), "dev", "eth0");
    }

    /** Takes an address from a host again. */
    public synchronized void removeAddress(LabHost host, Address address) {
        ip(host.namespace(), "addr", "del", address.toPrefix().toString(), "dev", "eth0");
        net("route", "del", address.toPrefix().toString());
    }

    private static void allowV6(String namespace) {
        Shell.require("ip", "netns", "exec", namespace, "sh", "-c", "echo 1 >/proc/sys/net/ipv6/conf/all/forwarding");
    }

    private void connect(LabHost host, String port) {
        String namespace = host.namespace();
        net("link", "add", port, "type", "veth", "peer", "name", "eth0", "netns", namespace);
        ip(namespace, "link", "set", "lo", "up");
        ip(namespace, "link", "set", "eth0", "up");
        if (layout == Layout.BRIDGE) {
            net("link", "set", port, "master", "bridge", "up");
            ip(namespace, "addr", "add", host.address() + "/" + PREFIX_BITS, "dev", "eth0");
        } else {
            net("link", "set", port, "up");
            net("addr", "add", GATEWAY + "/32", "dev", port);
            net("route", "add", host.address() + "/32", "dev", port);
            ip(namespace, "addr", "add", host.address() + "/32", "dev", "eth0");
            ip(namespace, "route", "add", "default", "via", GATEWAY.toString(), "dev", "eth0", "onlink");
        }
    }

    /** The kernel may take a second to notice a new carrier, and until then drops what is sent. */
    private static void awaitCarrier(LabHost host) {
        long deadline = System.nanoTime() + CARRIER_LIMIT.toNanos();
        while (!Shell.require("ip", "-n", host.namespace(), "-o", "link", "show", "eth0")
                .out()
                .contains("state UP")) {
            if (System.nanoTime() > deadline) {
                throw new LabException("the line of " + host + " gets no carrier");
            }
            LockSupport.parkNanos(POLL_NANOS);
        }
    }

    /** Whether a host can have WireGuard interfaces of the kernel. */
    public boolean kernelHasWireGuard() {
        Shell.Result made = Shell.run("ip", "-n", id.namespace(NET), "link", "add", "probe", "type", "wireguard");
        Shell.run("ip", "-n", id.namespace(NET), "link", "del", "probe");
        return made.ok();
    }

    public synchronized List<LabHost> hosts() {
        return List.copyOf(hosts);
    }

    synchronized void requireOpen() {
        if (closed) {
            throw new LabException("the lab is closed");
        }
    }

    /** Nothing is started any more once the removal has begun. */
    synchronized Process start(Supplier<Process> launch) {
        requireOpen();
        return launch.get();
    }

    /** As {@link #close}, and says what went, also when it went before. */
    public synchronized Removal remove() {
        Removal before = removal;
        if (before != null) {
            return before;
        }
        closed = true;
        List<String> namespaces = namespaces(id);
        int processes = Namespaces.remove(namespaces);
        removeFolder();
        LabRegister.remove(id);
        Removal gone = new Removal(namespaces.size(), processes);
        removal = gone;
        return gone;
    }

    /** What a closed network should have taken with it but did not; empty if all went. */
    public List<String> leftovers() {
        List<String> left = new ArrayList<>(namespaces(id));
        if (Files.exists(folder) && !keepsLogs) {
            left.add(folder.toString());
        }
        return left;
    }

    private void removeFolder() {
        if (!keepsLogs) {
            Trees.delete(folder);
            return;
        }
        try (Stream<Path> content = Files.list(folder)) {
            content.filter(path -> !path.equals(logs())).forEach(Trees::delete);
        } catch (IOException e) {
            throw new LabException("cannot remove what is in " + folder + ": " + e.getMessage(), e);
        }
    }

    /** Ends every process of its hosts and removes all that was made. Repeatable. */
    @Override
    public void close() {
        remove();
        try {
            Runtime.getRuntime().removeShutdownHook(hook);
        } catch (IllegalStateException e) {
            // The process is ending: the hook runs, and finds nothing left to do.
        }
    }
}
