package io.wgfabric.agent.wireguard;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.wgfabric.api.Address;
import io.wgfabric.api.Endpoint;
import io.wgfabric.api.Prefix;
import io.wgfabric.api.PublicKey;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Assumptions;

/**
 * Nodes in network namespaces of their own, on one bridge. All namespaces share the folder of the userspace sockets, so
 * the names of their interfaces differ. Everything that it makes goes away with {@link #close}, also when the JVM ends
 * before.
 */
final class Lab implements AutoCloseable {
    private static final SecureRandom RANDOM = new SecureRandom();
    private static final Path SOCKETS = Path.of("/var/run/wireguard");
    private static final List<Prefix> POOLS = List.of(Prefix.parse("100.64.0.0/16"), Prefix.parse("fd77:1::/48"));

    private static final int SWITCH = 254;

    /** Longer than the 15 s after which WireGuard doubts a session that gets no answer, and its first retry. */
    private static final Duration PATIENCE = Duration.ofSeconds(45);

    private final Commands host = new Commands(List.of());
    private final String tag = "w" + Integer.toHexString(0x1000 + RANDOM.nextInt(0xf000));
    private final String bridge = tag + "-sw";
    private final List<Node> nodes = new ArrayList<>();
    private final Set<Node> left = new HashSet<>();
    private final Thread onExit = new Thread(this::removeAll);
    private final Map<String, Integer> pairPlanes = new HashMap<>();
    private final boolean v6Only;

    private Lab(boolean v6Only) {
        this.v6Only = v6Only;
    }

    /** Skips the test where it cannot run. */
    static Lab openOrSkip() {
        return openOrSkip(false);
    }

    /** The same whose hosts have nothing but IPv6 below the overlay. */
    static Lab openV6OrSkip() {
        return openOrSkip(true);
    }

    private static Lab openOrSkip(boolean v6Only) {
        for (String program : List.of("ip", "wg", "wireguard-go", "ping", "sh", "setpriv")) {
            Assumptions.assumeTrue(Commands.locate(program) != null, "skipped: '" + program + "' is not installed");
        }
        Assumptions.assumeTrue(Files.exists(Path.of("/dev/net/tun")), "skipped: /dev/net/tun is missing");
        Lab lab = new Lab(v6Only);
        Commands.Output made = lab.host.run("ip", "netns", "add", lab.bridge);
        Assumptions.assumeTrue(made.ok(), "skipped: cannot make network namespaces: " + made.reason());
        Runtime.getRuntime().addShutdownHook(lab.onExit);
        lab.run(lab.bridge, "ip", "link", "add", "br0", "type", "bridge");
        lab.addAddress(lab.bridge, SWITCH, "br0");
        lab.run(lab.bridge, "ip", "link", "set", "br0", "up");
        return lab;
    }

    /** A node that is not part of the network yet; its tunnel is opened with the first use. */
    Node add(String id) {
        int number = nodes.size() + 1;
        Node node = new Node(id, number, tag + "-" + id);
        String port = "v" + number;
        check(host.run("ip", "netns", "add", node.namespace));
        run(bridge, "ip", "link", "add", port, "type", "veth", "peer", "name", "eth0", "netns", node.namespace);
        run(bridge, "ip", "link", "set", port, "master", "br0", "up");
        run(node.namespace, "ip", "link", "set", "lo", "up");
        addAddress(node.namespace, number, "eth0");
        run(node.namespace, "ip", "link", "set", "eth0", "up");
        // The kernel may take a second to notice a new carrier, and until then drops what is sent.
        Awaitility.await().until(() -> node.lostOf(1, underlay(SWITCH)) == 0);
        nodes.add(node);
        return node;
    }

    private Address underlay(int number) {
        return Address.parse((v6Only ? "fd99::" : "10.99.0.") + number);
    }

    private void addAddress(String namespace, int number, String device) {
        String address = underlay(number) + (v6Only ? "/64" : "/24");
        List<String> command = new ArrayList<>(List.of("ip", "addr", "add", address, "dev", device));
        if (v6Only) {
            command.add("nodad");
        }
        run(namespace, command.toArray(String[]::new));
    }

    /** Takes a node out of what the others are told; its namespace stays until the end. */
    void remove(Node node) {
        left.add(node);
    }

    /** A second node in the namespace of another one, with the same listen port; nobody is told of it. */
    Node roommate(Node host, String id) {
        Node node = new Node(id, 200, host.namespace);
        left.add(node);
        return node;
    }

    private Commands.Output run(String namespace, String... command) {
        List<String> whole = new ArrayList<>(List.of("ip", "netns", "exec", namespace));
        whole.addAll(List.of(command));
        return check(host.run(whole, new byte[0]));
    }

    private static Commands.Output check(Commands.Output output) {
        assertTrue(output.ok(), output::reason);
        return output;
    }

    /** Says on which plane a pair shall be; plane 0 if never said. */
    void putPair(Node first, Node second, int plane) {
        pairPlanes.put(pair(first, second), plane);
    }

    private static String pair(Node first, Node second) {
        return first.id.compareTo(second.id) < 0 ? first.id + second.id : second.id + first.id;
    }

    /** Reconciles every node, responders before initiators, again and again until all are settled at once. */
    void settle() {
        Awaitility.await()
                .atMost(PATIENCE)
                .pollDelay(Duration.ZERO)
                .pollInterval(Duration.ofMillis(20))
                .until(() -> {
                    boolean settled = true;
                    for (int i = nodes.size() - 1; i >= 0; i--) {
                        settled &= nodes.get(i).reconcile().settled();
                    }
                    return settled;
                });
    }

    /** Reconciles every node until none has anything to do, though some may wait for a handshake. */
    void applyAll() {
        nodes.forEach(Node::reconcile);
        nodes.forEach(node -> assertEquals(List.of(), node.reconcile().changes()));
    }

    /** Makes an interface of another kind with the name that the node will want. */
    void occupyName(Node node) {
        run(node.namespace, "ip", "tuntap", "add", "dev", node.interfaceName, "mode", "tun");
    }

    /** The name of an interface that is no node's and goes with the lab. */
    String foreignName() {
        return tag + "vpn";
    }

    @Override
    public void close() {
        removeAll();
        Runtime.getRuntime().removeShutdownHook(onExit);
    }

    private void removeAll() {
        for (Node node : nodes) {
            node.processes("").forEach(ProcessHandle::destroyForcibly);
            host.run("ip", "netns", "del", node.namespace);
        }
        host.run("ip", "netns", "del", bridge);
        try (Stream<Path> sockets = Files.isDirectory(SOCKETS) ? Files.list(SOCKETS) : Stream.empty()) {
            for (Path socket : sockets.toList()) {
                if (socket.getFileName().toString().startsWith(tag)) {
                    Files.deleteIfExists(socket);
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** A node of the lab, and what it publishes to the others. */
    final class Node {
        final String id;
        final String namespace;
        final String interfaceName;
        final Address v4;
        final Address v6;
        final Address underlay;
        final Set<PublicKey> ownKeys = new HashSet<>();
        PlaneKey main;

        @Nullable PlaneKey spare;

        /** Of all its pairs; null while it does not know it. */
        @Nullable PresharedKey preshared = PresharedKey.NONE;

        private @Nullable Tunnel tunnel;

        Node(String id, int number, String namespace) {
            this.id = id;
            this.namespace = namespace;
            this.interfaceName = tag + id + "0";
            this.v4 = Address.parse("100.64.0." + number);
            this.v6 = Address.parse("fd77:1::" + number);
            this.underlay = Lab.this.underlay(number);
            this.main = newKey(51820);
        }

        PlaneKey newKey(int port) {
            PrivateKey key = PrivateKey.generate(RANDOM);
            ownKeys.add(key.publicKey());
            return new PlaneKey(key, port);
        }

        List<String> prefix() {
            return List.of("ip", "netns", "exec", namespace);
        }

        Tunnel tunnel() {
            if (tunnel == null) {
                tunnel = Tunnels.open(interfaceName, ownKeys, prefix());
            }
            return tunnel;
        }

        void useTunnel(Tunnel other) {
            tunnel = other;
        }

        Plan reconcile() {
            return reconcile(Instant.now());
        }

        /** As it will be once no session is alive that nobody used. */
        void outliveSessions() {
            reconcile(Instant.now().plus(ActualPeer.SESSION_LIFETIME).plusSeconds(1));
        }

        private Plan reconcile(Instant now) {
            Plan plan = Reconciler.reconcile(desired(), tunnel().read(), now);
            tunnel().apply(plan.changes());
            return plan;
        }

        DesiredNetwork desired() {
            List<DesiredPeer> peers = new ArrayList<>();
            for (Node other : nodes) {
                if (other != this && !left.contains(other)) {
                    peers.add(peer(other));
                }
            }
            return new DesiredNetwork(List.of(v4, v6), POOLS, DesiredNetwork.DEFAULT_MTU, main, spare, peers);
        }

        private DesiredPeer peer(Node other) {
            PlaneKey second = other.spare;
            return new DesiredPeer(
                    other.id,
                    Set.of(other.v4.toPrefix(), other.v6.toPrefix()),
                    other.main.privateKey().publicKey(),
                    second == null ? null : second.privateKey().publicKey(),
                    pairPlanes.getOrDefault(pair(this, other), ActualNetwork.MAIN),
                    id.compareTo(other.id) < 0,
                    new Endpoint(other.underlay, other.main.listenPort()),
                    second == null ? null : new Endpoint(other.underlay, second.listenPort()),
                    25,
                    preshared,
                    preshared);
        }

        /** The processes in this namespace whose command line has this word. */
        List<ProcessHandle> processes(String word) {
            return host.run("ip", "netns", "pids", namespace)
                    .text()
                    .lines()
                    .map(line -> ProcessHandle.of(Long.parseLong(line.strip())))
                    .flatMap(handle -> handle.stream())
                    .filter(handle -> handle.info().commandLine().orElse("").contains(word))
                    .toList();
        }

        /** Runs a command in this namespace, which must succeed; answers what it wrote. */
        String run(String... command) {
            return Lab.this.run(namespace, command).text();
        }

        void awaitPing(Address target) {
            Awaitility.await().atMost(PATIENCE).until(() -> lostOf(1, target) == 0);
        }

        /** A hundred echo requests a second, until it is stopped. */
        Traffic startTraffic(Address target) {
            try {
                Path log = Files.createTempFile(namespace, ".ping");
                Process process = start(List.of("-i", "0.01"), target, log);
                return new Traffic(process, log);
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }

        /** How many of so many echo requests, a hundred a second, get no answer within a second. */
        int lostOf(int count, Address target) {
            Commands.Output output = host.run(
                    "ip",
                    "netns",
                    "exec",
                    namespace,
                    "ping",
                    "-n",
                    "-q",
                    "-i",
                    "0.01",
                    "-W",
                    "1",
                    "-c",
                    Integer.toString(count),
                    target.toString());
            return count - Traffic.number(Traffic.RECEIVED, output.text());
        }

        private Process start(List<String> options, Address target, Path log) throws IOException {
            List<String> command = new ArrayList<>(prefix());
            command.addAll(List.of("ping", "-n"));
            command.addAll(options);
            command.add(target.toString());
            return new ProcessBuilder(command)
                    .redirectErrorStream(true)
                    .redirectOutput(log.toFile())
                    .start();
        }
    }

    /** Echo requests that go on while something else happens. */
    record Traffic(Process process, Path log) {
        private static final Pattern SEQUENCE = Pattern.compile("bytes from .* icmp_seq=(\\d+)");
        private static final Pattern SENT = Pattern.compile("(\\d+) packets transmitted");
        private static final Pattern RECEIVED = Pattern.compile("(\\d+) received");

        /** Ends it; the one request that may be on its way is not counted. */
        Counted stop() {
            try {
                new ProcessBuilder("sh", "-c", "kill -INT " + process.pid())
                        .start()
                        .waitFor();
                process.waitFor();
                String text = Files.readString(log);
                Files.delete(log);
                Set<Integer> answered = new TreeSet<>();
                SEQUENCE.matcher(text).results().forEach(match -> answered.add(Integer.parseInt(match.group(1))));
                int sent = number(SENT, text);
                int last = answered.stream().reduce(0, Math::max);
                return new Counted(sent, last - answered.size() + Math.max(0, sent - last - 1));
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new IllegalStateException(e);
            }
        }

        private static int number(Pattern pattern, String text) {
            Matcher matcher = pattern.matcher(text);
            assertTrue(matcher.find(), text);
            return Integer.parseInt(matcher.group(1));
        }
    }

    /** What a traffic counted. */
    record Counted(int sent, int lost) {}
}
